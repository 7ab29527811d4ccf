"""Looking at objects without running code of theirs. In the child.

`isinstance` asks an object for its class, and reading an attribute may run a property: a proxy
of the workload's would answer, or raise. Only the built-in types' own methods are used here.
"""

import functools
import gc
import types
from collections import deque
from collections.abc import Iterator
from typing import Any, TypeGuard

SUSPENDED = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
BUILT_IN = (dict, list, set, tuple, frozenset, deque, types.CellType)
CACHE = type(functools.lru_cache(lambda: None))
_PROGRAM = (types.ModuleType, type, types.CodeType, types.BuiltinFunctionType)
_DICTIONARY = type.__dict__["__dict__"]
_LINKS: tuple[tuple[type, str], ...] = (
    *((BaseException, name) for name in ("__context__", "__cause__", "__traceback__")),
    (types.TracebackType, "tb_next"),
)
"""Attributes of built-in types that are no members of theirs, and that chains are made of."""
_NAMES_OF_MODULE: Any = vars(types.ModuleType)["__dict__"]


def referents(objects: list[Any]) -> list[Any]:
    """Return what `objects` refer to; of a module, only the dict of its names.

    A module written in C may show the collector objects that are free already: asyncio's of
    Python 3.12 does, and whoever takes hold of one of those ruins the list that they are on.
    """
    modules = [one for one in objects if is_kind(one, types.ModuleType)]
    if not modules:
        return gc.get_referents(*objects)
    others = [one for one in objects if not is_kind(one, types.ModuleType)]
    return [*gc.get_referents(*others), *map(_NAMES_OF_MODULE.__get__, modules)]


def is_kind(one: object, kinds: Any) -> TypeGuard[Any]:  # noqa: ANN401 -- a type or several
    """Return whether an object is of a kind by its real type: `isinstance` asks the object."""
    return issubclass(type(one), kinds)


def label_of(holder: Any, held: Any) -> str:  # noqa: ANN401
    """Return under which name `holder` keeps `held`; empty where it has none."""
    for key, value in _named_values(holder):
        if value is held and type(key) is str and key.isidentifier() and key != "__dict__":
            return str(key)
    return ""


def _named_values(holder: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
    if is_kind(holder, dict):
        if _is_namespace(holder):
            yield from list(dict.items(holder))
    elif is_kind(holder, types.FunctionType):
        yield from zip(holder.__code__.co_freevars, holder.__closure__ or (), strict=False)
    elif not is_kind(holder, (*BUILT_IN, *SUSPENDED, types.FrameType)):
        yield from attributes(holder)
        for kind, name in _LINKS:
            if is_kind(holder, kind):
                yield name, vars(kind)[name].__get__(holder)


def _is_namespace(one: dict[Any, Any]) -> bool:
    """Return whether a dict holds names rather than data: a module's, or only identifiers."""
    return dict.__contains__(one, "__spec__") or all(
        type(key) is str and key.isidentifier() for key in list(dict.keys(one))[:500]
    )


def is_namespace_of(owner: Any, one: Any) -> bool:  # noqa: ANN401
    """Return whether `one` is the dict in which `owner` keeps its names."""
    if not is_kind(one, dict) or type(owner) in BUILT_IN:
        return False
    if is_kind(owner, (types.ModuleType, type)):
        return True
    try:
        return object.__getattribute__(owner, "__dict__") is one
    except AttributeError:
        return False


def attributes(one: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield the attributes of an instance or a class without running code of its class."""
    if is_kind(one, type):
        yield from list(_DICTIONARY.__get__(one).items())
        return
    try:
        own = object.__getattribute__(one, "__dict__")
    except AttributeError:
        own = {}
    yield from list(dict.items(own)) if is_kind(own, dict) else ()
    for base in type(one).__mro__:
        for name, member in _DICTIONARY.__get__(base).items():
            if is_kind(member, types.MemberDescriptorType):
                try:
                    yield name, member.__get__(one)
                except (AttributeError, TypeError):
                    continue  # a slot that holds nothing


def code_of(suspended: Any) -> types.CodeType:  # noqa: ANN401
    """Return the code of a generator or a coroutine of either kind."""
    name = next(n for n in ("gi_code", "cr_code", "ag_code") if hasattr(suspended, n))
    code: types.CodeType = getattr(suspended, name)
    return code


def parts(one: Any) -> list[Any]:  # noqa: ANN401
    """Return what is a part of an object: what it refers to that is not a part of the program.

    Of a function that is what it closes over and its defaults, not the names of its module. A
    type is a part of nothing, and has parts itself; modules have none.
    """
    if is_kind(one, types.ModuleType):
        return []
    if is_kind(one, types.FunctionType):
        kept = (one.__closure__, one.__defaults__, one.__kwdefaults__)
        return [part for part in kept if part is not None]
    caller = one.f_back if is_kind(one, types.FrameType) else None
    held = gc.get_referents(one)
    return [part for part in held if part is not caller and not is_kind(part, _PROGRAM)]
