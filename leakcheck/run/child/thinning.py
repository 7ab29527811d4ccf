"""Thinning a capture: of memray's notes of the state of memory, only those near marks stay.

memray counts what was alive between any two notes, and there is a note for every few milliseconds:
an object that lives for a while would be counted apart from nearly every other one. A note that no
mark needs is overwritten, where it lies, with as many records of one byte that memray passes over.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, Final

from leakcheck.run.child import marks

if TYPE_CHECKING:
    from memray import FileReader

_VERSION_AT: Final = slice(7, 11)
_VERSION: Final = 13
_MEMORY_RECORD: Final = b"\x02"
_NOTHING: Final = b" "
"""An object's end, at the address used last: read only where objects are tracked, and none are."""
_SLACK_MS: Final = 1_000
_CHUNK_BYTES: Final = 1 << 20
_WORD: Final = (1 << 64) - 1
_SEVEN_BITS: Final = 0x7F

Instants = Sequence[tuple[int, int]]
"""The wall clock in milliseconds when a sample was taken, and the iterations completed then."""


class Notes:
    """The notes of one capture, each of which may be hidden from readers and shown again."""

    def __init__(self, path: str, times_ms: list[int], notes: list[tuple[int, bytes]]) -> None:
        """`notes` are where each begins in the file, and what it consists of."""
        self.times_ms = times_ms
        self._path = path
        self._notes = notes
        self._hidden: set[int] = set()

    def span(self, instants: Instants) -> bool:
        """Return whether the clock of `instants` may be the one that the notes were taken by.

        It is not where a library gives the workload a clock of its own.
        """
        if not self.times_ms or not instants:
            return False
        first_ms, last_ms = instants[0][0], instants[-1][0]
        return self.times_ms[0] <= first_ms + _SLACK_MS and last_ms <= self.times_ms[-1] + _SLACK_MS

    def show(self, wanted: set[int]) -> None:
        """Show the notes with the numbers `wanted` and hide all others, as far as the disk lets."""
        changed = (set(range(len(self._notes))) - wanted) ^ self._hidden
        with suppress(OSError), open(self._path, "r+b", buffering=0) as file:  # noqa: PTH123 -- no pathlib here
            for number in sorted(changed):
                at, note = self._notes[number]
                file.seek(at)
                file.write(note if number in self._hidden else _NOTHING * len(note))
                self._hidden ^= {number}

    def show_all(self) -> None:
        """Leave the capture as memray wrote it."""
        self.show(set(range(len(self._notes))))


def notes_of(path: str, reader: "FileReader", instants: Instants) -> Notes | None:
    """Return the notes of a capture that `reader` has open with every one of them.

    None where one of them is not where it should be, as in a format that is not known here, and
    where their clock went back or is not that of `instants`.
    """
    snapshots = list(reader.get_memory_snapshots())
    times_ms = [snapshot.time for snapshot in snapshots]
    start_ms = round(reader.metadata.start_time.timestamp() * 1000)
    texts = [note_text(snapshot.rss, snapshot.time - start_ms) for snapshot in snapshots]
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 -- no pathlib here
        if int.from_bytes(file.read(64)[_VERSION_AT], "little") != _VERSION:
            return None
        places = list(find_in_order(file, texts))
    if len(places) < len(texts) or times_ms != sorted(times_ms):
        return None
    notes = Notes(path, times_ms, list(zip(places, texts, strict=True)))
    return notes if notes.span(instants) else None


def note_text(rss_bytes: int, since_start_ms: int) -> bytes:
    """Return what memray writes down for one note.

    >>> note_text(300, 5).hex(" ")
    '02 ac 02 05'
    """
    return _MEMORY_RECORD + _varint(rss_bytes) + _varint(since_start_ms & _WORD)


def find_in_order(file: Any, texts: Iterable[bytes]) -> Iterator[int]:  # noqa: ANN401 -- any file
    """Yield where each of `texts` begins in a binary file, each after the end of the one before.

    It ends at the first that is not there. What two texts have between them is read once, and
    no more of it kept than could be the beginning of a text.
    """
    file.seek(0)
    begins, window, after = 0, b"", 0
    for text in texts:
        while (found := window.find(text, after)) < 0:
            chunk = file.read(_CHUNK_BYTES)
            if not chunk:
                return
            passed = max(after, len(window) - len(text) + 1)
            begins, window, after = begins + passed, window[passed:] + chunk, 0
        yield begins + found
        after = found + len(text)


def near_marks(times_ms: Sequence[int], instants: Instants, one_in: int = 1) -> set[int]:
    """Return the numbers of the notes that may have been taken at marks, or at the end of a run.

    `instants` were read while the child stood still, until after the next note: of the one before
    and the one after, one at least is of that mark, and where a note falls into the same
    millisecond it may be either. Only one mark in `one_in` counts. The end comes after all of them.

    >>> sorted(near_marks([0, 2, 4, 6, 8, 10], [(3, 0), (6, 1)]))
    [1, 2, 3, 4, 5]
    """
    if not instants:
        return set(range(len(times_ms)))
    last_ms, last = instants[-1]
    wanted = set(islice(takewhile(lambda mark: mark <= last, marks.all_marks()), 0, None, one_in))
    near = {
        number
        for ms, iteration in instants
        if iteration in wanted
        for number in _around(times_ms, ms)
    }
    return near | set(range(max(0, bisect_left(times_ms, last_ms) - 1), len(times_ms)))


def _around(times_ms: Sequence[int], ms: int) -> range:
    after = bisect_left(times_ms, ms)
    is_same = after < len(times_ms) and times_ms[after] == ms
    return range(max(0, after - 1), min(len(times_ms), after + 1 + is_same))


def _varint(number: int) -> bytes:
    """Return a number as groups of seven bits, the lowest first; all but the last say: go on."""
    groups = bytearray()
    while number > _SEVEN_BITS:
        groups.append(number & _SEVEN_BITS | ~_SEVEN_BITS & 0xFF)
        number >>= 7
    groups.append(number)
    return bytes(groups)
