"""orjson 3.9.0: an error raised by the caller's own ``default`` is never freed.

The error becomes the cause of the one that orjson raises, with a reference too many: it stays,
and its traceback keeps the frames with all they hold. 3.9.1 counts right.

Reference: the changelog of ijl/orjson, 3.9.1.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

import contextlib
from collections.abc import Callable, Iterator

import orjson

import leakcheck


def refuse(value: object) -> object:
    """Refuse to write anything that JSON has no form for."""
    msg = f"cannot write a {type(value).__name__}"
    raise ValueError(msg)  # leaks here: workload


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """One object that cannot be written."""
    order = {"customer": object()}

    def write() -> None:
        with contextlib.suppress(orjson.JSONEncodeError):
            orjson.dumps(order, default=refuse)  # leaks here

    yield write
