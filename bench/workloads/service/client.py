"""HTTP/1.1 over one connection, no more than the workloads need: it must cost little."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

__all__ = ["Answer", "Client", "connected"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered with."""

    status: int
    body: bytes


class Client:
    """Asks over a connection that it keeps."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ask over that connection."""
        self._reader = reader
        self._writer = writer

    async def ask(self, method: str, path: str) -> Answer:
        """Return the answer, whatever it is."""
        self._writer.write(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return Answer(int(head.split(b" ", 2)[1]), await self._reader.readexactly(int(length)))

    async def get(self, path: str) -> bytes:
        """Return the body of a good answer.

        Raises:
            ConnectionError: the answer was another.
        """
        answer = await self.ask("GET", path)
        if answer.status != 200:
            msg = f"GET {path}: got {answer.status}, want 200"
            raise ConnectionError(msg)
        return answer.body


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    """Yield a client of the server at that port on loopback."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()
