"""What running functions keep in their local variables, and which tasks wait. In the child.

The collector does not see the variables of a function that runs.
"""

import inspect
import sys
import threading
import types
from collections.abc import Iterator
from typing import Any, Final

from leakcheck.probes.objects import SUSPENDED, is_kind
from leakcheck.probes.phrases import task_name
from leakcheck.probes.tasks import registered_tasks

_DEEPEST: Final = 200
_MOST_TASKS: Final = 10_000
_IS_COPIED: Final = sys.version_info < (3, 13)
"""Up to 3.12 reading the variables makes a dict of them, which the frame keeps."""
_SHOWS_VARIABLES: Final = frozenset({"locals", "vars", "dir", "eval", "exec"})
_FRAMES: Final = {
    types.CoroutineType: ("cr_frame", "cr_await"),
    types.GeneratorType: ("gi_frame", "gi_yieldfrom"),
    types.AsyncGeneratorType: ("ag_frame", "ag_await"),
}
_OUR_PACKAGE: Final = __file__.rpartition("probes")[0]
_OF_THREADS: Final = threading.__file__


def running_frames() -> Iterator[tuple[types.FrameType, str]]:
    """Yield the frames of all other threads, each with what its thread runs.

    A frame that holds itself would be a cycle, and so this thread's are not touched at all.
    """
    frames = sys._current_frames()  # noqa: SLF001 -- there is no other way
    frames.pop(threading.get_ident(), None)
    for frame in frames.values():
        stack = list(_outwards(frame))
        runs = next((f for f in reversed(stack) if f.f_code.co_filename != _OF_THREADS), None)
        for one in stack:
            yield one, f"thread running {runs.f_code.co_qualname if runs else 'no Python code'}()"


def _outwards(frame: types.FrameType | None) -> Iterator[types.FrameType]:
    for _ in range(_DEEPEST):
        if frame is None:
            return
        yield frame
        frame = frame.f_back


def is_ours(frame: types.FrameType) -> bool:
    """Return whether a frame is one of the harness's own."""
    return frame.f_code.co_filename.startswith(_OUR_PACKAGE)


def holder_in_a_thread(held: Any) -> tuple[str, str] | None:  # noqa: ANN401
    """Return which thread keeps an object in a local variable: what it runs, and the variable."""
    for frame, thread in running_frames():
        if name := variable_of(frame, held):
            place = f" of {frame.f_code.co_qualname}()"
            return thread, f"local variable {name}{'' if place[4:] in thread else place}"
    return None


def variable_of(frame: types.FrameType, held: Any) -> str:  # noqa: ANN401
    """Return the local variable of a function in which it keeps an object; empty if in none.

    Nothing is left behind that keeps the object: what Python makes of the variables for us is
    emptied again, unless the function itself may have asked for it.
    """
    code = frame.f_code
    if not code.co_flags & inspect.CO_OPTIMIZED or _SHOWS_VARIABLES & set(code.co_names):
        return ""
    variables = frame.f_locals
    found = [name for name, value in list(variables.items()) if value is held]
    if _IS_COPIED:
        variables.clear()
    return found[0] if found else ""


def variable_of_suspended(suspended: Any, held: Any) -> str:  # noqa: ANN401
    """Return the local variable in which a generator or a coroutine keeps an object."""
    names = _FRAMES.get(type(suspended))
    frame = getattr(suspended, names[0]) if names else None
    try:
        kept = held.cell_contents if is_kind(held, types.CellType) else held
    except ValueError:
        return ""  # an empty cell
    return "" if frame is None else variable_of(frame, kept)


def task_around(coroutine: Any) -> str:  # noqa: ANN401 -- a coroutine, a generator
    """Return which task a coroutine is a part of, in words; empty where it is part of none."""
    for number, task in enumerate(registered_tasks()):
        if number >= _MOST_TASKS:
            break
        if any(one is coroutine for one in _awaited(type(task).get_coro(task))):
            return task_name(task)
    return ""


def _awaited(coroutine: Any) -> Iterator[Any]:  # noqa: ANN401 -- anything awaitable
    for _ in range(_DEEPEST):
        if not is_kind(coroutine, SUSPENDED):
            return
        yield coroutine
        coroutine = getattr(coroutine, _FRAMES[type(coroutine)][1])
