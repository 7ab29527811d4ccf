"""Findings: a change named by its commit, and whether it is a regression that is confirmed.

A regression is confirmed if all of this holds: its p-value is at most 0.01, so many points came
after it, the change is larger than a stated share (of the level before it; for growth, than
a stated number of bytes), and the newest level is still that much higher than the one before it.
Everything else is shown, and said why it does not count.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique
from statistics import median
from typing import Final

from bench.history.facts import Metric
from bench.history.trend.points import Point, Track
from bench.history.trend.shape import shape_of
from bench.history.trend.shift import Drift, Shift, shift_between
from bench.history.trend.steps import Step
from leakcheck.model.plan import DEFAULT_THRESHOLD_BYTES

CONFIRMED_P: Final = 0.01
POINTS_AFTER: Final = 5


@unique
class Form(StrEnum):
    """How it changed."""

    STEP = "step"
    DRIFT = "drift"


@unique
class Word(StrEnum):
    """What is said of a change."""

    REGRESSION = "regression"
    """Confirmed."""
    NOT_CONFIRMED = "not confirmed"
    IMPROVEMENT = "improvement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """From what change on more is a regression: shares of the earlier level, bytes for growth."""

    least: Mapping[Metric, float] = field(
        default_factory=lambda: {
            Metric.TIME: 0.10,
            Metric.PEAK: 0.05,
            Metric.ALLOCATIONS: 0.05,
            Metric.GROWTH: DEFAULT_THRESHOLD_BYTES,
        }
    )
    points_after: int = POINTS_AFTER
    most_p: float = CONFIRMED_P

    def with_share(self, share: float) -> "Rule":
        """Return the rule with one share for all metrics that have one.

        >>> Rule().with_share(0.2).least[Metric.TIME], Rule().with_share(0.2).least[Metric.GROWTH]
        (0.2, 4.0)
        """
        least = {
            metric: value if metric is Metric.GROWTH else share
            for metric, value in self.least.items()
        }
        return Rule(least=least, points_after=self.points_after, most_p=self.most_p)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A change in a track.

    `before` is the last point of the old level and `at` the first of the new one; for a drift
    its first point and its last. `why` says what keeps it from being a confirmed regression;
    `versions` what else changed between the two, beside the code.
    """

    track: Track
    form: Form
    word: Word
    before: Point
    at: Point
    index: int
    points_after: int
    change: Shift
    is_share: bool
    p_value: float
    why: str = ""
    versions: tuple[str, ...] = ()


def findings_in(track: Track, rule: Rule) -> tuple[Finding, ...]:
    """Return what changed in `track`, the oldest first."""
    is_share = track.metric is not Metric.GROWTH and min(track.values) > 0
    scaled = [math.log(value) for value in track.values] if is_share else list(track.values)
    shape = shape_of(scaled)
    found = [_step(track, rule, step, scaled, is_share=is_share) for step in shape.steps]
    if shape.drift is not None:
        found.append(_drift(track, rule, shape.drift, is_share=is_share))
    return tuple(found)


def _step(
    track: Track, rule: Rule, step: Step, scaled: Sequence[float], *, is_share: bool
) -> Finding:
    before, after = scaled[step.start : step.at], scaled[step.at : step.end]
    shift = shift_between(before, after)
    change = shift.as_share() if is_share else shift
    newest = median(scaled[-rule.points_after :]) - median(before)
    left = math.expm1(newest) if is_share else newest
    lasted = step.end - step.at
    doubts = [*_doubts(track, rule, change, step.p_value, left), *_too_few(lasted, rule)]
    return Finding(
        track=track,
        form=Form.STEP,
        word=_word(change, doubts),
        before=track.points[step.at - 1],
        at=track.points[step.at],
        index=step.at,
        points_after=lasted,
        change=change,
        is_share=is_share,
        p_value=step.p_value,
        why="; ".join(doubts),
        versions=tuple(_changed(track.points[step.at - 1], track.points[step.at])),
    )


def _drift(track: Track, rule: Rule, drift: Drift, *, is_share: bool) -> Finding:
    change = drift.total.as_share() if is_share else drift.total
    doubts = list(_doubts(track, rule, change, drift.p_value, change.estimate))
    first, last = track.points[drift.start], track.points[-1]
    return Finding(
        track=track,
        form=Form.DRIFT,
        word=_word(change, doubts),
        before=first,
        at=last,
        index=drift.start,
        points_after=len(track.points) - drift.start,
        change=change,
        is_share=is_share,
        p_value=drift.p_value,
        why="; ".join(doubts),
        versions=tuple(_changed(first, last)),
    )


def _word(change: Shift, doubts: Sequence[str]) -> Word:
    if change.estimate < 0:
        return Word.IMPROVEMENT
    return Word.NOT_CONFIRMED if doubts else Word.REGRESSION


def _doubts(track: Track, rule: Rule, change: Shift, p_value: float, left: float) -> Iterator[str]:
    """Yield what keeps a change from being a confirmed regression."""
    least = rule.least[track.metric]
    if change.estimate < 0:
        return
    if p_value > rule.most_p:
        yield f"p is {p_value:.2g}, wanted {rule.most_p:g} at most"
    if change.estimate < least:
        yield f"below {amount_text(track.metric, least)}"
    elif left < least:
        yield "gone since"


def _too_few(lasted: int, rule: Rule) -> Iterator[str]:
    if lasted < rule.points_after:
        yield f"{lasted} points at this level, wanted {rule.points_after}"


def _changed(before: Point, at: Point) -> Iterator[str]:
    for name in sorted({*before.versions, *at.versions}):
        old, new = before.versions.get(name, "none"), at.versions.get(name, "none")
        if old != new:
            yield f"{name} {old} to {new}"


def amount_text(metric: Metric, least: float) -> str:
    """Return the least change that counts.

    >>> amount_text(Metric.TIME, 0.1), amount_text(Metric.GROWTH, 4.0)
    ('10 %', '4 B an iteration')
    """
    return f"{least:g} B an iteration" if metric is Metric.GROWTH else f"{least * 100:g} %"
