"""A document as one HTML page that needs nothing beside it: no network, no other file."""

import base64
import hashlib
import importlib
from collections.abc import Callable
from functools import cache
from typing import Final, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leakcheck.model.briefing import Briefing
from leakcheck_reports.charts import Chart
from leakcheck_reports.contents import document_of
from leakcheck_reports.document import kind_of

_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; "
    # Styles stand in the elements of a drawing too, where no hash can allow them.
    "style-src 'unsafe-inline'; "
    "script-src 'sha256-{digest}'"
)


def html_report(briefing: Briefing) -> bytes:
    """Return the report as an HTML page; whatever a record says is text in it and nothing else."""
    templates = _templates()
    script = _own(templates, "sort.js")
    page = templates.get_template("page.html").render(
        document=document_of(briefing),
        policy=_POLICY.format(digest=_digest(script)),
        style=Markup(_own(templates, "page.css")),  # noqa: S704 -- a file of ours
        script=Markup(script),  # noqa: S704 -- likewise
    )
    return page.encode("utf-8", "replace")


def readable(value: object) -> object:
    r"""Return a text without what a page must not hold: control characters, half characters.

    Marks that turn the direction of what follows are among them.

    >>> readable("a\x00b\u202e\udcff"), readable(7)
    ('a\ufffdb\ufffd\ufffd', 7)
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(char if char.isprintable() else _instead(char) for char in value)


def _instead(char: str) -> str:
    return " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"


@cache
def _templates() -> Environment:
    """Return the templates, in which every value is escaped."""
    templates = Environment(
        loader=PackageLoader("leakcheck_reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=readable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"kind_of": kind_of, "drawn": _drawn}
    return templates


def _own(templates: Environment, name: str) -> str:
    """Return a file of ours that goes into the page as it is."""
    loader = cast("PackageLoader", templates.loader)
    return loader.get_source(templates, name)[0]


def _drawn(chart: Chart) -> Markup:
    """Return a chart's drawing, whose few words its maker has escaped."""
    return Markup(drawer()(chart))  # noqa: S704 -- see above


@cache
def drawer() -> Callable[[Chart], str]:
    """Return what draws charts here: matplotlib, or we ourselves where it is not installed."""
    try:
        module = importlib.import_module("leakcheck_reports.inline")
    except ImportError:  # matplotlib is an extra
        module = importlib.import_module("leakcheck_reports.sketch")
    return cast("Callable[[Chart], str]", module.svg_inside)


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
