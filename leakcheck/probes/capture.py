"""memray's tracker, in the one mode that adds nothing to the process it tracks. In the child."""

import os
import sys
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from memray import Tracker

MEMORY_INTERVAL_MS: Final = 2
"""How often memray notes the state of memory: a mark waits for that, and each costs 0.1 ms."""
_WAIT_S: Final = 0.0004
_MOST_WAITS: Final = 40
_BLIND_WAIT_S: Final = 0.004
_ONLY_FOR_SHOW: Final = ("rich", "rich.progress")


class Recording:
    """A tracker on its file, and a way to wait until it has noted the state of memory."""

    def __init__(self, tracker: "Tracker") -> None:
        self._tracker = tracker
        self._thread: str | None = None

    def __enter__(self) -> typing.Self:
        """Start recording."""
        before = _threads()
        self._tracker.__enter__()
        started = _threads() - before
        if len(started) == 1:
            self._thread = f"/proc/self/task/{started.pop()}/status"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop recording and close the file."""
        self._tracker.__exit__(kind, error, trace)

    def rests(self) -> int:
        """Return how often memray's thread will have gone to sleep once its present turn is over.

        -1 where that cannot be read: the thread is gone, or this system does not tell.
        """
        rests, awake = self._rests()
        return rests + awake

    def await_note(self, rests: int) -> None:
        """Wait until memray has noted the state of memory after `rests` was read.

        What the capture shows is proof of that, and not this: it ends after some time anyway.
        """
        if rests < 0:
            sleep(_BLIND_WAIT_S)
            return
        for _ in range(_MOST_WAITS):
            if not 0 <= self._rests()[0] <= rests:
                return
            sleep(_WAIT_S)

    def _rests(self) -> tuple[int, bool]:
        try:
            status = _read(self._thread or "")
            rests = int(status.partition(b"\nvoluntary_ctxt_switches:")[2].split(None, 1)[0])
        except (OSError, ValueError, IndexError):
            return -1, False
        return rests, b"\nState:\tS" not in status


def open_tracker(path: str, *, native_stacks: bool = False) -> Recording:
    """Return a tracker that writes to `path`, not yet started.

    The plain mode sees every Python allocation because the child runs with
    ``PYTHONMALLOC=malloc``. Buffered writing keeps memray's window out of the process's shared
    memory; compression would cost a second pass at the end. `native_stacks` are dear, and for a
    run that nobody measures by.
    """
    import_memray()
    from memray import FileDestination, Tracker  # noqa: PLC0415 -- `--profiler none` needs none

    destination = FileDestination(path, overwrite=True, compress_on_exit=False, buffered=True)
    return Recording(
        Tracker(
            destination=destination,
            native_traces=native_stacks,
            memory_interval_ms=MEMORY_INTERVAL_MS,
        )
    )


def pay_once() -> None:
    """Start and stop a tracker on the null device: the first one costs about a megabyte once."""
    with open_tracker("/dev/null"):
        pass


def import_memray() -> None:
    """Import memray without what it only shows its progress with.

    That is most of the time its import takes, and some thousand holes in the heap: reading how
    much is in use walks them all, at each sample.
    """
    if "memray" in sys.modules:
        return
    with _stood_in_for():
        import memray.reporters.module_tools  # noqa: F401, PLC0415 -- as above


@contextmanager
def _stood_in_for() -> Iterator[None]:
    """Have other modules stand in for those that memray need not have, where nobody has them."""
    standing: dict[str, ModuleType] = {name: _Later(name) for name in _ONLY_FOR_SHOW}
    standing["typing_extensions"] = _Typing("typing_extensions")
    standing = {name: module for name, module in standing.items() if name not in sys.modules}
    sys.modules.update(standing)
    try:
        yield
    finally:
        for name, module in standing.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


class _Later(ModuleType):
    """A module whose members are looked up in the real one when they are used."""

    def __getattr__(self, name: str) -> "_Member":
        if name.startswith("__"):
            raise AttributeError(name)
        return _Member(self.__name__, name)


class _Member:
    """One member of a module that is not imported yet."""

    def __init__(self, module: str, name: str) -> None:
        self._place = (module, name)

    def __call__(self, *args: object, **named: object) -> Any:  # noqa: ANN401 -- anything
        return self._real()(*args, **named)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- anything
        return getattr(self._real(), name)

    def _real(self) -> Any:  # noqa: ANN401 -- anything
        from importlib import import_module  # noqa: PLC0415 -- hardly ever needed

        module, name = self._place
        return getattr(import_module(module), name)


class _Typing(ModuleType):
    """What typing has, under another name; what it does not have comes from the real module."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- anything
        if hasattr(typing, name):
            return getattr(typing, name)
        raise AttributeError(name)


def _threads() -> set[str]:
    try:
        return set(os.listdir("/proc/self/task"))  # noqa: PTH208 -- no pathlib in the child
    except OSError:
        return set()


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)
