"""The scores as a table in Markdown."""

from collections.abc import Iterator, Sequence
from typing import Final

from bench.watching.study import Extent, Score, Scores
from leakcheck.model.verdict import Verdict
from leakcheck.watch.levels import median

_MOST_WRONG: Final = 0.05
_FEWEST_FOUND: Final = 0.8
_OURS: Final = "watch"


def table(scores: Scores, extent: Extent, *, date: str, command: str) -> str:
    """Return what every rule did, as text that ends with a new line."""
    return "".join(f"{line}\n" for line in _lines(scores, extent, date, command))


def right(scores: Scores) -> bool:
    """Return whether the watch cried wolf in a twentieth at most, and found four fifths."""
    ours = scores[_OURS]
    clean, leaking = _clean(ours), _leaking(ours)
    return (
        _share(sum(one.early for one in clean), clean) <= _MOST_WRONG
        and _share(sum(len(one.hours) for one in leaking), leaking) >= _FEWEST_FOUND
        and not sum(one.false_clean for one in leaking if one.leaks_from_h == 0)
    )


def _lines(scores: Scores, extent: Extent, date: str, command: str) -> Iterator[str]:
    rules = list(scores)
    yield f"Measured on {date} by `{command}`: {extent.seeds} seeds of each simulated service,"
    yield f"{extent.days:g} days of each, a reading each twenty minutes, a limit of 1 GiB."
    yield ""
    alarms = " | ".join(f"{rule}: false alarms" for rule in rules)
    yield f"| clean service | {alarms} | watch ends at |"
    yield f"|---|{'---|' * (len(rules) + 1)}"
    for rows in zip(*(_clean(scores[rule]) for rule in rules), strict=True):
        alarms = " | ".join(f"{one.early} of {one.runs}" for one in rows)
        yield f"| {rows[0].name} | {alarms} | {_ends(rows[0])} |"
    totals = (_clean(scores[rule]) for rule in rules)
    alarms = " | ".join(_total([one.early for one in some], some) for some in totals)
    yield f"| **all** | {alarms} | |"
    yield ""
    yield f"| leaking service | {' | '.join(f'{rule}: found, after' for rule in rules)} |"
    yield f"|---|{'---|' * len(rules)}"
    for rows in zip(*(_leaking(scores[rule]) for rule in rules), strict=True):
        yield f"| {rows[0].name} | {' | '.join(map(_found, rows))} |"
    totals = (_leaking(scores[rule]) for rule in rules)
    found = " | ".join(_total([len(one.hours) for one in some], some) for some in totals)
    yield f"| **all** | {found} |"
    early = [one for one in _leaking(scores[_OURS]) if one.leaks_from_h]
    yield ""
    yield (
        f"The watch said LEAK before a later leak began in {sum(one.early for one in early)} of "
        f"{sum(one.runs for one in early)}, and CLEAN of a service that leaked in "
        f"{sum(one.false_clean for one in _leaking(scores[_OURS]))} of "
        f"{sum(one.runs for one in _leaking(scores[_OURS]))}."
    )


def _clean(scores: Sequence[Score]) -> list[Score]:
    return [one for one in scores if one.leaks_from_h is None]


def _leaking(scores: Sequence[Score]) -> list[Score]:
    return [one for one in scores if one.leaks_from_h is not None]


def _share(number: int, scores: Sequence[Score]) -> float:
    return number / max(sum(one.runs for one in scores), 1)


def _total(numbers: Sequence[int], scores: Sequence[Score]) -> str:
    return f"**{sum(numbers)} of {sum(one.runs for one in scores)}**"


def _ends(score: Score) -> str:
    counts = {word.value: score.ends.count(word.value) for word in Verdict}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _found(score: Score) -> str:
    early = f", {score.early} before it began" if score.early and score.leaks_from_h else ""
    if not score.hours:
        return f"0 of {score.runs}{early}"
    return f"{len(score.hours)} of {score.runs}, {median(score.hours) / 24:.1f} d{early}"
