"""cbor2 5.9.0: text that is not UTF-8 leaves the half-built error behind.

Decoding such text inside a map wraps Python's own error in another, and on that path the first is
not freed, nor what it holds. Good messages show nothing. 6.0.1 frees it.

Reference: agronholm/cbor2#257.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

import contextlib
from collections.abc import Callable, Iterator

import cbor2

import leakcheck

NOT_UTF8 = b"\xa1\x01\xa1\x02\x63ab\xff"
"""``{1: {2: <three bytes of text, the last of them wrong>}}``"""


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """One message refused."""

    def refuse() -> None:
        with contextlib.suppress(cbor2.CBORDecodeError):
            cbor2.loads(NOT_UTF8)  # leaks here

    yield refuse
