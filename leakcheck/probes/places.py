"""Places in the code, each kept once, outside the heap that is measured. In the child.

A place is the frames that led to something. Whose line it is that a reader is to look at is
decided later: here only as many frames are kept as that needs.
"""

import json
import mmap
import os
import struct
from _thread import allocate_lock
from types import CodeType, FrameType
from typing import Any, Final, Literal

MOST_PLACES: Final = 1_024
MOST_NUMBER: Final = 2 * MOST_PLACES - 1
_TEXT_BYTES: Final = 1 << 19
_DEEPEST: Final = 64
_INNERMOST: Final = 3
_FROM_OWN: Final = 5
_KEY: Final = (1 << 64) - 1
_LENGTH_BITS: Final = 32
_OURS: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep  # noqa: PTH100, PTH120 -- no pathlib in the child
_INSTALLED: Final = (os.path.dirname(os.__file__) + os.sep, "<")  # noqa: PTH120 -- as above
_PACKAGES: Final = "-packages" + os.sep
_IMPORT: Final = "<frozen importlib"

Step = tuple[FrameType, CodeType]


def mapped(cell: Literal["B", "Q"], number: int) -> memoryview:
    """Return that many zeros, in memory that is resident from now on and that forks copy.

    `cell` is the format of each: "B" for a byte, "Q" for 64 bits.
    """
    size = number * struct.calcsize(cell)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory[:] = bytes(size)  # touched: it is not to look like growth when it is first used
    return memoryview(memory).cast(cell)


class Places:
    """Numbers for places, and the way back from a number to its frames."""

    def __init__(self) -> None:
        self._keys = mapped("Q", MOST_NUMBER + 1)
        self._spans = mapped("Q", MOST_NUMBER + 1)
        self._texts = mapped("B", _TEXT_BYTES)
        self._number = 0
        self._used = 0
        self._adding = allocate_lock()

    def number_of(self, frame: FrameType) -> int:
        """Return the number of the place that `frame` and its callers are.

        0 for what the harness does on its own account, and where there is no room for more.
        """
        frames = _telling(frame)
        if not frames:
            return 0
        key = 0
        for one, code in frames:
            key = hash((key, code.co_filename, code.co_firstlineno, one.f_lasti))
        return self._numbered(key & _KEY or 1, frames)

    def stack(self, number: int) -> list[list[Any]]:
        """Return file, line and function of each frame of a place, from the innermost outwards."""
        begin, length = divmod(self._spans[number], 1 << _LENGTH_BITS)
        stack: list[list[Any]] = json.loads(bytes(self._texts[begin : begin + length]))
        return stack

    def _numbered(self, key: int, frames: list[Step]) -> int:
        keys, number = self._keys, 1 + key % MOST_NUMBER
        while (held := keys[number]) != key:
            if not held:
                return self._add(number, key, frames)
            number = 1 + number % MOST_NUMBER
        return number

    def _add(self, number: int, key: int, frames: list[Step]) -> int:
        text = json.dumps(list(map(_told, frames))).encode()
        if not self._adding.acquire(blocking=False):
            return 0  # never wait here: a fork may have been made of a process that held the lock
        try:
            end = self._used + len(text)
            if self._keys[number] or self._number >= MOST_PLACES or end > _TEXT_BYTES:
                return 0
            self._texts[self._used : end] = text
            self._spans[number] = self._used << _LENGTH_BITS | len(text)
            self._keys[number] = key
            self._number += 1
            self._used = end
        finally:
            self._adding.release()
        return number


def _telling(frame: FrameType | None) -> list[Step]:
    """Return the frames that are kept: the innermost, and from the user's innermost outwards.

    Where there is none of the user's, from the innermost of an installed package outwards.
    Nothing for what the harness does, whose loop is where the workload's frames end, and for an
    import, which closes what it opens.
    """
    inner: list[Step] = []
    packaged: list[Step] = []
    own: list[Step] = []
    for _ in range(_DEEPEST):
        if frame is None or len(own) == _FROM_OWN:
            break
        code = frame.f_code  # once for each: it is an event for audit hooks, ours among them
        file = code.co_filename
        if file.startswith(_OURS) or (not inner and file.startswith(_IMPORT)):
            break
        if own or not (file.startswith(_INSTALLED) or _PACKAGES in file):
            own.append((frame, code))
        elif len(inner) < _INNERMOST:
            inner.append((frame, code))
        elif len(packaged) < _INNERMOST and (packaged or _PACKAGES in file):
            packaged.append((frame, code))
        frame = frame.f_back
    return inner + (own or packaged)


def _told(step: Step) -> tuple[str, int, str]:
    frame, code = step
    return code.co_filename, frame.f_lineno or 0, code.co_name


def is_ours(frame: FrameType) -> bool:
    """Return whether a frame is the harness's."""
    return frame.f_code.co_filename.startswith(_OURS)
