"""What the threads run, and where the asyncio tasks wait. In the child.

Nothing here calls code of the workload's: targets and coroutines are told by their code objects.
"""

import asyncio
import os
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from leakcheck.probes.descriptors import masked
from leakcheck.probes.kinds import member_of, name_of
from leakcheck.probes.objects import is_kind
from leakcheck.probes.phrases import unwrapped
from leakcheck.probes.tasks import _registered

_DEEPEST: Final = 100
_TASK: Final = asyncio.Task
_ASYNCIO: Final = os.path.dirname(asyncio.__file__) + os.sep  # noqa: PTH120 -- no pathlib in the child
_NAMES: Final = vars(threading.Thread)["__dict__"]
_SUSPENDED: Final = (
    (types.CoroutineType, "cr_frame", "cr_await"),
    (types.GeneratorType, "gi_frame", "gi_yieldfrom"),
    (types.AsyncGeneratorType, "ag_frame", "ag_await"),
)


def running_threads() -> Iterator[str]:
    """Yield what each thread runs; of those that Python did not start, their name."""
    known = threading.enumerate()
    yield from map(what_runs, known)
    numbers = {str(dict.get(_NAMES.__get__(thread), "_native_id")) for thread in known}
    with suppress(FileNotFoundError):  # only Linux lists them
        for number in os.listdir("/proc/self/task"):  # noqa: PTH208 -- no pathlib in the child
            if number not in numbers:
                yield from _foreign(number)


def what_runs(thread: threading.Thread) -> str:
    """Return what a thread runs: its target or its own `run`, and where that is."""
    names, kind = _NAMES.__get__(thread), type(thread)
    if is_kind(thread, threading._DummyThread):  # noqa: SLF001 -- there is no other name for it
        return "a thread that Python did not start"
    target = dict.get(names, "function" if is_kind(thread, threading.Timer) else "_target")
    if target is not None:
        return _called(target)
    run = member_of(kind, "run")
    if is_kind(run, types.FunctionType) and run is not threading.Thread.run:
        return _place(run.__code__)
    return f"{name_of(kind)}.run"


def waiting_tasks() -> Iterator[str]:
    """Yield of each task that is not done its coroutine, and where that waits."""
    module = sys.modules.get("asyncio.tasks")
    for task in _registered(module) if module else ():
        if is_kind(task, _TASK) and not _TASK.done(task):
            yield _waiting(_TASK.get_coro(task))


def _called(target: Any) -> str:  # noqa: ANN401 -- whatever can be called
    """Return which code a call of `target` begins with."""
    target = unwrapped(target)
    if is_kind(target, types.FunctionType):
        return _place(target.__code__)
    if is_kind(target, types.BuiltinFunctionType):
        return f"{target.__name__} (built in)"
    call = member_of(type(target), "__call__")
    if is_kind(call, types.FunctionType):
        return _place(call.__code__)
    return f"{name_of(type(target))}.__call__"


def _place(code: types.CodeType) -> str:
    return f"{code.co_qualname} at {code.co_filename}:{code.co_firstlineno}"


def _foreign(number: str) -> Iterator[str]:
    with suppress(OSError), open(f"/proc/self/task/{number}/comm", "rb") as file:  # noqa: PTH123 -- no pathlib in the child
        name = file.read().decode(errors="replace").strip()
        yield f"native thread {masked(name)}"


def _waiting(coroutine: Any) -> str:  # noqa: ANN401 -- a coroutine of any kind
    if not is_kind(coroutine, types.CoroutineType):
        return name_of(type(coroutine))
    name = coroutine.cr_code.co_qualname
    if coroutine.cr_running:
        return f"{name} (running)"
    frame = _innermost(coroutine) if coroutine.cr_suspended else None
    if frame is None:
        return f"{_place(coroutine.cr_code)}, not started"
    code = frame.f_code
    return f"{name} waits in {code.co_qualname}() at {code.co_filename}:{frame.f_lineno}"


def _innermost(coroutine: Any) -> types.FrameType | None:  # noqa: ANN401 -- a coroutine
    """Return the frame in which a coroutine waits, the last that is not asyncio's own."""
    found: types.FrameType | None = coroutine.cr_frame
    for frame in _frames(coroutine):
        if not frame.f_code.co_filename.startswith(_ASYNCIO):
            found = frame
    return found


def _frames(awaited: Any) -> Iterator[types.FrameType]:  # noqa: ANN401 -- anything awaitable
    """Yield the frames of what waits for one another, from the outermost inwards."""
    for _ in range(_DEEPEST):
        names = next((names for kind, *names in _SUSPENDED if is_kind(awaited, kind)), None)
        frame = getattr(awaited, names[0]) if names else None
        if names is None or frame is None:
            return
        yield frame
        awaited = getattr(awaited, names[1])
