"""How often the trend is wrong, and what it finds: counted on histories whose truth is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.history.simulated import NOISES, track_of, with_drift, with_step
from bench.history.trend.findings import Finding, Form, Rule, Word, findings_in

LENGTHS: Final = (15, 40, 120)
WATCHED: Final = 60
"""How long a history is looked at after each of its commits."""
STEPS: Final = (0.05, 0.1, 0.2, 0.5)
DRIFTS: Final = (0.2, 0.5)
NEAR: Final = 1
"""A change named one commit off is still found where it is."""
_WATCHED_SHARE: Final = 10
"""Of so many histories one is looked at after each of its commits."""
_POWER_NOISE: Final = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """Of so many quiet histories, in how many something was shown, and confirmed."""

    noise: str
    length: int
    histories: int
    shown: int
    confirmed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of so many planted changes, how many were confirmed, and told as what they are.

    A step is told right where its commit is named, a drift where it is called one.
    """

    form: Form
    share: float
    length: int
    histories: int
    confirmed: int
    right: int


def lines_of(histories: int, seed: int) -> Iterator[str]:
    """Yield all that is counted as tables of markdown, line by line."""
    yield "| noise | commits | shown in 1,000 | confirmed in 1,000 |\n|---|---|---|---|"
    for one in alarms(histories, seed):
        yield _row(one, f"{one.length}")
    for one in watched(max(histories // _WATCHED_SHARE, 1), seed):
        yield _row(one, f"after each of {one.length}")
    yield "\n| planted | commits | confirmed | told right |\n|---|---|---|---|"
    for found in powers(histories, seed):
        confirmed, right = (n / found.histories for n in (found.confirmed, found.right))
        name = f"{found.form} of {found.share:.0%}"
        yield f"| {name} | {found.length} | {confirmed:.1%} | {right:.1%} |"


def _row(one: Alarms, commits: str) -> str:
    shown, confirmed = (1000 * n / one.histories for n in (one.shown, one.confirmed))
    return f"| {one.noise} | {commits} | {shown:.0f} | {confirmed:.1f} |"


def alarms(histories: int, seed: int) -> Iterator[Alarms]:
    """Yield what quiet histories come to, noise by noise."""
    for name, noise in NOISES.items():
        for length in LENGTHS:
            random = np.random.default_rng([seed, length])
            found = [findings_in(track_of(noise(random, length)), Rule()) for _ in range(histories)]
            yield Alarms(
                noise=name,
                length=length,
                histories=histories,
                shown=sum(map(bool, found)),
                confirmed=sum(any(_is_confirmed(one) for one in some) for some in found),
            )


def watched(histories: int, seed: int) -> Iterator[Alarms]:
    """Yield in how many quiet histories, looked at after each commit, anything was ever said."""
    for name, noise in NOISES.items():
        random = np.random.default_rng([seed, WATCHED])
        shown = confirmed = 0
        for _ in range(histories):
            logarithms = noise(random, WATCHED)
            words = {
                one.word
                for length in range(LENGTHS[0], WATCHED + 1)
                for one in findings_in(track_of(logarithms[:length]), Rule())
            }
            shown += bool(words)
            confirmed += Word.REGRESSION in words
        yield Alarms(
            noise=name, length=WATCHED, histories=histories, shown=shown, confirmed=confirmed
        )


def powers(histories: int, seed: int) -> Iterator[Found]:
    """Yield what planted changes come to, with ordinary noise."""
    for length in LENGTHS:
        for share in STEPS:
            yield _found(Form.STEP, share, length, histories, seed)
        for share in DRIFTS:
            yield _found(Form.DRIFT, share, length, histories, seed)


def _found(form: Form, share: float, length: int, histories: int, seed: int) -> Found:
    random = np.random.default_rng([seed, length])
    confirmed = right = 0
    for _ in range(histories):
        quiet = NOISES[_POWER_NOISE](random, length)
        at = int(random.integers(length // 3, 2 * length // 3 + 1))
        planted = with_step(quiet, at, share) if form is Form.STEP else with_drift(quiet, share)
        found = [one for one in findings_in(track_of(planted), Rule()) if _is_confirmed(one)]
        confirmed += bool(found)
        right += any(_is_right(one, form, at) for one in found)
    return Found(
        form=form,
        share=share,
        length=length,
        histories=histories,
        confirmed=confirmed,
        right=right,
    )


def _is_confirmed(finding: Finding) -> bool:
    return finding.word is Word.REGRESSION


def _is_right(finding: Finding, form: Form, at: int) -> bool:
    return finding.form is form and (form is Form.DRIFT or abs(finding.index - at) <= NEAR)
