"""The child's end of the talk with its driver: it rings for a request, and waits."""

import asyncio
import json
import socket

from leakcheck.run.child.channel import moved
from leakcheck.run.child.loading import BadTargetError

_RING = b"n"
_GO = b"g"
_MOST_TEXT = 2_000


class Bell:
    """One socket to the driver, high where a workload that closes and opens does not meet it."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=moved(descriptor))

    def announce(self, server: str, port: int) -> None:
        """Tell which server listens on which port of the loopback."""
        text = json.dumps({"server": server, "port": port})
        self._socket.sendall(text.encode() + b"\n")

    def ring(self) -> None:
        """Have one request sent, and wait in this thread until its answer has been read.

        Raises:
            BadTargetError: if there was none, or not the one that was wanted.
        """
        self._socket.send(_RING)
        word = self._socket.recv(1)
        if word != _GO:
            raise BadTargetError(self._why())

    async def ring_in_loop(self) -> None:
        """Have one request sent, and let the loop serve it; else as `ring`."""
        loop, own = asyncio.get_running_loop(), self._socket
        own.setblocking(False)
        own.send(_RING)
        word = await loop.sock_recv(own, 1)
        if word != _GO:
            own.setblocking(True)
            raise BadTargetError(self._why())

    def _why(self) -> str:
        text = b""
        while len(text) < _MOST_TEXT and (part := self._socket.recv(_MOST_TEXT)):
            text += part
        return text.decode(errors="replace") or "the driver of the requests has ended"
