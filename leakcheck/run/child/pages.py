"""memray's pages beside a record, drawn while its capture is fresh.

memray writes the names of functions and files as escaped text, and shows source lines as text;
a test holds it to that.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from html import escape
from io import StringIO
from typing import Any, Final

from leakcheck.probes.capture import import_memray
from leakcheck.run.child.sites import Moments, Site, Stack

import_memray()

from memray import FileReader  # noqa: E402 -- lean only once the line above has run
from memray.reporters.flamegraph import FlameGraphReporter  # noqa: E402 -- as above

_SHOWN: Final = 1_000
_MERGED: Final = -1
_KIND: Final = "flamegraph report"
_LEAKS: Final = " (memory leaks)"
_LEAKED: Final = (
    "memory that was leaked during the tracking period (i.e. allocated and not deallocated)"
)


class Growth:
    """What a call site gained between two marks, in the form that memray's reporter reads."""

    def __init__(self, stack: Stack, n_bytes: int, n_objects: int) -> None:
        self.size = n_bytes
        self.n_allocations = max(0, n_objects)  # fewer objects may hold more bytes
        self.tid = _MERGED
        self.thread_name = ""
        self._stack = stack

    def stack_trace(self) -> Stack:
        """Return the frames from the allocating one outwards, without the harness's."""
        return self._stack


class _Unfreed:
    """What of a temporal record was never freed, in the form that memray's reporter reads."""

    def __init__(self, record: Any) -> None:  # noqa: ANN401 -- memray's record
        kept = [one for one in record.intervals if one.deallocated_before_snapshot is None]
        self.size = sum(one.n_bytes for one in kept)
        self.n_allocations = sum(one.n_allocations for one in kept)
        self.tid = record.tid
        self.thread_name = record.thread_name
        self.stack_trace = record.stack_trace


def draw_growth(reader: FileReader, path: str, sites: dict[Stack, Site], moments: Moments) -> None:
    """Draw by how much the sites that grow steadily grew; no page where none does."""
    quarters = moments.quarters()
    grown = list(growing(sites, quarters)) if quarters else []
    if grown:
        first, last = (moments.iterations[quarters[k]] for k in (0, -1))
        title = f"net growth from iteration {first:,} to {last:,}, at call sites that keep growing"
        _draw(reader, path, grown, leaks=True, title=title)


def draw_native_growth(
    reader: FileReader, path: str, grown: Iterable[Growth], moments: Moments
) -> None:
    """Draw what `grown` are, whose stacks begin in native code; no page where nothing grew."""
    if found := list(grown):
        first, last = (moments.iterations[moments.quarters()[k]] for k in (0, -1))
        title = f"net growth from iteration {first:,} to {last:,}, with native stacks"
        _draw(reader, path, found, leaks=True, title=title)


def draw_leaks(reader: FileReader, path: str, records: Iterable[Any]) -> None:
    """Draw what of `records` was never freed."""
    unfreed = [one for one in map(_Unfreed, records) if one.size]
    title = "what was never freed, the harness's own included"
    _draw(reader, path, unfreed, leaks=True, title=title)


def draw_peak(reader: FileReader, path: str) -> None:
    """Draw what was alive when most was."""
    peak = reader.get_high_watermark_allocation_records(merge_threads=True)
    title = "what was alive when most was, the harness's own included"
    _draw(reader, path, peak, leaks=False, title=title)


def growing(sites: dict[Stack, Site], quarters: tuple[int, ...]) -> Iterator[Growth]:
    """Yield the growth of each site that grows steadily, from the first quarter to the last.

    It never fell from quarter to quarter, rose in the last one, and more than once in all.
    """
    for stack, site in sites.items():
        live = [site.live_at(moment) for moment in quarters]
        n_bytes = [count[0] for count in live]
        if n_bytes == sorted(n_bytes) and n_bytes[-2] < n_bytes[-1] and site.rises(quarters[0]) > 1:
            yield Growth(stack, n_bytes[-1] - n_bytes[0], live[-1][1] - live[0][1])


def _draw(
    reader: FileReader, path: str, records: Iterable[Any], *, leaks: bool, title: str
) -> None:
    reporter = FlameGraphReporter.from_snapshot(
        records,  # memray asks for records of its own and reads these five names
        memory_records=_thinned(list(reader.get_memory_snapshots())),
        native_traces=False,
    )
    page = StringIO()
    reporter.render(
        outfile=page,
        metadata=reader.metadata,
        show_memory_leaks=leaks,
        merge_threads=True,
        inverted=False,
        no_web=True,
    )
    _write(path, _titled(page.getvalue(), title, reader.metadata.command_line, leaks=leaks))


def _titled(page: str, title: str, target: str, *, leaks: bool) -> str:
    """Return a page that says what it shows, and of which workload, where memray says its kind."""
    kind = _KIND + _LEAKS if leaks else _KIND
    told = escape(f"{target}: {title}", quote=False)
    for before, after in (("memray - ", "</title>"), ("memray</span> ", "\n")):
        page = page.replace(f"{before}{kind}{after}", f"{before}{told}{after}", 1)
    return page.replace(_LEAKED, title, 1)


def _write(path: str, text: str) -> None:
    try:
        # The command line is in it, and that need not be text.
        with open(path, "w", encoding="utf-8", errors="replace") as page:  # noqa: PTH123 -- no pathlib here
            page.write(text)
    except OSError:
        with suppress(OSError):  # it may not even be there
            os.unlink(path)  # noqa: PTH108 -- half a page shows nothing
        raise


def _thinned(snapshots: list[Any]) -> tuple[Any, ...]:
    """Return few enough snapshots for a page to show: there is one for every few milliseconds."""
    return tuple(snapshots[:: max(1, len(snapshots) // _SHOWN)])
