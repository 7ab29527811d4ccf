"""Counting verdicts, and how far the share of one may lie from what was counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

from scipy.stats import beta

from leakcheck.model.verdict import Verdict

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one trial came to: the verdict and after how many iterations it stood."""

    verdict: Verdict
    iterations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The outcomes of trials of one kind."""

    outcomes: tuple[Outcome, ...]

    @property
    def trials(self) -> int:
        """Return the number of trials."""
        return len(self.outcomes)

    def number(self, verdict: Verdict) -> int:
        """Return how many trials ended with `verdict`."""
        return Counter(one.verdict for one in self.outcomes)[verdict]

    def share(self, verdict: Verdict) -> float:
        """Return the part of trials that ended with `verdict`, 0 where there were none."""
        return self.number(verdict) / self.trials if self.outcomes else 0.0

    def bounds(self, verdict: Verdict) -> tuple[float, float]:
        """Return between which shares of `verdict` the truth lies; see `clopper_pearson`."""
        return clopper_pearson(self.number(verdict), self.trials)

    def median_iterations(self, verdict: Verdict | None = None) -> float | None:
        """Return the median length of trials, of those with `verdict` if one is given."""
        found = [one.iterations for one in self.outcomes if verdict in {None, one.verdict}]
        return median(found) if found else None


def together(tallies: Iterable[Tally]) -> Tally:
    """Return one tally of the outcomes of all."""
    return Tally(outcomes=tuple(one for tally in tallies for one in tally.outcomes))


def clopper_pearson(found: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the one-sided bounds, each at `confidence`, on a share counted as found / trials.

    Exact, by the beta distribution (Clopper and Pearson 1934).

    >>> low, high = clopper_pearson(0, 3000)
    >>> low, round(high, 6)
    (0.0, 0.000998)
    """
    low = float(beta.ppf(1 - confidence, found, trials - found + 1)) if found else 0.0
    high = float(beta.ppf(confidence, found + 1, trials - found)) if found < trials else 1.0
    return low, high
