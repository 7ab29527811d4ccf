"""Whole numbers that are remembered outside the heap that is measured. In the child."""

import mmap
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

_BYTES = 8

_TYPE_BITS = 15


def mark_of(one: object) -> int:
    """Return a number that tells an object from others, also later on from most at its address.

    It is made of its address and of that of its type.
    """
    return id(one) << _TYPE_BITS | (id(type(one)) >> 4 & (1 << _TYPE_BITS) - 1)


class Cells:
    """A row of whole numbers in mapped memory: whoever remembers here leaves the heap as it was.

    >>> cells = Cells()
    >>> cells.keep([3, 5, 8])
    >>> cells.recall(), list(cells.having([5, 6]))
    ([3, 5, 8], [True, False])
    """

    def __init__(self) -> None:
        self._mapped: mmap.mmap | None = None
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def keep(self, numbers: Iterable[int]) -> None:
        """Remember `numbers`, and forget what was remembered before."""
        packed = array("q", numbers)
        self.forget()
        if packed:
            self._mapped = mmap.mmap(-1, _BYTES * len(packed))
            self._mapped.write(memoryview(packed).cast("B"))
        self._number = len(packed)

    def forget(self) -> None:
        """Give the memory back."""
        if self._mapped is not None:
            self._mapped.close()
        self._mapped, self._number = None, 0

    def recall(self) -> list[int]:
        """Return what was kept."""
        if self._mapped is None:
            return []
        with memoryview(self._mapped) as raw, raw.cast("q") as cells:
            return cells[: self._number].tolist()

    def having(self, numbers: Iterable[int]) -> Iterator[bool]:
        """Yield of each number whether it is among what was kept, which must be in order."""
        if self._mapped is None:
            yield from (False for _ in numbers)
            return
        with memoryview(self._mapped) as raw, raw.cast("q") as cells:
            for number in numbers:
                at = bisect_left(cells, number, 0, self._number)
                yield at < self._number and cells[at] == number
