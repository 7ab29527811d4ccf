"""What GitHub Actions is told of a run on standard output: an annotation at each leaking line."""

from collections.abc import Iterator, Sequence
from typing import Final

from leakcheck.analysis.growing_places import Place, Roots, places
from leakcheck.model.reported import Reported
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict

_MOST: Final = 10
"""GitHub shows so many errors and as many warnings of a step."""
_LEVELS: Final = {
    Verdict.LEAK: "error",
    Verdict.ERROR: "error",
    Verdict.INCONCLUSIVE: "warning",
}
_ESCAPED: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_ESCAPED_IN_PROPERTIES: Final = {**_ESCAPED, ":": "%3A", ",": "%2C"}


def annotations(runs: Sequence[Reported], roots: Roots) -> list[str]:
    """Return the workflow commands that annotate what is not CLEAN, as many as are shown.

    An allowed LEAK is a warning, as INCONCLUSIVE is. Each workload's first line comes before the
    second of any.
    """
    found = sorted(_all(runs, roots), key=lambda one: one[0])
    errors, warnings = (
        [_command(level, place, run) for _, place, run in found if _level(run) == level]
        for level in ("error", "warning")
    )
    return [*errors[:_MOST], *warnings[:_MOST]]


def escaped(text: str) -> str:
    r"""Return a message as a workflow command has it.

    >>> escaped("50 %\n::error::x")
    '50 %25%0A::error::x'
    """
    return "".join(_ESCAPED.get(char, char) for char in text)


def escaped_property(text: str) -> str:
    """Return the value of a property as a workflow command has it.

    >>> escaped_property("a,b=c:d%")
    'a%2Cb=c%3Ad%25'
    """
    return "".join(_ESCAPED_IN_PROPERTIES.get(char, char) for char in text)


def _all(runs: Sequence[Reported], roots: Roots) -> Iterator[tuple[int, Place, Reported]]:
    for run in runs:
        if run.verdict is not Verdict.CLEAN:
            for number, place in enumerate(places(run, roots)):
                yield number, place, run


def _level(run: Reported) -> str:
    return "warning" if run.allowed.passes else _LEVELS[run.verdict]


def _command(level: str, place: Place, run: Reported) -> str:
    known = " (allowed)" if run.allowed.passes else ""
    properties = {
        "file": place.file,
        "line": str(place.line),
        "title": printable(f"{run.verdict}{known}: {run.record.plan.target}"),
    }
    told = ",".join(f"{name}={escaped_property(value)}" for name, value in properties.items())
    said = "; ".join([place.said, *run.allowed.sentences])
    return f"::{level} {told}::{escaped(printable(said))}"
