"""Objects in words: types, names and sizes, never content. In the child."""

import asyncio
import functools
import types
from array import array
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from leakcheck.probes.kinds import name_of
from leakcheck.probes.objects import CACHE, SUSPENDED, code_of, is_kind

SIZED: Final[tuple[Any, ...]] = (
    *(dict, list, set, frozenset, tuple, deque),
    *(bytes, bytearray, str, array, memoryview),
)
_DEEPEST: Final = 8
_TASK: Final = asyncio.Task
_WRAPPED: Final = vars(functools.partial)["func"]
_WRAPPED_BY_CACHE: Final = "__wrapped__"


def phrase_of(one: Any) -> str:  # noqa: ANN401 -- an object of any kind
    """Return an object in words.

    >>> phrase_of([1, 2]), phrase_of(b"12"), phrase_of(phrase_of)
    ('list of 2', 'bytes of 2', 'function leakcheck.probes.phrases.phrase_of')
    """
    found = [say for kind, say in _SPOKEN if is_kind(one, kind)]
    return found[0](one) if found else _size_of(one)


def with_label(phrase: str, label: str) -> str:
    """Return what is in words, with the name under which it keeps what comes next.

    >>> with_label("jobs.Node", "next"), with_label("closure jobs.f", "kept"), with_label("a", "")
    ('jobs.Node.next', 'closure jobs.f (kept)', 'a')
    """
    if not label:
        return phrase
    return f"{phrase} ({label})" if " " in phrase else f"{phrase}.{label}"


def called(one: Any) -> str:  # noqa: ANN401 -- whatever can be called
    """Return the name of what is called in the end, through partials and bound methods.

    >>> called(functools.partial(called, 1)), called([].append)
    ('leakcheck.probes.phrases.called', 'list.append')
    """
    one = unwrapped(one)
    if is_kind(one, types.FunctionType):
        module = one.__module__
        return f"{module}.{one.__qualname__}" if type(module) is str else one.__qualname__
    if is_kind(one, types.BuiltinFunctionType):
        return str(one.__qualname__)
    return name_of(one if is_kind(one, type) else type(one))


def unwrapped(one: Any) -> Any:  # noqa: ANN401 -- whatever can be called
    """Return what partials and bound methods call in the end, asking nothing of its own code."""
    for _ in range(_DEEPEST):
        if is_kind(one, functools.partial):
            one = _WRAPPED.__get__(one)
        elif is_kind(one, types.MethodType):
            one = one.__func__
        else:
            break
    return one


def task_name(task: Any) -> str:  # noqa: ANN401 -- an asyncio.Task
    """Return which coroutine a task runs.

    A task that is being made has none yet.
    """
    coroutine = _TASK.get_coro(task)
    if is_kind(coroutine, SUSPENDED):
        return f"task of {code_of(coroutine).co_qualname}()"
    return f"task of {name_of(type(coroutine))}"


def _cache(one: Any) -> str:  # noqa: ANN401 -- functools' own type
    attributes = vars(CACHE)["__dict__"].__get__(one)
    return f"cache of {called(dict.get(attributes, _WRAPPED_BY_CACHE))}()"


def _function(one: types.FunctionType) -> str:
    return f"{'closure' if one.__closure__ else 'function'} {called(one)}"


def _size_of(one: Any) -> str:  # noqa: ANN401
    name = name_of(type(one))
    base = next((base for base in SIZED if is_kind(one, base)), None)
    try:
        return name if base is None else f"{name} of {base.__len__(one):,}"
    except (ValueError, TypeError):
        return name  # a view of memory that was released


_SPOKEN: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (types.FunctionType, _function),
    (types.MethodType, lambda one: f"method {called(one)}"),
    (functools.partial, lambda one: f"partial of {called(one)}"),
    (CACHE, _cache),
    (types.CoroutineType, lambda one: f"coroutine {code_of(one).co_qualname}()"),
    (SUSPENDED, lambda one: f"generator {code_of(one).co_qualname}()"),
    (_TASK, task_name),
    (types.FrameType, lambda one: f"frame of {one.f_code.co_qualname}()"),
    (types.ModuleType, lambda _: "module"),
    (type, lambda one: f"class {name_of(one)}"),
)
