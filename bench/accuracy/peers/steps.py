"""A workload to be called in this process, by a tool that knows plain functions only."""

import asyncio
import importlib
import importlib.util
import inspect
import json
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclass(frozen=True, slots=True)
class Steps:
    """One iteration as a plain function, and a count of its calls."""

    step: Callable[[], None]
    calls: list[int]


@contextmanager
def opened(target: str) -> Iterator[Steps]:
    """Return the iterations of a workload between its set-up and its tear-down."""
    _allow_descriptors()
    place, _, name = target.rpartition(":")
    function = getattr(_module(place), name)
    if inspect.isasyncgenfunction(function):
        with _opened_async(function()) as steps:
            yield steps
        return
    generator = function()
    yield _counted(next(generator))
    with suppress(StopIteration):
        next(generator)


def answer(path: str, **said: object) -> None:
    """Write what a tool said where who asked will look for it."""
    Path(path).write_text(json.dumps(said), encoding="utf-8")


@contextmanager
def _opened_async(generator: Any) -> Iterator[Steps]:  # noqa: ANN401 -- yields what it likes
    with asyncio.Runner() as runner:
        iterate = runner.run(_first(generator))
        loop = runner.get_loop()
        yield _counted(lambda: loop.run_until_complete(iterate()))
        runner.run(_first(generator))


async def _first(generator: Any) -> Any:  # noqa: ANN401 -- likewise
    return await anext(generator, None)


def _counted(iterate: Callable[[], object]) -> Steps:
    calls = [0]

    def step() -> None:
        calls[0] += 1
        iterate()

    return Steps(step, calls)


def _module(place: str) -> ModuleType:
    if not place.endswith(".py"):
        return importlib.import_module(place)
    sys.path.insert(0, str(Path(place).parent))
    return importlib.import_module(Path(place).stem)


def _allow_descriptors() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
