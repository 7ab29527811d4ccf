"""The worst verdict as a badge: a small SVG of its own, or what shields.io draws one from."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from leakcheck.model.reported import Reported
from leakcheck.model.verdict import Verdict

LABEL: Final = "leakcheck"
_COLOURS: Final = {
    Verdict.LEAK: "c0202b",
    Verdict.ERROR: "7038c4",
    Verdict.INCONCLUSIVE: "8a5d00",
    Verdict.CLEAN: "1a7032",
}
"""White is read on each of them: a contrast of 4.5 or more (WCAG 2.2, AA)."""
_GREY: Final = "57606a"
_KNOWN: Final = "a8470a"
_CHAR_PX: Final = 6
_PADDING_PX: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A word and its colour, six hexadecimal digits."""

    word: str
    colour: str


def badge_of(runs: Iterable[Reported]) -> Badge:
    """Return the badge of the worst verdict; leaks that are all allowed have a word of their own.

    >>> badge_of([])
    Badge(word='nothing checked', colour='57606a')
    """
    found = list(runs)
    counting = {one.verdict for one in found if one.counts}
    for verdict in (Verdict.LEAK, Verdict.ERROR, Verdict.INCONCLUSIVE):
        if verdict in counting:
            return Badge(word=verdict.lower(), colour=_COLOURS[verdict])
    known = sum(not one.counts for one in found)
    if known:
        return Badge(word=f"{known} known leak{'s' if known > 1 else ''}", colour=_KNOWN)
    if not found:
        return Badge(word="nothing checked", colour=_GREY)
    return Badge(word="clean", colour=_COLOURS[Verdict.CLEAN])


def badge_json(badge: Badge) -> str:
    r"""Return the badge as shields.io's endpoint has it.

    >>> badge_json(Badge(word="clean", colour="1a7032"))
    '{"schemaVersion": 1, "label": "leakcheck", "message": "clean", "color": "1a7032"}\n'
    """
    document = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": badge.word,
        "color": badge.colour,
    }
    return json.dumps(document) + "\n"


def badge_svg(badge: Badge) -> str:
    """Return the badge as SVG: read aloud by its title, and legible without its colour."""
    left, right = (len(text) * _CHAR_PX + 2 * _PADDING_PX for text in (LABEL, badge.word))
    said = f"{LABEL}: {badge.word}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" '
        f'role="img" aria-label="{said}"><title>{said}</title>'
        f'<rect width="{left + right}" height="20" rx="3" fill="#{badge.colour}"/>'
        f'<path d="M3 0h{left - 3}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3" fill="#444"/>'
        '<g fill="#fff" text-anchor="middle" font-size="11" '
        'font-family="Verdana,DejaVu Sans,Geneva,sans-serif">'
        f'<text x="{left / 2:g}" y="14" textLength="{left - 2 * _PADDING_PX}">{LABEL}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - 2 * _PADDING_PX}">'
        f"{badge.word}</text></g></svg>\n"
    )
