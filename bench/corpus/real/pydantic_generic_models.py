"""pydantic 1.9.0: every parametrisation of a generic model is kept for good.

A generic model makes a class for each type it is used with and remembers it without a limit; a
program that makes its types as it runs grows by a class each time. 1.9.1 remembers so many and
forgets the oldest: the fixed side grows, steadily and fast, until then.

Reference: pydantic/pydantic#4083.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

import itertools
from collections.abc import Callable, Iterator
from typing import Generic, Literal, TypeVar

from pydantic.generics import GenericModel

import leakcheck

Item = TypeVar("Item")


class Answer(GenericModel, Generic[Item]):
    """An answer that carries something."""

    item: Item


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """An answer for a type that was not used before."""
    numbers = itertools.count()

    def answer() -> None:
        number = next(numbers)
        Answer[Literal[number]](item=number)  # leaks here

    yield answer
