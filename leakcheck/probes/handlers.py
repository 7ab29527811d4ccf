"""The functions that handle a container, and the numbers that they can see. In the child.

What they mean is read from their source, and not here: the child tells names and numbers only.
"""

import sys
import types
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from leakcheck.probes.objects import BUILT_IN, CACHE, SUSPENDED, attributes, code_of, is_kind

_LARGEST_NUMBER = 1 << 40


def declared_limit(target: Any, owners: list[Any]) -> int | None:  # noqa: ANN401
    """Return the size that a container or its cache declares as its limit, if it does."""
    limit: int | None = None
    if is_kind(target, deque):
        limit = target.maxlen
    elif owners and is_kind(owners[0], CACHE):
        limit = owners[0].cache_info().maxsize
    return limit


def own_numbers(owner: Any) -> dict[str, int]:  # noqa: ANN401
    """Return the whole numbers among the attributes of an instance and of its classes."""
    if is_kind(owner, (type, types.ModuleType, types.FunctionType, *SUSPENDED)):
        return {}
    if type(owner) in BUILT_IN:
        return {}
    found = {}
    for base in reversed(type(owner).__mro__):
        if base.__module__ != "builtins":
            found.update(_numbers(attributes(base)))
    found.update(_numbers(attributes(owner)))
    return found


def _numbers(named: Iterable[tuple[Any, Any]]) -> dict[str, int]:
    return {
        name: value
        for name, value in named
        if type(value) is int
        and type(name) is str
        and not name.startswith("__")
        and 0 < value < _LARGEST_NUMBER
    }


def functions_around(
    way: list[Any], names: frozenset[str]
) -> list[tuple[types.FunctionType | None, types.CodeType]]:
    """Return the functions that may handle what is held, each with its code."""
    found: list[tuple[types.FunctionType | None, types.CodeType]] = []
    modules: dict[str, None] = {}
    for one in way:
        if is_kind(one, SUSPENDED):
            found.append((None, code_of(one)))
        elif is_kind(one, types.FrameType):
            found.append((None, one.f_code))
        elif is_kind(one, types.FunctionType):
            found.append((one, one.__code__))
            modules[one.__module__] = None
        elif is_kind(one, types.ModuleType):
            modules[one.__name__] = None
        elif is_kind(one, type):
            modules[one.__module__] = None
        elif type(one) not in BUILT_IN:
            modules.update((base.__module__, None) for base in type(one).__mro__)
            found += [(one, one.__code__) for one in _methods(type(one), names)]
    for module in modules:
        found += [(one, one.__code__) for one in _functions_of(module, names)]
    return found


def _functions_of(module_name: str, names: frozenset[str]) -> Iterator[types.FunctionType]:
    module = sys.modules.get(module_name)
    if module is None or module_name == "builtins":
        return
    for value in list(vars(module).values()):
        if is_kind(value, type):
            if value.__module__ == module_name:
                yield from _methods(value, names)
            continue
        function = _function(value)
        if function is not None and names & _names_in(function.__code__):
            yield function


def _methods(kind: type, names: frozenset[str]) -> Iterator[types.FunctionType]:
    for base in kind.__mro__:
        if base.__module__ == "builtins":
            continue
        for _, member in attributes(base):
            function = _function(member)
            if function is not None and (names & _names_in(function.__code__)):
                yield function


def _function(value: Any) -> types.FunctionType | None:  # noqa: ANN401
    if is_kind(value, property):
        value = value.fget
    if is_kind(value, staticmethod | classmethod):
        value = value.__func__
    if is_kind(value, CACHE):
        value = value.__wrapped__
    return value if is_kind(value, types.FunctionType) else None


def _names_in(code: types.CodeType) -> set[str]:
    found = {*code.co_names, *code.co_freevars, *code.co_cellvars, *code.co_varnames}
    for constant in code.co_consts:
        if is_kind(constant, types.CodeType):
            found |= _names_in(constant)
    return found


def visible_numbers(function: types.FunctionType | None) -> dict[str, int]:
    """Return the whole numbers that a function reads by name: globals and closed-over ones."""
    if function is None:
        return {}
    names = _names_in(function.__code__)
    scope = function.__globals__
    found = _numbers((name, scope[name]) for name in names if name in scope)
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
    for name, cell in cells:
        try:
            found.update(_numbers([(name, cell.cell_contents)]))
        except ValueError:
            continue  # an empty cell
    return found
