"""Heap in use, as the C library's allocator counts it. Runs in the measured child."""

import ctypes
from collections.abc import Callable


class _Mallinfo2(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        )
    )


def heap_probe() -> Callable[[], int] | None:
    """Return a function that reads the bytes in use, or None where the C library has none.

    In use is ``uordblks + hblkhd`` of mallinfo2 (glibc 2.33 and later): allocated chunks of
    all arenas with their headers, and mapped chunks.
    """
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError):
        return None
    mallinfo2.restype = _Mallinfo2
    mallinfo2.argtypes = ()

    def heap_bytes() -> int:
        info = mallinfo2()
        return int(info.uordblks + info.hblkhd)

    return heap_bytes
