"""Findings in words: the subject, by how much, at which commit, and what is said of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bench.history.facts import Metric
from bench.history.trend.findings import Finding, Form, Rule, Word, amount_text
from bench.history.trend.points import Track
from leakcheck.model.units import format_bytes, format_rate

_EACH: Final = " an iteration"
_HUGE: Final = 10.0
"""Above ten times as much, a factor is easier to read than a share."""


def change_text(finding: Finding) -> str:
    """Return by how much it changed, with its interval."""
    change = finding.change
    if finding.is_share:
        low, high = _share(change.low), _share(change.high)
        return f"{_share(change.estimate)} ({low} to {high} at 99 %)"
    low, high = (
        value_text(finding.track.metric, one).removesuffix(_EACH)
        for one in (change.low, change.high)
    )
    sign = "+" if change.estimate > 0 else ""
    estimate = value_text(finding.track.metric, change.estimate)
    return f"{sign}{estimate} ({low} to {high} at 99 %)"


def sentence(finding: Finding) -> str:
    """Return what is known of a finding, in one line."""
    return f"{finding.word}: {finding.track.name} {details(finding)}"


def details(finding: Finding) -> str:
    """Return by how much it changed, where, and what is to be said of it."""
    return f"{change_text(finding)} {'; '.join(_rest(finding))}"


def _rest(finding: Finding) -> Iterator[str]:
    if finding.form is Form.STEP:
        yield f"at {finding.at.name}, after {finding.before.name}"
    else:
        number = finding.points_after
        yield (
            f"drifting over {number} commits from {finding.before.name} to {finding.at.name}, "
            "no single one of them"
        )
    if finding.versions:
        yield f"at the same time: {', '.join(finding.versions)}"
    if finding.why:
        yield finding.why


def summary(tracks: Sequence[Track], findings: Iterable[Finding], rule: Rule) -> tuple[str, ...]:
    """Return how many tracks there are and what counts as a regression, in a few lines."""
    machines = {track.machine.key for track in tracks}
    words = [finding.word for finding in findings]
    numbers = ", ".join(_counted(words.count(word), word) for word in Word)
    shares = ", ".join(
        f"{metric} {amount_text(metric, least)}" for metric, least in rule.least.items()
    )
    compared = (
        f"figures of {len(machines)} kinds of machine: each has trends of its own, "
        "and none is compared with another's"
    )
    return (
        f"{len(tracks)} tracks: {numbers}",
        (
            f"confirmed is a change of at least {shares}; {rule.points_after} commits or more "
            f"after it; p at most {rule.most_p:g}; and not gone since"
        ),
        *((compared,) if len(machines) > 1 else ()),
    )


def _counted(number: int, word: Word) -> str:
    if word is Word.NOT_CONFIRMED:
        return f"{number} {word}"
    confirmed = "confirmed " if word is Word.REGRESSION else ""
    return f"{number} {confirmed}{word}{'' if number == 1 else 's'}"


def value_text(metric: Metric, value: float) -> str:
    """Return a figure with its unit.

    >>> value_text(Metric.TIME, 0.00123), value_text(Metric.GROWTH, 3)
    ('1.23 ms', '3.0 B an iteration')
    """
    if metric is Metric.TIME:
        return _seconds(value)
    if metric is Metric.PEAK:
        return format_bytes(value)
    if metric is Metric.GROWTH:
        return f"{format_rate(value)}{_EACH}"
    return f"{value:,.0f}"


def _seconds(value: float) -> str:
    for factor, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if abs(value) >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def _share(share: float) -> str:
    if share >= _HUGE:
        return f"{share + 1:,.3g} times"
    return f"{share * 100:+.1f} %"
