"""Reading a capture back, in a short process of the same interpreter that wrote it.

memray reads no capture but its own version's, so this runs with the memray of the workload's
interpreter, and like the measured child it imports that and the standard library only.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any, Final

from leakcheck.probes.capture import import_memray
from leakcheck.run.child import marks, native, pages
from leakcheck.run.child.bounds import TooLongError, at_most, bound_memory
from leakcheck.run.child.creators import (
    creating_stacks,
    first_allocations,
    has_tasks,
    seen_allocations,
)
from leakcheck.run.child.sites import Moments, Site, Stack, by_stack
from leakcheck.run.child.thinning import Notes, near_marks, notes_of

import_memray()

from memray import FileReader  # noqa: E402 -- lean only once the line above has run

_ALL: Final = 2**31 - 1
_BY_BYTES: Final = 40
_BY_OBJECTS: Final = 20
_BY_STEPS: Final = 20
_LATE_SHARE: Final = 0.25
_ALLOCATORS: Final = {14: "mmap", 15: "munmap"}
_FEW: Final = 4
"""One mark in so many still makes 60 or 70, and a sixteenth as many lifetimes to tell apart."""
_PASSES: Final = 4
"""Where there is less time than for so many passes there is none for a second attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What one pass over a capture gave: memray's records, and the call sites at its moments.

    The moments are the marks, or one mark in `one_in` where all of them were too much.
    """

    records: list[Any]
    moments: Moments
    sites: dict[Stack, Site]
    one_in: int


def main() -> None:
    """Do as the JSON on standard input says: write the site table, and draw memray's pages.

    All is imported by then: who wants this soon starts it early.
    """
    given = json.loads(sys.stdin.readline() or "null")
    if given is None:
        return  # nothing was measured
    bound_memory(given["most_bytes"])
    try:
        _read(given, monotonic() + given["most_s"])
    except MemoryError:
        sys.exit(f"more than {given['most_bytes'] >> 20:,} MiB would be needed to read the capture")
    except TooLongError:
        sys.exit(f"reading the capture took more than {given['most_s']} s")


def _read(given: dict[str, Any], end_s: float) -> None:
    began_s = monotonic()
    with at_most(end_s - began_s):
        reader = FileReader(given["capture"], max_memory_records=_ALL)
        notes = notes_of(given["capture"], reader, given["instants"])
    has_time = end_s - monotonic() > _PASSES * (monotonic() - began_s)
    try:
        found = _attribution(reader, notes, given, end_s, tries_all=has_time)
    finally:
        if notes is not None and given["keep"]:
            notes.show_all()
    if given["native"]:
        native.answer(given, reader, found.records, found.moments)
        return
    table = _table(reader, found)
    if has_tasks(frame["file"] for site in table["sites"] for frame in site["stack"]):
        first = first_allocations(reader.get_allocation_records())
        creators = creating_stacks([*first, *seen_allocations(found.records)], given["hide"])
        table["creators"] = list(map(_frames, creators))
    with open(given["table"], "w", encoding="utf-8") as file:  # noqa: PTH123 -- no pathlib here
        file.write(json.dumps(table, allow_nan=False))
    if given["pages"]:
        pages.draw_growth(reader, given["growth"], found.sites, found.moments)
        pages.draw_leaks(reader, given["leaks"], found.records)
        pages.draw_peak(reader, given["flamegraph"])


def _attribution(
    reader: FileReader, notes: Notes | None, given: dict[str, Any], end_s: float, *, tries_all: bool
) -> Attribution:
    """Return the call sites at all marks, or at few where that takes too much of anything.

    Raises:
        MemoryError: if even those do.
        TooLongError: likewise.
    """
    if tries_all and notes is not None:
        with suppress(MemoryError, TooLongError), at_most((end_s - monotonic()) / 2):
            return _pass(reader, notes, given, 1)
    with at_most(end_s - monotonic()):
        return _pass(reader, notes, given, _FEW)


def _pass(
    reader: FileReader, notes: Notes | None, given: dict[str, Any], one_in: int
) -> Attribution:
    """Return what one pass over the capture gives.

    It serves the table and the pages of what grew and of what was never freed: reading is the
    dear part, about a twentieth of a second for each megabyte of capture.
    """
    if notes is None:
        one_in = 1  # none can be left out
    else:
        notes.show(near_marks(notes.times_ms, given["instants"], one_in))
    records = list(reader.get_temporal_allocation_records(merge_threads=True))
    moments = Moments(dict(_marked(records, given["hide"], given["instants"][-1][1])))
    sites = by_stack(records, moments, given["hide"])
    return Attribution(records=records, moments=moments, sites=sites, one_in=one_in)


def _table(reader: FileReader, found: Attribution) -> dict[str, Any]:
    sites, number = found.sites, len(found.moments)
    chosen = _choose(sites, number)
    rest = Site(0)
    for stack, site in sites.items():
        if stack not in chosen:
            rest.merge(site)
    return {
        "marks": found.moments.iterations,
        "one_in": found.one_in,
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


def _choose(sites: dict[Stack, Site], moments: int) -> list[Stack]:
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


def _as_json(stack: Stack, site: Site, moments: int) -> dict[str, Any]:
    live_bytes, live_objects = site.live(moments)
    return {
        "stack": _frames(stack),
        "allocator": _ALLOCATORS.get(site.allocator, "malloc"),
        "live_bytes": live_bytes,
        "live_objects": live_objects,
    }


def _frames(stack: Stack) -> list[dict[str, Any]]:
    return [{"file": file, "line": line, "function": name} for name, file, line in stack]
