"""The rules by which a claim gets its word, all of them, and the figures that they use. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from bench.audit.effects import Effect

__all__ = [
    "AFTER_MB",
    "BEFORE_MB",
    "COLLECTION_S",
    "FELL",
    "MARGIN_BYTES",
    "MARGIN_DESCRIPTORS",
    "PARTS_OF_A_DAY",
    "RULES",
    "STABLE_HOURS",
    "Word",
    "decided",
    "less",
    "near",
    "near_time",
    "touches",
]

MARGIN_BYTES: Final = 200.0
MARGIN_DESCRIPTORS: Final = 4.0
FELL: Final = (0.50, 0.70)
BEFORE_MB: Final[Mapping[int, int]] = {0: 150, 3: 280, 6: 420, 12: 650}
AFTER_MB: Final[Mapping[int, int]] = {0: 150, 3: 165, 6: 170, 12: 175, 24: 180}
STABLE_HOURS: Final = (3, 24)
COLLECTION_S: Final = (0.010, 0.050)
PARTS_OF_A_DAY: Final = {"ticks": 480, "reports": 24, "requests": 480}
_SIZE_TOLERANCE: Final = 0.20
_TIME_FACTOR: Final = 2.0

RULES: Final = (
    (
        "A change *holds* where, on alone or off alone, on any workload it can act on, its whole "
        f"interval is more than {MARGIN_BYTES:.0f} B of growth an iteration below nothing; it "
        "*does not hold* where every interval excludes that much. A report or a client that is "
        "kept is some 20,000 B: the margin is a hundredth of it."
    ),
    f"Connections pile up less where the most descriptors fall by over {MARGIN_DESCRIPTORS:.0f}.",
    (
        "A range that was claimed *holds* where the interval measured touches it, and *does not "
        "hold* where it lies beside it, be it on the better side."
    ),
    (
        f"A curve of sizes *holds* where each point is within {100 * _SIZE_TOLERANCE:.0f} % of "
        "the one claimed."
    ),
    (
        f"Stable is: from hour {STABLE_HOURS[0]} to hour {STABLE_HOURS[1]} the process grows by "
        "no more than the notes' own curve does."
    ),
    (
        "*Killed before 24 h* does not hold where the process is smaller after 24 h than the "
        "notes have it alive. Where it is larger, the word hangs on a limit they do not tell."
    ),
    (
        f"A time *holds* within a factor of {_TIME_FACTOR:.0f} of the range claimed, because "
        "machines differ; it is the fastest of several, which other work disturbs least."
    ),
    (
        "The CPU balance is that of a day: {ticks} ticks, {reports} reports of documented size "
        "and, an assumption, {requests} requests for indices and health. It is positive where a "
        "day of 1.1.0 costs less than one of 1.0.0."
    ).format(**PARTS_OF_A_DAY),
    "The tests show that it works where one of them fails at 1.0.0 and passes at 1.1.0.",
    "What no rule decides, or was not run, is *not measurable here*.",
)


class Word(StrEnum):
    """What is said of a claim."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNKNOWN = "not measurable here"


def decided(*, holds: bool, known: bool = True) -> Word:
    """Return the word for a claim that either holds or does not, where that is known.

    >>> str(decided(holds=True)), str(decided(holds=True, known=False))
    ('holds', 'not measurable here')
    """
    if not known:
        return Word.UNKNOWN
    return Word.HOLDS if holds else Word.FAILS


def less(effects: Sequence[Effect], margin: float) -> Word:
    """Return the word for "there is less of it", by more than a margin, in one trial at least.

    >>> str(less([Effect(estimate=-9.0, low=-10.0, high=-8.0)], margin=4))
    'holds'
    """
    if any(effect.high < -margin for effect in effects):
        return Word.HOLDS
    return decided(holds=False, known=bool(effects) and all(one.low > -margin for one in effects))


def touches(effect: Effect | None, claimed: tuple[float, float]) -> Word:
    """Return the word for a range that was claimed.

    >>> str(touches(Effect(estimate=0.4, low=0.3, high=0.5), (0.5, 0.7)))
    'holds'
    """
    if effect is None:
        return Word.UNKNOWN
    return decided(holds=effect.low <= claimed[1] and effect.high >= claimed[0])


def near(found_mb: Mapping[int, float], claimed_mb: Mapping[int, float]) -> Word:
    """Return the word for a curve of sizes, each by its hour.

    >>> str(near({0: 121.0}, {0: 150.0})), str(near({0: 119.0}, {0: 150.0}))
    ('holds', 'does not hold')
    """
    known = set(claimed_mb) <= set(found_mb)
    return decided(
        known=known,
        holds=known
        and all(
            abs(found_mb[hour] - size) <= _SIZE_TOLERANCE * size
            for hour, size in claimed_mb.items()
        ),
    )


def near_time(seconds: float | None, claimed_s: tuple[float, float]) -> Word:
    """Return the word for a time that was claimed.

    >>> str(near_time(0.009, (0.010, 0.050))), str(near_time(0.2, (0.010, 0.050)))
    ('holds', 'does not hold')
    """
    if seconds is None:
        return Word.UNKNOWN
    low, high = claimed_s
    return decided(holds=low / _TIME_FACTOR <= seconds <= high * _TIME_FACTOR)
