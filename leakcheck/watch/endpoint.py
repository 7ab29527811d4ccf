"""GET /metrics for Prometheus: bounded whatever a client sends, in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Final

from leakcheck.model.errors import UsageError
from leakcheck.watch.exposition import CONTENT_TYPE

_MOST_CLIENTS: Final = 16
_MOST_HEAD_BYTES: Final = 8_192
_CLIENT_S: Final = 5.0
"""A client that has not asked and read its answer by then is left."""
_TURNS: Final = 4
"""Of the event loop, until every client that was accepted has its transport."""
_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}


class Endpoint:
    """Serves one text at ``/metrics`` and nothing else."""

    def __init__(self, host: str, port: int, text: Callable[[], str]) -> None:
        """Listen at `host` and `port`; `text` makes the answer, from any thread.

        Raises:
            UsageError: if the address cannot be listened at.
        """
        self._text = text
        self._clients: set[asyncio.StreamWriter] = set()
        self._socket = _listening(host, port)
        self._loop = asyncio.new_event_loop()
        self._ends = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="leakcheck-metrics", daemon=True)
        self._thread.start()

    @property
    def address(self) -> tuple[str, int]:
        """Return where it listens: with port 0 the system has chosen one."""
        host, port, *_ = self._socket.getsockname()
        return host, port

    def close(self) -> None:
        """Listen no more, and leave every client."""
        self._loop.call_soon_threadsafe(self._ends.set)
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._client, sock=self._socket, limit=_MOST_HEAD_BYTES)
        await self._ends.wait()
        # A client that is being accepted while the server closes trips an assertion in asyncio: no
        # more are accepted first, and those under way get their transports.
        self._loop.remove_reader(self._socket)
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        server.close()
        # A task that is cancelled counts as a failure of its client: each ends by itself.
        for writer in [*self._clients]:
            writer.transport.abort()
        while self._clients:  # noqa: ASYNC110 -- a turn or two: their transports are gone
            await asyncio.sleep(0)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            if len(self._clients) <= _MOST_CLIENTS:
                async with asyncio.timeout(_CLIENT_S):
                    await self._answer(reader, writer)
        except (TimeoutError, OSError):
            pass  # a client that is slow or has gone gets no answer
        finally:
            self._clients.discard(writer)
            if not writer.is_closing():
                writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = b""
        status, body = self._response(head)
        writer.write(_head(status, len(body)) + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def _response(self, head: bytes) -> tuple[int, bytes]:
        method, _, rest = head.partition(b"\r\n")[0].partition(b" ")
        target, _, version = rest.partition(b" ")
        if not version.startswith(b"HTTP/1."):
            return 400, b"wanted GET /metrics HTTP/1.1\n"
        if target.partition(b"?")[0] != b"/metrics":
            return 404, b"wanted /metrics\n"
        if method != b"GET":
            return 405, b"wanted GET\n"
        return 200, self._text().encode()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_MOST_CLIENTS)
    except OSError as error:
        listener.close()
        msg = f"--listen: {host}:{port} cannot be listened at ({error.strerror}), wanted a free one"
        raise UsageError(msg) from error
    return listener


def _head(status: int, length: int) -> bytes:
    kind = CONTENT_TYPE if status == 200 else "text/plain; charset=utf-8"  # noqa: PLR2004 -- OK
    allow = "Allow: GET\r\n" if status == 405 else ""  # noqa: PLR2004 -- the method is not allowed
    return (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {length}\r\n{allow}Connection: close\r\n\r\n"
    ).encode()
