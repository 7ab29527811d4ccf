"""Lines that open descriptors which stay open, beside those that allocate memory."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from leakcheck.analysis.lines import callers_of, line_index, task_of
from leakcheck.model.explanation import Cause
from leakcheck.model.origins import QUARTERS, Origin, Origins
from leakcheck.model.verdict import Growth

_NEGLIGIBLE: Final = 0.01
_LATE: Final = QUARTERS // 2
_NOTHING: Final = Growth(estimate=0.0, low=0.0, high=0.0, confidence=0.0)


def opening_lines(origins: Origins) -> tuple[tuple[Origin, float], ...]:
    """Return the places that go on opening descriptors, and how many an iteration stay open.

    Some of the third quarter and some of the last must still be there: what is opened once, and
    what is closed some time later, is not. Their rate is that of these two quarters. Less than
    a hundredth of the whole is left out.

    >>> from leakcheck.model.sites import Frame
    >>> line = (Frame(file="jobs.py", line=12, function="tick"),)
    >>> leak = Origin(what="pipe", stack=line, numbers=(0, 40, 50, 50))
    >>> pool = Origin(what="socket", stack=line, numbers=(20, 0, 0, 0))
    >>> newest = Origin(what="file", stack=line, numbers=(0, 0, 0, 30))
    >>> found = opening_lines(Origins(watched=400, descriptors=(leak, pool, newest)))
    >>> [(one.what, pace) for one, pace in found]
    [('pipe', 0.5)]
    """
    found = [(one, _rate(one, origins.watched)) for one in origins.descriptors if _goes_on(one)]
    total = sum(pace for _, pace in found)
    return tuple((one, pace) for one, pace in found if pace >= _NEGLIGIBLE * total)


def unseen_share(origins: Origins) -> float:
    """Return the part of the descriptors of which nobody knows the line.

    >>> unseen_share(Origins(watched=400, unseen=10))
    1.0
    """
    seen = sum(sum(one.numbers) for one in origins.descriptors)
    return origins.unseen / max(1, seen + origins.unseen)


def with_openings(causes: Sequence[Cause], origins: Origins | None) -> tuple[Cause, ...]:
    """Return `causes` with the lines that open descriptors: of one line there is one cause."""
    lines = {cause.line: cause for cause in causes}
    for origin, pace in opening_lines(origins) if origins else ():
        line = origin.stack[line_index(origin.stack)]
        known = lines.get(line) or _opening(origin)
        lines[line] = replace(
            known,
            descriptors_per_iteration=known.descriptors_per_iteration + pace,
            descriptors=known.descriptors or origin.what,
        )
    return tuple(lines.values())


def _goes_on(origin: Origin) -> bool:
    """Return whether what came from a place late in the run is there from each quarter."""
    return bool(origin.stack) and all(origin.numbers[_LATE:])


def _rate(origin: Origin, watched: int) -> float:
    """Return how many an iteration a place has added late in the run."""
    return sum(origin.numbers[_LATE:]) * QUARTERS / ((QUARTERS - _LATE) * max(1, watched))


def _opening(origin: Origin) -> Cause:
    at = line_index(origin.stack)
    return Cause(
        line=origin.stack[at],
        inner=origin.stack[:1] if at else (),
        callers=callers_of(origin.stack),
        task=task_of(origin.stack),
        growth=_NOTHING,
        objects=_NOTHING,
        sites=0,
    )
