"""Hearing what a child says: its messages one by one, and the tail of what it prints."""

import json
import os
import selectors
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from leakcheck.run.child.slots import HEADER
from leakcheck.run.process import ChildProcess

_CHUNK: Final = 65_536
_TAIL_BYTES: Final = 8_192
_LONGEST_MESSAGE: Final = 1 << 20
_POLL_WITHOUT_PIDFD_S: Final = 0.05


class ChildEndedError(Exception):
    """The child has ended, and all that it said has been heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of the child: its kind (a byte) and its content (plain JSON)."""

    kind: bytes
    content: dict[str, Any]


GARBLED: Final = Message(kind=b"?", content={})
"""Stands for bytes that are no message: something else wrote into the pipe."""


class Conversation:
    """The parent's ear: reads messages and output as they come, so that no pipe ever fills."""

    def __init__(self, child: ChildProcess) -> None:
        self._child = child
        self._heard = bytearray()
        self._waiting: deque[Message] = deque()
        self._output = bytearray()
        self._selector = selectors.DefaultSelector()
        self._selector.register(child.messages, selectors.EVENT_READ)
        self._selector.register(child.output, selectors.EVENT_READ)
        self._pidfd = _pidfd(child.pid)
        if self._pidfd is not None:
            self._selector.register(self._pidfd, selectors.EVENT_READ)

    @property
    def output_tail(self) -> str:
        """Return the last 8 KiB that the child printed, as text."""
        return self._output.decode(errors="replace")

    def next(self, timeout_s: float) -> Message | None:
        """Return the next message, or None when there was none within `timeout_s` seconds.

        Raises:
            ChildEndedError: once the child has ended and nothing it said is left.
        """
        if not self._waiting:
            self._listen(timeout_s)
        if self._waiting:
            return self._waiting.popleft()
        if self._child.exit_code() is not None and not self._listen(0):
            raise ChildEndedError
        return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        """Give back what was opened to listen."""
        self._selector.close()
        if self._pidfd is not None:
            os.close(self._pidfd)

    def _listen(self, timeout_s: float) -> bool:
        """Hear what there is within `timeout_s` seconds; return whether there were messages."""
        if self._pidfd is None:
            timeout_s = min(timeout_s, _POLL_WITHOUT_PIDFD_S)
        heard = False
        for key, _ in self._selector.select(timeout_s):
            if key.fd == self._pidfd:
                continue
            data = self._read(key.fd)
            if key.fd == self._child.messages:
                self._hear(data)
                heard = bool(data)
            else:
                self._output += data
                del self._output[:-_TAIL_BYTES]
        return heard

    def _read(self, descriptor: int) -> bytes:
        with suppress(BlockingIOError):
            data = os.read(descriptor, _CHUNK)
            if not data:
                self._selector.unregister(descriptor)
            return data
        return b""

    def _hear(self, data: bytes) -> None:
        self._heard += data
        while len(self._heard) >= HEADER.size:
            kind, length = HEADER.unpack_from(self._heard)
            end = HEADER.size + length
            if length > _LONGEST_MESSAGE:
                self._heard.clear()
                self._waiting.append(GARBLED)
                return
            if len(self._heard) < end:
                return
            text = bytes(self._heard[HEADER.size : end])
            del self._heard[:end]
            self._waiting.append(_message(kind, text))


def _message(kind: bytes, text: bytes) -> Message:
    try:
        content = json.loads(text) if text else {}
    except ValueError:
        return GARBLED
    return Message(kind=kind, content=content) if isinstance(content, dict) else GARBLED


def _pidfd(pid: int) -> int | None:
    """Return a descriptor that becomes readable when the process ends, where there is such."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
