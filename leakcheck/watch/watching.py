"""A watch over one process: what a service embeds, and what the command line runs."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final, Self

from leakcheck.watch.course import Course
from leakcheck.watch.exposition import metrics_text
from leakcheck.watch.process import ProcessSource, own_process
from leakcheck.watch.reading import Reading
from leakcheck.watch.sources import Source, WatchError
from leakcheck.watch.standing import Standing
from leakcheck.watch.terms import Terms

INTERVAL_S: Final = 30.0
_LEAST_STEP_S: Final = 1e-3


class Watch:
    """Watches the memory of this process, of another one, or of a container.

    Either call `sample` every so often, as from a timer of an event loop: it takes about a quarter
    of a millisecond, and some tens of milliseconds when a look is due, once a day and a few times
    in the first hours. Or use it as a context manager, which samples in a thread.

    >>> Watch().sample().verdict
    <Verdict.INCONCLUSIVE: 'INCONCLUSIVE'>
    """

    def __init__(
        self,
        source: Source | int | None = None,
        *,
        terms: Terms | None = None,
        interval_s: float = INTERVAL_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Watch `source`: a process id, what reads something else, or None for this process.

        `interval_s` is the time between samples of the thread, in seconds, and `clock` the wall
        clock in seconds since 1970. Where `terms` name no limit, the container's counts, the
        process' own or the machine's.

        Raises:
            WatchError: if there is no such process.
        """
        self._source = _source_of(source)
        given = terms or Terms()
        self._course = Course(given)
        self._finds_limit = given.limit_bytes is None
        self._interval_s = interval_s
        self._clock = clock
        self._last_s = 0.0
        self._life: str | None = None
        self.error: WatchError | None = None
        """What ended the thread before its time."""
        self._is_up = False
        self._lock = threading.Lock()
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._ends.clear()
        self._thread = threading.Thread(target=self._run, name="leakcheck-watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    @property
    def source(self) -> Source:
        """Return what is watched."""
        return self._source

    @property
    def standing(self) -> Standing | None:
        """Return what is known so far, None before the first sample."""
        with self._lock:
            return self._course.standing

    def sample(self) -> Standing | None:
        """Read once, look where a look is due, and return what is known; None before any reading.

        Raises:
            WatchError: if it may not be read any more.
        """
        self.take()
        return self.standing

    def take(self) -> Reading | None:
        """Read once and return the reading, None where nothing runs now; see `sample`."""
        at_s = max(self._clock(), self._last_s + _LEAST_STEP_S)  # the clock may be set back
        reading = self._source.read(at_s)
        with self._lock:
            self._is_up = reading is not None
            if reading is not None:
                self._last_s = at_s
                self._know_limit(reading)
                self._course.add(reading)
        return reading

    def replay(self, readings: Iterable[Reading]) -> None:
        """Take in what was read before, the oldest first."""
        with self._lock:
            for reading in readings:
                self._last_s = max(self._last_s, reading.at_s)
                self._course.add(reading)

    def look(self) -> None:
        """Look once more, at the end."""
        with self._lock:
            self._course.look()

    def metrics_text(self) -> str:
        """Return what is known in Prometheus's text format."""
        with self._lock:
            return metrics_text(self._course.standing, is_up=self._is_up)

    def _know_limit(self, reading: Reading) -> None:
        """Ask for the limit in each life: a deployment may have changed it."""
        if self._finds_limit and reading.life != self._life:
            self._life = reading.life
            self._course.limit_bytes = self._source.limit_bytes()

    def _run(self) -> None:
        try:
            while not self._ends.is_set():
                self.take()
                self._ends.wait(self._interval_s)
        except WatchError as error:
            self.error = error


def _source_of(source: Source | int | None) -> Source:
    if source is None:
        return own_process()
    return ProcessSource(source) if isinstance(source, int) else source
