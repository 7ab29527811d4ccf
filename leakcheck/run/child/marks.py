"""Marks: the iterations after which the live memory of every call site is counted exactly.

At a mark the child stands still, right after a collection, until memray has noted the state of
memory; an object that it holds meanwhile, and at no other time, tells in the capture which of
memray's snapshots that was. No clock takes part.
"""

import sys
from collections.abc import Iterator
from typing import Final

_FULL_FROM_BITS: Final = 8
_BITS: Final = 5
_EARLY_BITS: Final = 3
_SMALLEST: Final = 64
_HEADER_BYTES: Final = sys.getsizeof(b"")
LAST: Final = -1
"""The rank of the end of a run, wherever that falls."""


def next_mark(mark: int) -> int:
    """Return the mark that follows on `mark`.

    From 128 iterations on there are 32 in each octave, before that 8: 0, 1, 2 ... 16, 18 ...
    Which iterations are marks depends on nothing but their number.

    >>> next_mark(0), next_mark(16), next_mark(128), next_mark(1024)
    (1, 18, 132, 1056)
    """
    bits = _BITS if mark.bit_length() >= _FULL_FROM_BITS else _EARLY_BITS
    return mark + (1 << max(0, mark.bit_length() - 1 - bits))


def all_marks() -> Iterator[int]:
    """Yield every mark there is, from 0 on.

    >>> from itertools import takewhile
    >>> len(list(takewhile(lambda mark: mark <= 20_000, all_marks())))
    272
    """
    mark = 0
    while True:
        yield mark
        mark = next_mark(mark)


def held_bytes(rank: int) -> int:
    """Return how large the object is that is held at the mark of that rank (the first is 0)."""
    return _HEADER_BYTES + _SMALLEST + rank


def rank_of(n_bytes: int) -> int:
    """Return the rank of the mark at which an object of so many bytes is held.

    >>> rank_of(held_bytes(7))
    7
    """
    return n_bytes - _HEADER_BYTES - _SMALLEST


def hold(n_bytes: int) -> bytes:
    """Return an object of `n_bytes`, its header included: the only one that is made here."""
    n_bytes -= _HEADER_BYTES
    return bytes(n_bytes)


def is_held(stack: list[tuple[str, str, int]], hide: str) -> bool:
    """Return whether memray saw this stack (function, file, line) make what a mark holds."""
    if not stack:
        return False
    function, file, line = stack[0]
    made_at = hold.__code__.co_firstlineno + 3
    return (function, line) == (hold.__name__, made_at) and file.startswith(hide)
