"""Taking in processes that lose their parent, so that none of a program's gets lost."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_SET_SUBREAPER: Final = 36
_GET_SUBREAPER: Final = 37


@contextmanager
def adopting() -> Iterator[None]:
    """Be the parent of whatever loses its parent below this process, while this lasts.

    A program may leave its group and its session, as daemons do; its line of descent it cannot.
    See prctl(2), PR_SET_CHILD_SUBREAPER.
    """
    before = ctypes.c_int(0)
    _prctl(_GET_SUBREAPER, ctypes.addressof(before))
    _prctl(_SET_SUBREAPER, 1)
    try:
        yield
    finally:
        _prctl(_SET_SUBREAPER, before.value)


def reap(pids: frozenset[int]) -> None:
    """Let go of those processes that have ended and were taken in; the others are left alone."""
    for pid in pids:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _prctl(what: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(what, ctypes.c_ulong(value), 0, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
