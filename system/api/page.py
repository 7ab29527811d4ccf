"""A stored report as one page, and the policy a browser shows it under. Pure."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum

from system.model import Report

__all__ = ["Language", "Page", "page_of"]

_HEAD_END = "</head>"
_BODY_END = "</body>"


class Language(StrEnum):
    """A language that reports are in."""

    GERMAN = "de"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page, and its Content-Security-Policy."""

    html: str
    policy: str


def page_of(report: Report, language: Language) -> Page:
    """Return the report's page in that language, with its stylesheet and script inside.

    The page is shown in an origin of its own (``sandbox`` without ``allow-same-origin``): whatever
    is in it can neither read the service nor act for the reader. It fetches nothing, and only the
    report's own stylesheet and script, named by their hashes, apply.
    """
    english = language is Language.ENGLISH
    html = report.html_content_en if english else report.html_content
    script = _inside(report.js_content_en if english else report.js_content)
    style = _inside(report.css_content)
    head, end, body = html.partition(_HEAD_END)
    main, close, tail = body.rpartition(_BODY_END)
    pieces = (head, f"<style>{style}</style>", end, main, f"<script>{script}</script>", close, tail)
    return Page(
        html="".join(pieces),
        policy=(
            "sandbox allow-scripts; default-src 'none'; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'"
        ),
    )


def _inside(text: str) -> str:
    """Return the text with nothing in it that could end the element it is put into.

    In a string of either language the backslash changes nothing, and elsewhere this is no text.
    """
    return text.replace("</", r"<\/")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
