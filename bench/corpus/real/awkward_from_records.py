"""awkward 1.10.2: building an array from Python objects loses references to them.

The builder asked Python for keys and items, and did not give back the references it got. 1.10.3
gives them back.

Reference: scikit-hep/awkward#2311.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

import awkward

import leakcheck

RECORDS = ({"x": 1.1, "y": [1, 2]}, {"x": 2.2, "y": []})


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """Two records made into an array that is dropped."""

    def build() -> None:
        awkward.from_iter(RECORDS)  # leaks here

    yield build
