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

    `most_calls` is how often it can be called before it meets a limit of the machine. `holder`
    is a part of how what it keeps is held, None where it is clean or no Python object holds it;
    without `has_line` nothing tells where what leaks is made. The lines that leak carry a mark.
    """

    name: str
    module: str
    group: Group
    leaks: bool
    most_calls: int | None = None
    holder: str | None = None
    has_line: bool = True

    @property
    def target(self) -> str:
        """Return the workload as the command line has it."""
        return f"{self.module}:{self.name}"


REGISTERED: Final[list[SmallCase]] = []
"""Every case whose module has been imported, in the order of the files."""


def leaky(
    group: Group,
    *,
    holder: str | None,
    has_line: bool = True,
    exact_iterations: int | None = None,
    most_calls: int | None = None,
) -> Callable[[F], F]:
    """Return a decorator that makes a generator function a workload which leaks."""

    def register(function: F) -> F:
        case = SmallCase(
            name=function.__name__,
            module=function.__module__,
            group=group,
            leaks=True,
            most_calls=most_calls,
            holder=holder,
            has_line=has_line,
        )
        REGISTERED.append(case)
        return workload(exact_iterations=exact_iterations)(function)

    return register


def clean(group: Group) -> Callable[[F], F]:
    """Return a decorator that makes a generator function a workload which does not leak."""

    def register(function: F) -> F:
        case = SmallCase(
            name=function.__name__, module=function.__module__, group=group, leaks=False
        )
        REGISTERED.append(case)
        return workload(function)

    return register


def dice(name: str) -> random.Random:
    """Return the randomness of the case `name` for the seed in the environment (1 if none).

    >>> dice("a").random() == dice("a").random(), dice("a").random() == dice("b").random()
    (True, False)
    """
    return random.Random(f"{os.environ.get(SEED_VARIABLE, '1')}/{name}")  # noqa: S311 -- no secret
