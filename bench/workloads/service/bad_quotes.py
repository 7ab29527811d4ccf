"""A quote service that misbehaves: an HTTP server in this process, in one of several moods."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import Enum
from itertools import count

__all__ = ["BadQuotes", "Mood", "bad_quotes"]

_MONTHS = [f"{year}-{month:02}-01" for year in (2020, 2021) for month in range(1, 13)]
HISTORY = json.dumps(
    {"dates": _MONTHS, "prices": {"^GSPC": [3200.0 + 50 * month for month in range(len(_MONTHS))]}}
).encode()
_QUOTES = b'{"as_of": "2021-12-01", "quotes": [["^GSPC", 4350.0, 4300.0]]}'

_SLOW_SECONDS = 0.002


class Mood(Enum):
    """How the service answers."""

    GOOD = "good"
    SLOW = "slow"
    GARBAGE = "garbage"
    FAILING = "failing"
    SILENT = "silent"


def _answer(body: bytes, *, status: str = "200 OK", head: str = "", length: int = -1) -> bytes:
    size = len(body) if length < 0 else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n{head}\r\n".encode() + body


_GARBAGE = (
    _answer(b""),
    _answer(b"<html>maintenance</html>"),
    _answer(b"[1, 2, 3]"),
    _answer(b"[" * 5000),
    _answer(b'{"dates": [], "prices": {}, "as_of": 1, "quotes": {"a": 1}}'),
    _answer(
        b'{"dates": ["2020-01-01"], "prices": {"A": [NaN]}, "as_of": "", "quotes": [[1,NaN,2]]}'
    ),
    _answer(b'{"dates": ["<b>"], "prices": {"A": [1]}, "as_of": "", "quotes": [["A", "x", 2]]}'),
    _answer(b'{"dates": ["a"], "prices": {"A": [1e400]}, "quotes": [["A", 1]]}'),
    _answer(bytes(range(256))),
    _answer(b"not gzip", head="Content-Encoding: gzip\r\n"),
    _answer(b"{", length=400),  # the connection ends before the answer does
    b"\x00\xff this is no HTTP\r\n\r\n",
)
_FAILURES = (
    _answer(b"{}", status="500 Internal Server Error"),
    _answer(b"x" * 20_000, status="503 Service Unavailable"),
    _answer(b"", status="404 Not Found"),
    _answer(b"", status="302 Found", head="Location: /elsewhere\r\n"),
    _answer(b"", status="204 No Content"),
)


class BadQuotes:
    """The server: one answer a connection's request, as its mood is when the request comes."""

    def __init__(self) -> None:
        """Begin in a good mood."""
        self.mood = Mood.GOOD
        self.url = ""
        self._requests = count()
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the connection's requests until either side has had enough."""
        self._open.add(writer)
        try:
            while await self._answered(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    def cut(self) -> None:
        """Cut every connection."""
        for writer in self._open:
            writer.transport.abort()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        good = _answer(HISTORY if head.startswith(b"GET /history") else _QUOTES)
        return await _BEHAVIOUR[self.mood](writer, good, next(self._requests))


async def _good(writer: asyncio.StreamWriter, good: bytes, _number: int) -> bool:
    writer.write(good)
    await writer.drain()
    return True


async def _slow(writer: asyncio.StreamWriter, good: bytes, _number: int) -> bool:
    middle = len(good) // 2
    for part in (good[:middle], good[middle:]):
        await asyncio.sleep(_SLOW_SECONDS)
        writer.write(part)
    return True


async def _garbage(writer: asyncio.StreamWriter, _good: bytes, number: int) -> bool:
    writer.write(_GARBAGE[number % len(_GARBAGE)])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    return False


async def _failing(writer: asyncio.StreamWriter, _good: bytes, number: int) -> bool:
    writer.write(_FAILURES[number % len(_FAILURES)])
    await writer.drain()
    return True


async def _silent(_writer: asyncio.StreamWriter, _good: bytes, _number: int) -> bool:
    return True  # the next read ends when the client goes


_BEHAVIOUR: dict[Mood, Callable[[asyncio.StreamWriter, bytes, int], Awaitable[bool]]] = {
    Mood.GOOD: _good,
    Mood.SLOW: _slow,
    Mood.GARBAGE: _garbage,
    Mood.FAILING: _failing,
    Mood.SILENT: _silent,
}


@asynccontextmanager
async def bad_quotes(mood: Mood) -> AsyncIterator[BadQuotes]:
    """Yield the server in that mood, listening at its ``url`` until the end."""
    quotes = BadQuotes()
    quotes.mood = mood
    server = await asyncio.start_server(quotes.serve, "127.0.0.1", 0)
    quotes.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield quotes
    finally:
        server.close()
        quotes.cut()
