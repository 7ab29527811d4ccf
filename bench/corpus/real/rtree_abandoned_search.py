"""Rtree 1.0.1: a search that is not read to its end leaves all its results behind.

The results come from C as an array, which was freed after the last one had been read. Whoever
wants the first only, and breaks off, keeps the array and the objects in it. 1.1.0 frees them
when the generator is closed.

Reference: Toblerity/rtree#266.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

from rtree.index import Index

import leakcheck


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """The first of twenty results."""
    index = Index()
    for number in range(20):
        index.insert(number, (number, number, number + 5, number + 5), obj=f"field {number}")

    def find_one() -> None:
        next(index.intersection((0, 0, 30, 30), objects=True))  # leaks here

    yield find_one
