"""A way from a root down to an object, in words. In the child."""

import functools
import threading
import types
from collections.abc import Iterator
from typing import Any, Final

from leakcheck.probes.context import variable_name
from leakcheck.probes.kinds import name_of, qualname_of
from leakcheck.probes.objects import (
    BUILT_IN,
    CACHE,
    SUSPENDED,
    code_of,
    is_kind,
    is_namespace_of,
    label_of,
)
from leakcheck.probes.phrases import called, phrase_of
from leakcheck.probes.running import holder_in_a_thread, task_around, variable_of_suspended

FROM_C: Final = "held from C or by a running function"
CUT: Final = "..."
_SPOKEN: Final = (functools.partial, types.MethodType, CACHE, types.FrameType, *SUSPENDED)
_MOST_LINKS: Final = 9


def links(way: list[Any], *, is_whole: bool = True) -> list[str]:
    """Return a way (its target first) from the root inwards, a phrase each; the target is last.

    Of a very long one the middle is left out, and so is the root where it `is_whole` not.
    """
    said = [*_holders(list(reversed(way)), is_whole=is_whole), phrase_of(way[0])]
    if len(said) <= _MOST_LINKS:
        return said
    half = _MOST_LINKS // 2
    return [*said[:half], CUT, *said[-half:]]


def _holders(way: list[Any], *, is_whole: bool) -> Iterator[str]:
    steps = list(_named_steps(way))
    top = steps[0][0] if steps else way[0]
    if steps and (said := list(_root(*steps[0]))):
        yield from said
        del steps[0]
    else:
        yield from (holder_in_a_thread(top) or [FROM_C]) if is_whole else [CUT]
    for holder, _, label in steps:
        if not is_kind(holder, types.CellType):
            yield _phrase(holder, label)


def _named_steps(way: list[Any]) -> Iterator[tuple[Any, Any, str]]:
    """Yield each holder from the root on, what it keeps, and under which name.

    The dict in which a holder keeps its names is no holder of its own, nor are the two in which
    a thread-local keeps those of each thread.
    """
    at = 0
    while at < len(way) - 1:
        holder, held = way[at], way[at + 1]
        skipped = _between(way[at:])
        yield holder, held, label_of(way[at + skipped], way[at + skipped + 1])
        at += 1 + skipped


def _between(way: list[Any]) -> int:
    """Return how many dicts are between a holder, the first of `way`, and what it keeps."""
    holder, held = way[0], way[1]
    if is_kind(holder, threading.local):
        dicts = [is_kind(one, dict) for one in way[1:-1][:2]]
        return [*dicts, False].index(False)
    return int(len(way) > len((holder, held)) and is_namespace_of(holder, held))


def _phrase(holder: Any, label: str) -> str:  # noqa: ANN401
    if type(holder) in BUILT_IN or is_kind(holder, _SPOKEN):
        return phrase_of(holder)
    name = qualname_of(type(holder))
    if is_kind(holder, threading.local):
        name = "thread-local"
    return f"{name}.{label}" if label else name


def _root(root: Any, held: Any, label: str) -> Iterator[str]:  # noqa: ANN401
    """Yield how a root keeps what it holds; nothing where it is none."""
    if is_kind(root, types.ModuleType):
        yield _of_module(root, held, label)
    elif is_kind(root, type):
        name = name_of(root)
        yield f"{name}.{label} (class attribute)" if label else f"class {name}"
    elif is_kind(root, types.FunctionType):
        yield f"{called(root)} ({_of_function(root, held, label)})"
    elif is_kind(root, SUSPENDED):
        yield from _of_suspended(root, variable_of_suspended(root, held))
    elif (variable := variable_name(root, held)) is not None:
        yield f"context variable {variable}"


def _of_module(module: types.ModuleType, held: Any, label: str) -> str:  # noqa: ANN401
    names = vars(types.ModuleType)["__dict__"].__get__(module)
    name = dict.get(names, "__name__")
    shown = name if type(name) is str else "?"
    if label:
        return f"{shown}.{label} (module global)"
    return f"{shown} (module globals)" if held is names else f"{shown} (kept by its C code)"


def _of_function(function: types.FunctionType, held: Any, label: str) -> str:  # noqa: ANN401
    if label:
        return f"closure, {label}"
    defaults = function.__defaults__ or ()
    for name, value in _defaults(function, defaults):
        if value is held:
            return f"default argument {name}"
    return "attribute"


def _defaults(function: types.FunctionType, defaults: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    code = function.__code__
    last = code.co_argcount
    yield from zip(code.co_varnames[last - len(defaults) : last], defaults, strict=False)
    yield from (function.__kwdefaults__ or {}).items()


def _of_suspended(root: Any, variable: str) -> Iterator[str]:  # noqa: ANN401
    name = code_of(root).co_qualname
    task = task_around(root)
    if not task:
        yield f"{name} (suspended, local variable{' ' if variable else ''}{variable})"
        return
    yield task
    place = "" if f" of {name}()" in task else f" of {name}()"
    yield f"local variable {variable}{place}".rstrip()
