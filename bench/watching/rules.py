"""What decides: leakcheck's watch, and two rules that operators use."""

import math
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from leakcheck.model.verdict import Verdict
from leakcheck.watch.course import Course
from leakcheck.watch.reading import Reading
from leakcheck.watch.terms import Terms

_HOUR_S: Final = 3600.0
_SHARE: Final = 0.8
_WINDOW_S: Final = 6 * _HOUR_S
_Z: Final = 2.58


class Rule(Protocol):
    """Something that hears every reading and says whether it alerts now."""

    def hears(self, reading: Reading) -> str:
        """Return the verdict's word after a reading, as far as the rule has words."""
        ...


class Watching:
    """leakcheck watch as it comes, with the limit that the service has."""

    def __init__(self, limit_bytes: int) -> None:
        self._course = Course(Terms(limit_bytes=limit_bytes))
        self._word = Verdict.INCONCLUSIVE.value

    def hears(self, reading: Reading) -> str:
        """Return the verdict so far."""
        if self._course.add(reading) and self._course.standing is not None:
            self._word = self._course.standing.verdict.value
        return self._word


class NearLimit:
    """An alert at 80 % of the limit, whatever the reason."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes

    def hears(self, reading: Reading) -> str:
        """Return LEAK while memory is that high."""
        is_high = reading.memory_bytes >= _SHARE * self._limit
        return (Verdict.LEAK if is_high else Verdict.INCONCLUSIVE).value


class Slope:
    """A least-squares line through six hours that rises with a t-value above 2.58."""

    def __init__(self, limit_bytes: int) -> None:
        del limit_bytes
        self._kept: deque[tuple[float, float]] = deque()
        self._life = ""

    def hears(self, reading: Reading) -> str:
        """Return LEAK where the newest six hours of one life rise significantly."""
        if reading.life != self._life:
            self._kept.clear()
            self._life = reading.life
        self._kept.append((reading.at_s, reading.memory_bytes))
        while self._kept[0][0] < reading.at_s - _WINDOW_S:
            self._kept.popleft()
        is_full = reading.at_s - self._kept[0][0] > 0.9 * _WINDOW_S
        leaks = is_full and _t_value([*self._kept]) > _Z
        return (Verdict.LEAK if leaks else Verdict.INCONCLUSIVE).value


RULES: Final[dict[str, Callable[[int], Rule]]] = {
    "watch": Watching,
    "80 % of the limit": NearLimit,
    "slope of 6 h": Slope,
}


def words(rule: Rule, readings: Iterator[Reading]) -> Iterator[tuple[float, str]]:
    """Yield the hour of each reading, from the first on, and the rule's word after it."""
    first_s: float | None = None
    for reading in readings:
        first_s = reading.at_s if first_s is None else first_s
        yield (reading.at_s - first_s) / _HOUR_S, rule.hears(reading)


def _t_value(points: list[tuple[float, float]]) -> float:
    number = len(points)
    centre = sum(x for x, _ in points) / number
    level = sum(y for _, y in points) / number
    spread = sum((x - centre) ** 2 for x, _ in points)
    slope = sum((x - centre) * (y - level) for x, y in points) / spread
    power = sum((y - level - slope * (x - centre)) ** 2 for x, y in points)
    return slope / max(math.sqrt(power / (number - 2) / spread), 1e-12)
