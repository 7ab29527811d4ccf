"""Taking a sample: the readings that only the process itself can give."""

import asyncio
import contextlib
import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from time import perf_counter_ns

from leakcheck.probes import collector, tasks
from leakcheck.probes.capture import Recording
from leakcheck.run.child import marks
from leakcheck.run.child.channel import Channel
from leakcheck.run.child.slots import HEADER, KEPT_BYTES, NOT_READ, PROVING, SAMPLE, Slot

_WAIT_S = 0.001
_MOST_WAITS = 1_000


class Sampler:
    """Reads heap, tasks and gc objects into the shared slots, and waits for the parent's word.

    A sample leaves nothing behind: everything that it needs is made here, once.
    """

    def __init__(self, channel: Channel, heap_bytes: Callable[[], int] | None) -> None:
        self._channel = channel
        self._slots = channel.slots
        self._heap_bytes = heap_bytes
        self._profiler = sys.getprofile()
        self._message = HEADER.pack(SAMPLE, 0)
        self._recording: Recording | None = None
        self._mark = 0
        self._rank = 0
        self._own_bytes = 0
        self._watch: Callable[[], None] | None = None

    def mark(self, recording: Recording | None) -> None:
        """Stand still at every mark from now on, for `recording` to note the state of memory."""
        self._recording = recording

    def on_watch(self, watch: Callable[[], None]) -> None:
        """Have `watch` called, once, after the sample at which the parent wishes for it."""
        self._watch = watch

    def note_profiler(self) -> None:
        """Remember the profiler in force: a later change means that stacks are lost."""
        self._profiler = sys.getprofile()

    def sample(self) -> bool:
        """Collect, read, report; return whether the parent wants more iterations."""
        began_ns = perf_counter_ns()
        going = self._sample()
        if self._watch is not None and self._slots[Slot.WATCH]:
            watch, self._watch = self._watch, None
            self.aside(watch)
        self._slots[Slot.SAMPLING_NS] += perf_counter_ns() - began_ns
        return going

    def _sample(self) -> bool:
        slots = self._slots
        slots[Slot.GC_ENABLED] = collector.collect()
        slots[Slot.TASKS] = tasks.count_tasks()
        objects = collector.count_objects() if slots[Slot.READ_OBJECTS] else NOT_READ
        slots[Slot.GC_OBJECTS] = objects
        if sys.getprofile() is not self._profiler:
            slots[Slot.PROFILER_CHANGED] = 1
        slots[Slot.HEAP] = self._read_heap()
        recording = self._recording
        if recording is None:
            return self._channel.ask(self._message)
        return self._ask_and_mark(recording)

    def _ask_and_mark(self, recording: Recording) -> bool:
        """Report as at any sample, and at a mark or at the end stay until memray has noted it."""
        is_mark = self._is_mark()
        if is_mark:
            going = self._stand_still(recording, self._rank, ask=True)
        else:
            going = self._channel.ask(self._message)
        if not (going or is_mark):
            self._stand_still(recording, marks.LAST, ask=False)
        return going

    def _is_mark(self) -> bool:
        """Return whether this iteration is a mark; samples leave some out."""
        completed = self._slots[Slot.ITERATIONS]
        while self._mark < completed:
            self._mark = marks.next_mark(self._mark)
            self._rank += 1
        return self._mark == completed

    def _stand_still(self, recording: Recording, rank: int, *, ask: bool) -> bool:
        """Hold what tells the mark until memray has noted the state of memory.

        The parent may use that time to answer.
        """
        size = marks.held_bytes(rank)
        rests = recording.rests()
        held = marks.hold(size)
        going = ask and self._channel.ask(self._message)
        recording.await_note(rests)
        del held
        return going

    def aside(self, work: Callable[[], None]) -> None:
        """Do some work of the harness's own: what it leaves on the heap is not counted.

        memray, for one, remembers each new stack that allocates, our own ones too.
        """
        collector.collect_all()
        before = self._heap_bytes() if self._heap_bytes is not None else 0
        work()
        collector.collect_all()
        if self._heap_bytes is not None:
            self._own_bytes += self._heap_bytes() - before

    def collectable_bytes(self) -> int:
        """Return what one forced collection frees where the workload had the collector off."""
        if self._heap_bytes is None or gc.isenabled():
            return 0
        before = self._heap_bytes()
        gc.collect()
        return before - self._heap_bytes()

    def prove(self) -> None:
        """Show the parent three samples: before, while and after known things are kept."""
        # The loop has descriptors of its own: it is there before, while and after.
        with contextlib.closing(asyncio.new_event_loop()) as loop:
            self._show()
            with _kept_bytes(), _kept_descriptor(), _kept_thread(), _kept_task(loop):
                self._show()
            self._show()

    def _show(self) -> None:
        self._slots[Slot.TASKS] = tasks.count_tasks()
        self._slots[Slot.HEAP] = self._read_heap()
        self._channel.ask(HEADER.pack(PROVING, 0))

    def _read_heap(self) -> int:
        return NOT_READ if self._heap_bytes is None else self._heap_bytes() - self._own_bytes


@contextlib.contextmanager
def _kept_bytes() -> Iterator[None]:
    kept = bytearray(b"\x01") * KEPT_BYTES
    yield
    del kept


@contextlib.contextmanager
def _kept_descriptor() -> Iterator[None]:
    descriptor = os.open(os.devnull, os.O_RDONLY)
    try:
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _kept_thread() -> Iterator[None]:
    done = threading.Event()
    thread = threading.Thread(target=done.wait, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        _await_end(thread.native_id)


def _await_end(native_id: int | None) -> None:
    """Wait until the kernel has let go of a joined thread, which it counts a little longer."""
    for _ in range(_MOST_WAITS):
        if not os.path.exists(f"/proc/self/task/{native_id}"):  # noqa: PTH110 -- no pathlib here
            return
        time.sleep(_WAIT_S)


@contextlib.contextmanager
def _kept_task(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    task = loop.create_task(asyncio.sleep(0))
    try:
        yield
    finally:
        loop.run_until_complete(task)
