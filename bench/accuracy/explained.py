"""Whether a LEAK verdict names the right line and the right holder: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.accuracy.culprit import Culprit


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What is right in the explanation of one LEAK verdict; None for what is not asked of it.

    `shown` is the line that stands first, empty where none is shown. `line` is asked where it can
    be known who makes what leaks, `sentence` where it cannot: no line and a sentence that says why,
    or the right line after all. `wrong` says for each that is wrong what was found and wanted.
    """

    shown: str
    line: bool | None
    sentence: bool | None
    holder: bool | None
    wrong: tuple[str, ...] = ()


def explained(verdict: Mapping[str, Any], culprit: Culprit) -> Explained:
    """Return what is right in `verdict`, one of the file of verdicts.

    >>> culprit = Culprit(file="jobs.py", lines=(12,), holder="SEEN")
    >>> site = {"file": "jobs.py", "line": 12}
    >>> explained({"sites": [site], "held_by": ["jobs.SEEN (module global) -> set"]}, culprit)
    Explained(shown='jobs.py:12', line=True, sentence=None, holder=True, wrong=())
    """
    first = _first_line(verdict)
    sentence = (verdict.get("explanation") or {}).get("no_line") or ""
    at_culprit = first is not None and culprit.is_at(first["file"], first["line"])
    said = at_culprit if first or culprit.has_line else bool(sentence)
    holder = _names_holder(verdict["held_by"], culprit)
    shown = "" if first is None else _place(first)
    wrong = [] if said else [_wrong_line(shown, sentence, culprit)]
    if holder is False:
        wrong.append(_wrong_holder(verdict["held_by"], culprit))
    return Explained(
        shown=shown,
        line=said if culprit.has_line else None,
        sentence=None if culprit.has_line else said,
        holder=holder,
        wrong=tuple(wrong),
    )


def _first_line(verdict: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the line that a reader sees first: the first cause, else the first call site."""
    causes = (verdict.get("explanation") or {}).get("causes")
    lines: Sequence[Mapping[str, Any]] = causes or verdict["sites"]
    return lines[0] if lines else None


def _place(line: Mapping[str, Any]) -> str:
    return "{file}:{line}".format(**line) if line["file"] else "(no Python frame was running)"


def _names_holder(held_by: Sequence[str], culprit: Culprit) -> bool | None:
    """Return whether any chain names the holder, None where there is none to name."""
    return None if culprit.holder is None else any(culprit.holder in one for one in held_by)


def _wrong_line(shown: str, sentence: str, culprit: Culprit) -> str:
    found = shown or f"no line ({sentence or 'and no sentence that says why'})"
    wanted = str(culprit) if culprit.has_line else "no line and a sentence that says why"
    return f"line: found {found}, wanted {wanted}"


def _wrong_holder(held_by: Sequence[str], culprit: Culprit) -> str:
    return f"holder: found {'; '.join(held_by) or 'none'}, wanted {culprit.holder}"
