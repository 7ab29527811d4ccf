"""Call sites of a capture: the live memory of each, counted at every mark."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Any, Final

_DEEPEST_STACK: Final = 64
_CALLERS: Final = ("/run/child/loop.py", "/run/child/testing/")
"""Where the harness calls the workload, and pytest, which calls a test."""
_COLLECTOR: Final = "/probes/collector.py"

Stack = tuple[tuple[str, str, int], ...]
"""Function, file and line of each frame, from the allocating one outwards."""


class Moments:
    """The snapshots at which live memory is counted, and after which iteration each was taken."""

    def __init__(self, snapshots: dict[int, int]) -> None:
        """`snapshots` maps iterations to snapshots."""
        pairs = sorted(snapshots.items())
        self.iterations = [iteration for iteration, _ in pairs]
        self._snapshots = [snapshot for _, snapshot in pairs]

    def __len__(self) -> int:
        return len(self.iterations)

    def quarters(self) -> tuple[int, ...]:
        """Return the moments at one, two, three and four quarters of the run, or just before.

        Nothing where the moments are too few to tell these apart.
        """
        last = self.iterations[-1] if self.iterations else 0
        found = [bisect_right(self.iterations, part * last // 4) - 1 for part in range(1, 5)]
        return tuple(found) if found[0] >= 0 and len(set(found)) == len(found) else ()

    def lifetime(self, interval: Any) -> tuple[int, int]:  # noqa: ANN401 -- memray's Interval
        """Return from which moment on something was alive, and from which on no more."""
        end = interval.deallocated_before_snapshot
        return (
            bisect_left(self._snapshots, interval.allocated_before_snapshot),
            len(self) if end is None else bisect_left(self._snapshots, end),
        )


class Site:
    """The changes of one call site's live memory from moment to moment: few, so kept as pairs."""

    def __init__(self, allocator: int) -> None:
        self.allocator = allocator
        self.changes: dict[int, list[int]] = {}

    def add(self, first: int, end: int, interval: Any) -> None:  # noqa: ANN401 -- as above
        """Count an interval in: alive from one moment up to another."""
        for moment, sign in ((first, 1), (end, -1)):
            change = self.changes.setdefault(moment, [0, 0])
            change[0] += sign * interval.n_bytes
            change[1] += sign * interval.n_allocations

    def merge(self, other: "Site") -> None:
        """Count all of another site in."""
        for moment, (n_bytes, n_objects) in other.changes.items():
            change = self.changes.setdefault(moment, [0, 0])
            change[0] += n_bytes
            change[1] += n_objects

    def live(self, moments: int) -> tuple[list[int], list[int]]:
        """Return live bytes and objects at each moment."""
        rises = [self.changes.get(moment, (0, 0)) for moment in range(moments)]
        return list(accumulate(rise[0] for rise in rises)), list(accumulate(r[1] for r in rises))

    def live_at(self, moment: int) -> tuple[int, int]:
        """Return live bytes and objects at one moment."""
        until = [change for first, change in self.changes.items() if first <= moment]
        return sum(change[0] for change in until), sum(change[1] for change in until)

    def rises(self, early: int) -> int:
        """Return at how many moments after `early` there were more live bytes than before."""
        return sum(early < moment and change[0] > 0 for moment, change in self.changes.items())

    def growth(self, early: int, end: int) -> tuple[int, int, int]:
        """Return what bytes, objects and the number of rises came to between two moments."""
        late = [change for moment, change in self.changes.items() if early < moment < end]
        return (
            sum(change[0] for change in late),
            sum(change[1] for change in late),
            sum((change[1] > 0) - (change[1] < 0) for change in late),
        )


def by_stack(records: Iterable[Any], moments: Moments, hide: str) -> dict[Stack, Site]:
    """Return the workload's call sites with what was alive of each at any moment.

    `records` are memray's, and files whose name begins with `hide` are the harness's.
    """
    sites: dict[Stack, Site] = {}
    for record in records:
        alive = [(*moments.lifetime(interval), interval) for interval in record.intervals]
        alive = [(first, end, interval) for first, end, interval in alive if first < end]
        stack = _stack(record, hide) if alive else None
        if stack is None:
            continue
        site = sites.setdefault(stack, Site(record.allocator))
        for first, end, interval in alive:
            site.add(first, end, interval)
    return sites


def _stack(record: Any, hide: str) -> Stack | None:  # noqa: ANN401 -- memray's record
    """Return the frames from the allocating one outwards, up to the harness's own.

    None for what the harness did on its own account. Its loop calls the workload, and its
    collecting may: finalizers are the workload's.
    """
    frames: list[tuple[str, str, int]] = []
    for function, file, line in record.stack_trace(max_stacks=_DEEPEST_STACK):
        if file.startswith(hide):
            return tuple(frames) if _calls(file, frames=bool(frames)) else None
        frames.append((function, file, line))
    return tuple(frames)


def _calls(file: str, *, frames: bool) -> bool:
    """Return whether a file of the harness called the `frames` on a workload's account."""
    return any(caller in file for caller in _CALLERS) or (frames and file.endswith(_COLLECTOR))
