"""The child's end of the talk with its parent."""

import contextlib
import fcntl
import json
import mmap
import os
import resource
from collections.abc import Callable, Iterator
from typing import Any

from leakcheck.run.child.slots import (
    CENSUS,
    GO,
    HEADER,
    INSPECT,
    PAGE_BYTES,
    SLOT_FORMAT,
    Slot,
)

HIGH_DESCRIPTOR = 64
"""Where our own descriptors begin, and memray's."""


class ChannelLostError(Exception):
    """The descriptors to the parent are gone: the workload closed them."""


@contextlib.contextmanager
def low_descriptors_taken() -> Iterator[None]:
    """Have what is opened meanwhile get a high number.

    A workload that closes all descriptors is given the low ones again: memray would write its
    records into the workload's next file.
    """
    taken = [os.open(os.devnull, os.O_RDONLY)]
    try:
        most = min(HIGH_DESCRIPTOR, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        while taken[-1] < most - 1:
            taken.append(os.dup(taken[-1]))
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)


class Channel:
    """Shared slots and two pipes: messages go up, one-byte words come down."""

    def __init__(self, page: str, up: int, down: int) -> None:
        with low_descriptors_taken():
            descriptor = os.open(page, os.O_RDWR | os.O_CLOEXEC)
            # The mapping keeps a copy of the descriptor, and outlives both.
            self._mapping = mmap.mmap(descriptor, PAGE_BYTES)
            os.close(descriptor)
        self.slots = memoryview(self._mapping).cast(SLOT_FORMAT)
        # High, where a workload that closes everything and opens files does not meet them; and
        # not for the programs that it starts.
        self._up = moved(up)
        self._down = moved(down)
        self._pipe = os.fstat(self._up).st_ino
        self._owner = os.getpid()
        self.inspect: Callable[[], None] = self._decline
        """Answers the parent's wish for a census with one."""

    def is_owner(self) -> bool:
        """Return whether this is still the process that was started, and not a fork of it."""
        return os.getpid() == self._owner

    def send(self, kind: bytes, content: dict[str, Any] | None = None) -> None:
        """Send one message; `content` must be plain JSON.

        Raises:
            ChannelLostError: if the workload has closed the pipe.
        """
        text = json.dumps(content).encode() if content is not None else b""
        self._write(HEADER.pack(kind, len(text)) + text)

    def ask(self, message: bytes) -> bool:
        """Send a packed message and return whether the parent says to go on.

        It allocates nothing that stays, unless the parent wants a census first. A parent that
        is gone says no.
        """
        self._write(message)
        while (word := self._hear()) == INSPECT:
            self.inspect()
        return word == GO

    def _decline(self) -> None:
        self.send(CENSUS, {"containers": None, "piles": [], "remark": ""})

    def _hear(self) -> bytes:
        try:
            return os.read(self._down, 1)
        except OSError as error:
            raise self._lost() from error

    def _write(self, data: bytes) -> None:
        if not self.is_owner():
            os._exit(0)  # a fork that came back has nothing to say to the parent
        try:
            if os.fstat(self._up).st_ino != self._pipe:
                raise self._lost()  # closed, and the number given to a file of the workload's
            while data:
                data = data[os.write(self._up, data) :]
        except OSError as error:
            raise self._lost() from error

    def _lost(self) -> ChannelLostError:
        self.slots[Slot.LOST_CHANNEL] = 1
        return ChannelLostError("the descriptors to leakcheck were closed")


def moved(descriptor: int) -> int:
    """Return a copy of `descriptor` with a high number, and close the original."""
    try:
        high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR)
    except OSError:
        return descriptor  # so high a number is not allowed here
    os.close(descriptor)
    return high
