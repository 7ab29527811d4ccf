"""Controls: workloads whose verdict is known before they run."""

import asyncio
import ctypes
import os
from typing import Final

_KEPT_BYTES: Final[list[bytes]] = []
_KEPT_DESCRIPTORS: Final[list[int]] = []
_KEPT_TASKS: Final[set[asyncio.Task[bool]]] = set()
_LIBC: Final = ctypes.CDLL(None)
_LIBC.malloc.restype = ctypes.c_void_p
_LIBC.strdup.restype = ctypes.c_void_p
_TEXT: Final = b"x" * 63


def empty() -> None:
    """Do nothing."""


def leak_16() -> None:
    """Keep 16 bytes."""
    _KEPT_BYTES.append(bytes(16))


def leak_64() -> None:
    """Keep 64 bytes."""
    _KEPT_BYTES.append(bytes(64))


def leak_1024() -> None:
    """Keep 1,024 bytes."""
    _KEPT_BYTES.append(bytes(1024))


def leak_descriptor() -> None:
    """Keep one open descriptor."""
    _KEPT_DESCRIPTORS.append(os.open(os.devnull, os.O_RDONLY))


async def leak_task() -> None:
    """Keep one task that never ends."""
    _KEPT_TASKS.add(asyncio.create_task(asyncio.Event().wait()))


def leak_strdup() -> None:
    """Lose a copy of a string that C made: memray sees the allocation inside the C library."""
    _LIBC.strdup(_TEXT)


def leak_malloc() -> None:
    """Lose memory of malloc reached by its address, which nothing but the heap's count sees."""
    _LIBC.malloc(64)
