"""A door before a server: it can be shut, and cut every connection, as a server that dies does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

__all__ = ["Door", "door_before"]

_CHUNK_BYTES = 65536


class Door:
    """Passes bytes between its own port on loopback and a server's, while it is open."""

    def __init__(self, host: str, port: int) -> None:
        """Stand before the server at that address, not open yet."""
        self._behind = (host, port)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def open(self) -> None:
        """Let connections in, always at the same port."""
        if self._server is None:
            self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Cut every connection and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.cut()

    async def cut(self) -> None:
        """Cut every connection; new ones are let in."""
        for writer in self._open:
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._behind)
        ends = {writer, far_writer}
        self._open |= ends
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # it was cut
    finally:
        writer.transport.abort()  # the other side has to learn of it


@asynccontextmanager
async def door_before(url: str) -> AsyncIterator[tuple[Door, str]]:
    """Yield an open door before the server at that URL, and the URL that leads through it."""
    parts = urlsplit(url)
    door = Door(parts.hostname or "127.0.0.1", parts.port or 6379)
    await door.open()
    try:
        yield door, parts._replace(netloc=f"127.0.0.1:{door.port}").geturl()
    finally:
        await door.shut()
