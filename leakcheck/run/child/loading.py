"""Finding the function that a target names."""

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from leakcheck.workload import MARK


class BadTargetError(Exception):
    """The target cannot be used; the text says what was found and what was wanted."""


class ItemEndedError(BadTargetError):
    """A test that failed, or asked not to be run.

    `shown` is what its runner shows of it, for a terminal; `word` is ``skipped`` or ``xfailed`` for
    one that asked not to be run, and then the error's own text is its reason. `cause` is what was
    raised, None where nothing was.
    """

    def __init__(
        self, sentence: str, *, shown: str, word: str = "", cause: BaseException | None = None
    ) -> None:
        super().__init__(sentence)
        self.shown = shown
        self.word = word
        self.cause = cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A workload that was found.

    `sets_up` is whether calling `function` makes a generator that sets up, yields the
    iteration function and tears down; `drives` whether `function` is given the loop and has it
    iterate in the middle of what it does; otherwise `function` is itself one iteration.
    """

    function: Callable[..., Any]
    sets_up: bool
    options: dict[str, Any]
    drives: bool = False


def load(target: str) -> Loaded:
    """Return the workload that ``module:name`` or ``path/to/file.py:name`` stands for.

    Raises:
        BadTargetError: if there is no such module, file or name, if it is not callable, needs
            arguments, or is a generator without the mark. Whatever the module itself raises
            when it is imported comes through.
    """
    function = found(target)
    _refuse_arguments(target, function)
    options = getattr(function, MARK, None)
    makes_generator = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
    if makes_generator and options is None:
        msg = f"{target}: found a generator function, wanted it marked with @leakcheck.workload"
        raise BadTargetError(msg)
    return Loaded(function=function, sets_up=makes_generator, options=options or {})


def found(target: str) -> Callable[..., Any]:
    """Return what ``module:name`` or ``path/to/file.py:name`` names; raises as `load` does."""
    place, _, name = target.rpartition(":")
    module = _load_file(place) if place.endswith(".py") else _import(place)
    return _attribute(module, place, name)


def _load_file(path: str) -> ModuleType:
    if not os.path.isfile(path):  # noqa: PTH113 -- os is loaded anyway, pathlib may not be
        msg = f"{path}: found no such file, wanted path/to/file.py:name"
        raise BadTargetError(msg)
    folder, filename = os.path.split(os.path.abspath(path))  # noqa: PTH100
    sys.path.insert(0, folder)
    module_name = filename.removesuffix(".py")
    spec = importlib.util.spec_from_file_location(module_name, os.path.join(folder, filename))  # noqa: PTH118
    if spec is None or spec.loader is None:
        msg = f"{path}: found a file that Python cannot load, wanted a .py file"
        raise BadTargetError(msg)
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    return module


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # the module was found, and something that it imports was not
        msg = f"{name}: found no module {error.name!r}, wanted one importable from here"
        raise BadTargetError(msg) from error


def _attribute(module: ModuleType, place: str, name: str) -> Callable[..., Any]:
    one: Any = module
    for part in name.split("."):
        if not hasattr(one, part):
            msg = f"{place}: found no {name!r} in it, wanted the name of a function"
            raise BadTargetError(msg)
        one = getattr(one, part)
    if not callable(one):
        msg = f"{place}:{name}: found {type(one).__name__}, wanted a function"
        raise BadTargetError(msg)
    return one  # type: ignore[no-any-return]


def _refuse_arguments(target: str, function: Callable[..., Any]) -> None:
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return  # some built-in callables have no signature to look at
    try:
        signature.bind()
    except TypeError:
        needed = ", ".join(
            parameter.name
            for parameter in signature.parameters.values()
            if parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        )
        msg = f"{target}: found a function that needs arguments ({needed}), wanted none"
        raise BadTargetError(msg) from None
