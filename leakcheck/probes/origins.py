"""Where the descriptors and threads of the end came from, as Python reports it. In the child.

What is heard is kept in mapped memory, made before anything is measured. Watching begins only
once something piles up: a hook is called for much else besides, and who is clean pays nothing.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from leakcheck.probes import openers
from leakcheck.probes.audit import Audit
from leakcheck.probes.descriptors import Key, described
from leakcheck.probes.inventory import as_groups, folded
from leakcheck.probes.places import Places
from leakcheck.probes.starters import Starters
from leakcheck.probes.workers import what_runs

_MOST_LOOKED_AT: Final = 4_000
_MOST_ORIGINS: Final = 16
_MOST_DESCRIBED: Final = 200
_QUARTERS: Final = 4

Seen = tuple[int, int, Key | None]
"""A place, the iteration, and what was opened or started there, where it was looked at."""


class Origins:
    """Watches from some iteration on, and tells at the end."""

    def __init__(self, iterations: memoryview) -> None:
        """`iterations` holds one number: how many are completed."""
        self._iterations = iterations
        self._began: int | None = None
        self._places = Places()
        self._openers = openers.Openers(iterations)
        self._starters = Starters(iterations)
        self._audit = Audit(self._places, self._openers, self._starters)

    def watch(self) -> None:
        """Watch from now on, where this system tells what that needs."""
        if openers.can_tell():
            self._began = self._iterations[0]
            self._openers.begin()
            self._audit.install()

    def told(self) -> tuple[dict[str, Any] | None, list[str]]:
        """Return as plain JSON where what is there came from, and remarks on what failed.

        None where nobody watched.
        """
        if self._began is None:
            return None, []
        try:
            return {**self._descriptors(self._began), "threads": self._threads(self._began)}, []
        except Exception as error:  # noqa: BLE001 -- a measurement does not fail for want of lines
            return None, [f"where descriptors came from could not be told: {type(error).__name__}"]

    def _descriptors(self, began: int) -> dict[str, Any]:
        links, scale = openers.open_now(_MOST_LOOKED_AT)
        opened = [(number, link, self._openers.opened_by(number, link)) for number, link in links]
        return {
            "watched": self._iterations[0] - began,
            "unseen": round(scale * sum(by is None for _, _, by in opened)),
            "descriptors": self._by_place(began, _described(opened), scale),
        }

    def _threads(self, began: int) -> list[dict[str, Any]]:
        """Return where threads were started, nothing where a workload has broken their listing.

        The inventory says so: it lists them as well.
        """
        try:
            return self._by_place(began, self._started(), 1)
        except Exception:  # noqa: BLE001 -- as above
            return []

    def _started(self) -> Iterator[Seen]:
        for thread in threading.enumerate():
            if started := self._starters.started_by(thread):
                what = what_runs(thread)
                yield (*started, (what, what))

    def _by_place(self, began: int, seen: Iterable[Seen], scale: float) -> list[dict[str, Any]]:
        """Return what came from each place, by quarters of the time, the most first."""
        span = max(1, self._iterations[0] - began)
        numbers: dict[int, list[int]] = {}
        names: dict[int, Counter[Key]] = {}
        for place, iteration, key in seen:
            quarter = min(_QUARTERS * max(0, iteration - began) // span, _QUARTERS - 1)
            numbers.setdefault(place, [0] * _QUARTERS)[quarter] += 1
            if key is not None:
                names.setdefault(place, Counter())[key] += 1
        most = sorted(numbers, key=lambda place: -sum(numbers[place]))[:_MOST_ORIGINS]
        return [
            {
                "what": as_groups(folded(names[place]))[0][0],
                "stack": self._places.stack(place),
                "numbers": [round(scale * number) for number in numbers[place]],
            }
            for place in most
        ]


def _described(opened: Iterable[tuple[int, str, tuple[int, int] | None]]) -> Iterator[Seen]:
    """Yield who opened what; of each place only some are asked of the system what they are."""
    asked: Counter[int] = Counter()
    for number, link, by in opened:
        if by is None or not by[0]:
            continue
        asked[by[0]] += 1
        key = described(number, link) if asked[by[0]] <= _MOST_DESCRIBED else None
        yield (*by, key)
