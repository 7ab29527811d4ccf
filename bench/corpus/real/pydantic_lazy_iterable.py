"""pydantic 2.7.0: a field that is read lazily keeps its input and its iterator for good.

The iterator that validates an ``Iterable`` field one item at a time holds Python objects that
the cycle collector could not see through it, and the model and it hold each other. 2.7.1 fixes it
by a newer core.

Reference: pydantic/pydantic#9243.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterable, Iterator

from pydantic import BaseModel

import leakcheck


class Batch(BaseModel):
    """Has a field that is validated when it is iterated."""

    items: Iterable[int]


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """One model validated and dropped."""

    def validate() -> None:
        Batch(items=[3, 5, 7])  # leaks here

    yield validate
