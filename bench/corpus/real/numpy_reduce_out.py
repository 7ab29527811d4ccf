"""NumPy 2.3.1: a reduction into an array of one's own never lets go of that array.

The output array that is passed to a reduction was counted twice, so it and its data stay for good.
2.3.2 counts it once.

Reference: numpy/numpy#29355.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

import numpy as np

import leakcheck


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """Sums of columns into an array that is dropped."""
    table = np.arange(12.0).reshape(4, 3)

    def add_columns() -> None:
        np.add.reduce(table, axis=0, out=np.empty(3))  # leaks here

    yield add_columns
