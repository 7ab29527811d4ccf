"""What malloc has given out to this process, where the C library can tell."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

__all__ = ["heap_in_use_bytes", "heap_reader"]


class _Mallinfo2(ctypes.Structure):
    """What glibc's ``mallinfo2()`` (2.33 and later) returns."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def heap_reader() -> Callable[[], int] | None:
    """Return what reads the bytes of heap in use, or ``None`` where the C library cannot tell."""
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError):
        return None
    mallinfo2.restype = _Mallinfo2

    def read() -> int:
        info = mallinfo2()
        return int(info.uordblks + info.hblkhd)

    return read


_READ = heap_reader()


def heap_in_use_bytes() -> int | None:
    """Return the bytes of heap in use, or ``None`` where the C library cannot tell."""
    return None if _READ is None else _READ()
