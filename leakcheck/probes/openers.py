"""Which place opened which descriptor. In the child.

Of what is about to be opened the number is not known yet. The kernel gives out the lowest that
is free, so that is found by taking one and giving it back; the global lock is held from then
until the system is called, so hardly ever does another thread come in between.

A number proves nothing by itself: once its owner has closed it, what is opened where nobody hears
of it may get the same. So an entry also remembers what its descriptor has to be, by the name that
the system shows (a file's own, or "socket:[4711]"), and counts only where that is still so.
"""

import ctypes
import os
from contextlib import suppress
from typing import Final

from leakcheck.probes.places import mapped

MOST_NUMBERS: Final = 1 << 16
FOLDER: Final = "/proc/self/fd"
_BITS: Final = 24
_MASK: Final = (1 << _BITS) - 1
_SOCKET: Final = 1 << 2 * _BITS
_PLACE: Final = 2 * _BITS + 1
"""An entry: a place, whether it is a socket, the mark of a name, and an iteration."""
_LIBRARY: Final = ctypes.PyDLL(None)  # unlike CDLL it keeps the global lock
_SCATTER: Final = 0x9E3779B1
_KEY: Final = (1 << 32) - 1
"""Multiplicative hashing (Knuth, The Art of Computer Programming, 6.4)."""
_DELETED: Final = " (deleted)"
_UNTELLING: Final = ("", ".", "..")


def can_tell() -> bool:
    """Return whether this system has what is needed here."""
    return hasattr(_LIBRARY, "eventfd") and os.path.isdir(FOLDER)  # noqa: PTH112 -- no pathlib in the child


class Openers:
    """For each number the place that opened it, in mapped memory."""

    def __init__(self, iterations: memoryview) -> None:
        """`iterations` holds one number: how many are completed."""
        self._iterations = iterations
        self._entries = mapped("Q", MOST_NUMBERS)

    def begin(self) -> None:
        """Remember what is open now: nobody will ask who opened that."""
        for number, link in open_now()[0]:
            if number < MOST_NUMBERS:
                self._entries[number] = mark(last_name(link)) << _BITS

    def expect(self, place: int, name: str, *, is_socket: bool = False) -> None:
        """Note that `place` opens a descriptor next; `name` is empty where it does not tell."""
        entry = self._entry(place, name, is_socket=is_socket)
        number = _next_number()
        if 0 <= number < MOST_NUMBERS:
            self._entries[number] = entry

    def take_over(self, number: int, place: int) -> None:
        """Note that `place` makes an object of a descriptor, unless it is known who opened that."""
        if not 0 <= number < MOST_NUMBERS:
            return
        link = link_of(number)
        entry = self._entries[number]
        if not (entry >> _BITS & _MASK and _fits(entry, link)):
            self._entries[number] = self._entry(place, last_name(link)) if place else 0

    def prove(self, number: int) -> None:
        """Note which socket a number is, now that it is in use."""
        if 0 <= number < MOST_NUMBERS:
            entry = self._entries[number]
            if entry & _SOCKET and not entry >> _BITS & _MASK:
                self._entries[number] = entry | mark(last_name(link_of(number))) << _BITS

    def opened_by(self, number: int, link: str) -> tuple[int, int] | None:
        """Return the place that opened a descriptor and the iteration in which it did.

        Place 0 is for what was open when watching began; None where nobody heard of it.
        """
        entry = self._entries[number] if number < MOST_NUMBERS else 0
        return (entry >> _PLACE, entry & _MASK) if entry and _fits(entry, link) else None

    def _entry(self, place: int, name: str, *, is_socket: bool = False) -> int:
        iteration = min(self._iterations[0], _MASK)
        return place << _PLACE | is_socket * _SOCKET | mark(name) << _BITS | iteration


def mark(name: str) -> int:
    """Return a number of 24 bits for a name, 0 for one that does not tell."""
    return 0 if name in _UNTELLING else hash(name) & _MASK or 1


def last_name(link: str) -> str:
    """Return what a link of /proc/self/fd ends with.

    >>> last_name("/tmp/a.log (deleted)"), last_name("socket:[4711]")
    ('a.log', 'socket:[4711]')
    """
    return link.removesuffix(_DELETED).rpartition("/")[2]


def link_of(number: int) -> str:
    """Return what the system shows of a descriptor, nothing for one that is closed."""
    with suppress(OSError):
        return os.readlink(f"{FOLDER}/{number}")  # noqa: PTH115 -- no pathlib in the child
    return ""


def open_now(most: int = MOST_NUMBERS) -> tuple[list[tuple[int, str]], float]:
    """Return number and link of what is open, and how many there are to one of these.

    Of more than `most` that many are looked at, without regard to the order they came in: what
    is opened by turns is not to be mistaken for the half of it.
    """
    numbers = list(map(int, os.listdir(FOLDER)))  # noqa: PTH208 -- no pathlib in the child
    chosen = sorted(numbers, key=lambda number: number * _SCATTER & _KEY)[:most]
    links = ((number, link_of(number)) for number in chosen)
    return [(number, link) for number, link in links if link], len(numbers) / len(chosen)


def _fits(entry: int, link: str) -> bool:
    known = entry >> _BITS & _MASK
    if known:
        return known in _marks_of(link)
    if entry & _SOCKET:
        return link.startswith("socket:")
    return link.startswith("/") and not link.startswith("/memfd:")


def _marks_of(link: str) -> tuple[int, ...]:
    """Return what a link may be known by; a file without a name is opened by its folder's."""
    name = last_name(link)
    if name.startswith("#") and link.endswith(_DELETED):
        return mark(name), mark(last_name(link.rpartition("/")[0]))
    return (mark(name),)


def _next_number() -> int:
    """Return the number that the next descriptor will get, -1 where there is none left.

    An eventfd is no copy of anybody's descriptor, so that giving it back lets go of no lock.
    """
    number: int = _LIBRARY.eventfd(0, os.O_CLOEXEC)
    if number >= 0:
        _LIBRARY.close(number)
    return number
