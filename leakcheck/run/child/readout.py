"""Reading a capture back, in a short process of the same interpreter that wrote it.

memray reads no capture but its own version's, so this runs with the memray of the workload's
interpreter, and like the measured child it imports that and the standard library only.
"""

import json
import os
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice
from typing import Any, Final

from leakcheck.probes.capture import import_memray
from leakcheck.run.child import marks

import_memray()

from memray import FileReader  # noqa: E402 -- lean only once the line above has run
from memray.reporters.flamegraph import FlameGraphReporter  # noqa: E402 -- as above

_ALL: Final = 2**31 - 1
_DEEPEST_STACK: Final = 64
_BY_BYTES: Final = 40
_BY_OBJECTS: Final = 20
_BY_STEPS: Final = 20
_LATE_SHARE: Final = 0.25
_ALLOCATORS: Final = {14: "mmap", 15: "munmap"}
_SHOWN: Final = 1_000
_LOOP: Final = "/run/child/loop.py"
_COLLECTOR: Final = "/probes/collector.py"

Stack = tuple[tuple[str, str, int], ...]


class _Moments:
    """The snapshots at which live memory is counted, and after which iteration each was taken."""

    def __init__(self, snapshots: dict[int, int]) -> None:
        """`snapshots` maps iterations to snapshots."""
        pairs = sorted(snapshots.items())
        self.iterations = [iteration for iteration, _ in pairs]
        self._snapshots = [snapshot for _, snapshot in pairs]

    def __len__(self) -> int:
        return len(self.iterations)

    def lifetime(self, interval: Any) -> tuple[int, int]:  # noqa: ANN401 -- memray's Interval
        """Return from which moment on something was alive, and from which on no more."""
        end = interval.deallocated_before_snapshot
        return (
            bisect_left(self._snapshots, interval.allocated_before_snapshot),
            len(self) if end is None else bisect_left(self._snapshots, end),
        )


class _Site:
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

    def merge(self, other: "_Site") -> None:
        """Count all of another site in."""
        for moment, (n_bytes, n_objects) in other.changes.items():
            change = self.changes.setdefault(moment, [0, 0])
            change[0] += n_bytes
            change[1] += n_objects

    def live(self, moments: int) -> tuple[list[int], list[int]]:
        """Return live bytes and objects at each moment."""
        rises = [self.changes.get(moment, (0, 0)) for moment in range(moments)]
        return list(accumulate(rise[0] for rise in rises)), list(accumulate(r[1] for r in rises))

    def growth(self, early: int, end: int) -> tuple[int, int, int]:
        """Return what bytes, objects and the number of rises came to between two moments."""
        late = [change for moment, change in self.changes.items() if early < moment < end]
        return (
            sum(change[0] for change in late),
            sum(change[1] for change in late),
            sum((change[1] > 0) - (change[1] < 0) for change in late),
        )


def main() -> None:
    """Do as the JSON on standard input says: write the site table, and draw memray's pages.

    All is imported by then: who wants this soon starts it early.
    """
    given = json.loads(sys.stdin.readline() or "null")
    if given is None:
        return  # nothing was measured
    reader = FileReader(given["capture"], max_memory_records=_ALL)
    # One pass serves both the table and the page of what was never freed: reading is the
    # dear part, about a twentieth of a second for each megabyte of capture.
    records = list(reader.get_temporal_allocation_records(merge_threads=True))
    with open(given["table"], "w", encoding="utf-8") as file:  # noqa: PTH123 -- no pathlib here
        file.write(json.dumps(_table(reader, records, given), allow_nan=False))
    if given["pages"]:
        _draw(reader, records, given)


def _table(reader: FileReader, records: list[Any], given: dict[str, Any]) -> dict[str, Any]:
    moments = _Moments(dict(_marked(records, given["hide"], given["last_iteration"])))
    number = len(moments)
    sites = _sites(records, moments, given["hide"])
    chosen = _choose(sites, number)
    rest = _Site(0)
    for stack, site in sites.items():
        if stack not in chosen:
            rest.merge(site)
    return {
        "marks": moments.iterations,
        "sites": [_as_json(stack, sites[stack], number) for stack in chosen],
        "remainder": _as_json((), rest, number),
        "end_ms": int(reader.metadata.end_time.timestamp() * 1000),
    }


def _marked(records: Iterable[Any], hide: str, last: int) -> Iterator[tuple[int, int]]:
    """Yield each mark that memray saw, as its iteration and a snapshot taken meanwhile."""
    intervals = [
        interval
        for record in records
        if marks.is_held(record.stack_trace(max_stacks=1), hide)
        for interval in record.intervals
        if interval.n_allocations == 1 and interval.deallocated_before_snapshot is not None
    ]
    snapshots = {
        marks.rank_of(interval.n_bytes): interval.deallocated_before_snapshot - 1
        for interval in intervals
        if interval.deallocated_before_snapshot > interval.allocated_before_snapshot
    }
    if marks.LAST in snapshots:
        yield last, snapshots[marks.LAST]
    for rank, mark in enumerate(islice(marks.all_marks(), max(snapshots, default=-1) + 1)):
        if rank in snapshots:
            yield mark, snapshots[rank]


def _sites(records: Iterable[Any], moments: _Moments, hide: str) -> dict[Stack, _Site]:
    sites: dict[Stack, _Site] = {}
    for record in records:
        alive = [(*moments.lifetime(interval), interval) for interval in record.intervals]
        alive = [(first, end, interval) for first, end, interval in alive if first < end]
        stack = _stack(record, hide) if alive else None
        if stack is None:
            continue
        site = sites.setdefault(stack, _Site(record.allocator))
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
            is_called = file.endswith(_LOOP) or (bool(frames) and file.endswith(_COLLECTOR))
            return tuple(frames) if is_called else None
        frames.append((function, file, line))
    return tuple(frames)


def _choose(sites: dict[Stack, _Site], moments: int) -> list[Stack]:
    """Return the stacks that grew most in bytes, then in objects, then in the most steps up.

    The last are rare leaks: few objects, and none that ever goes.
    """
    early = int(_LATE_SHARE * moments)
    grown = {stack: site.growth(early, moments) for stack, site in sites.items()}
    moving = [stack for stack in grown if any(grown[stack])]
    chosen: dict[Stack, None] = {}
    for kind, most in enumerate((_BY_BYTES, _BY_OBJECTS, _BY_STEPS)):
        ranked = sorted(moving, key=lambda stack: -grown[stack][kind])
        chosen.update(dict.fromkeys(ranked[:most]))
    return list(chosen)


def _as_json(stack: Stack, site: _Site, moments: int) -> dict[str, Any]:
    live_bytes, live_objects = site.live(moments)
    return {
        "stack": [{"file": file, "line": line, "function": name} for name, file, line in stack],
        "allocator": _ALLOCATORS.get(site.allocator, "malloc"),
        "live_bytes": live_bytes,
        "live_objects": live_objects,
    }


class _Unfreed:
    """What of a temporal record was never freed, in the form that memray's reporter reads."""

    def __init__(self, record: Any) -> None:  # noqa: ANN401 -- memray's record
        kept = [one for one in record.intervals if one.deallocated_before_snapshot is None]
        self.size = sum(one.n_bytes for one in kept)
        self.n_allocations = sum(one.n_allocations for one in kept)
        self.tid = record.tid
        self.thread_name = record.thread_name
        self.stack_trace = record.stack_trace


def _draw(reader: FileReader, records: list[Any], given: dict[str, Any]) -> None:
    unfreed = [one for one in map(_Unfreed, records) if one.size]
    _draw_page(reader, given["leaks"], unfreed, leaks=True)
    peak = reader.get_high_watermark_allocation_records(merge_threads=True)
    _draw_page(reader, given["flamegraph"], peak, leaks=False)


def _draw_page(reader: FileReader, path: str, records: Iterable[Any], *, leaks: bool) -> None:
    reporter = FlameGraphReporter.from_snapshot(
        records,  # memray asks for records of its own and reads these five names
        memory_records=_thinned(list(reader.get_memory_snapshots())),
        native_traces=False,
    )
    try:
        with open(path, "w", encoding="utf-8") as page:  # noqa: PTH123 -- no pathlib here
            reporter.render(
                outfile=page,
                metadata=reader.metadata,
                show_memory_leaks=leaks,
                merge_threads=True,
                inverted=False,
                no_web=True,
            )
    except OSError:
        os.unlink(path)  # noqa: PTH108 -- half a page shows nothing
        raise


def _thinned(snapshots: list[Any]) -> tuple[Any, ...]:
    """Return few enough snapshots for a page to show: there is one for every few milliseconds."""
    return tuple(snapshots[:: max(1, len(snapshots) // _SHOWN)])
