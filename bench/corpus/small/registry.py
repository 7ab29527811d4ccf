"""The cases of this package, and the marks that make a workload one of them."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from leakcheck import workload

SEED_VARIABLE: Final = "CORPUS_SEED"

F = TypeVar("F", bound=Callable[[], Any])


class Group(StrEnum):
    """The part of the corpus that a case belongs to; nothing is tuned on `HELD_OUT`."""

    CORE = "core"
    HARD = "hard"
    HELD_OUT = "held-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallCase:
    """A workload, and the truth about it.

    `most_calls` is how often it can be called before it meets a limit of the machine.
    """

    name: str
    module: str
    group: Group
    leaks: bool
    most_calls: int | None = None

    @property
    def target(self) -> str:
        """Return the workload as the command line has it."""
        return f"{self.module}:{self.name}"


REGISTERED: Final[list[SmallCase]] = []
"""Every case whose module has been imported, in the order of the files."""


def leaky(
    group: Group, *, exact_iterations: int | None = None, most_calls: int | None = None
) -> Callable[[F], F]:
    """Return a decorator that makes a generator function a workload which leaks."""
    return _case(group, exact_iterations, leaks=True, most_calls=most_calls)


def clean(group: Group) -> Callable[[F], F]:
    """Return a decorator that makes a generator function a workload which does not leak."""
    return _case(group, None, leaks=False)


def dice(name: str) -> random.Random:
    """Return the randomness of the case `name` for the seed in the environment (1 if none).

    >>> dice("a").random() == dice("a").random(), dice("a").random() == dice("b").random()
    (True, False)
    """
    return random.Random(f"{os.environ.get(SEED_VARIABLE, '1')}/{name}")  # noqa: S311 -- no secret


def _case(
    group: Group, exact_iterations: int | None, *, leaks: bool, most_calls: int | None = None
) -> Callable[[F], F]:
    def register(function: F) -> F:
        case = SmallCase(
            name=function.__name__,
            module=function.__module__,
            group=group,
            leaks=leaks,
            most_calls=most_calls,
        )
        REGISTERED.append(case)
        return workload(exact_iterations=exact_iterations)(function)

    return register
