"""The client: sends requests over loopback, and reads each response to its end."""

import http.client
import ipaddress
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from leakcheck.driving.request import SAFE_METHODS, Request
from leakcheck.model.errors import LeakcheckError, UsageError

MOST_RESPONSE_BYTES: Final = 64 << 20
_CHUNK_BYTES: Final = 1 << 16
_LOCALHOST: Final = "127.0.0.1"
_CLOSED: Final = "the connection was closed before a response"
_CUT_SHORT: Final = "the connection was closed within the response"


class NoAnswerError(LeakcheckError):
    """A request that was not answered, or not in full; the text says of what kind it is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that was read to its end: its status, and the bytes of its body."""

    status: int
    n_bytes: int


class Client:
    """Sends one request after another, over one connection for as long as the server keeps it.

    It follows no redirect, keeps no cookie, uses no proxy and stores no response.
    """

    def __init__(
        self,
        port: int,
        *,
        timeout_s: float,
        host: str = _LOCALHOST,
        most_bytes: int = MOST_RESPONSE_BYTES,
    ) -> None:
        """Connect to nothing yet; `timeout_s` is for one response, from first byte to last.

        Raises:
            UsageError: if `host` is no address of this machine alone, or `port` is none.
        """
        if not 0 < port < 1 << 16 or not _is_loopback(host):
            msg = f"{host}:{port}: wanted a loopback address, such as {_LOCALHOST}, and a port"
            raise UsageError(msg)
        self._connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
        self._timeout_s = timeout_s
        self._most_bytes = most_bytes
        self._buffer = memoryview(bytearray(_CHUNK_BYTES))
        self._is_closed = False

    def send(self, request: Request, *, body: bytearray | None = None) -> Answer:
        """Return the answer to a request, once all of it has been read, into `body` if wanted.

        A connection that the server has closed while nothing was sent is made anew, once.

        Raises:
            NoAnswerError: if it is refused, broken off, too late, too long or no HTTP.
        """
        is_kept = self._connection.sock is not None
        try:
            return self._send(request, body)
        except (http.client.RemoteDisconnected, ConnectionError) as error:
            self._connection.close()
            if not is_kept or self._is_closed:
                raise NoAnswerError(_sentence(error)) from error
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise NoAnswerError(_CLOSED if self._is_closed else _sentence(error)) from error
        return self.send(request, body=body)

    def close(self) -> None:
        """Close the connection; another thread's `send` then ends with NoAnswerError."""
        self._is_closed = True
        sock = self._connection.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _send(self, request: Request, body: bytearray | None) -> Answer:
        deadline_s = time.monotonic() + self._timeout_s
        self._write(request)
        with self._connection.getresponse() as response:
            n_bytes = self._read(response, deadline_s, body)
        return Answer(status=response.status, n_bytes=n_bytes)

    def _write(self, request: Request) -> None:
        connection, names = self._connection, {name.lower() for name, _ in request.headers}
        connection.putrequest(
            request.method,
            request.path,
            skip_host="host" in names,
            skip_accept_encoding="accept-encoding" in names,
        )
        for name, value in request.headers:
            connection.putheader(name, value)
        if request.body or request.method not in SAFE_METHODS:
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)

    def _read(
        self, response: http.client.HTTPResponse, deadline_s: float, body: bytearray | None
    ) -> int:
        total = 0
        while n_bytes := response.readinto(self._buffer):
            total += n_bytes
            if body is not None:
                body += self._buffer[:n_bytes]
            if total > self._most_bytes:
                self._connection.close()
                msg = f"the response is longer than {self._most_bytes:,} B, and was given up"
                raise NoAnswerError(msg)
            if time.monotonic() > deadline_s:
                self._connection.close()
                raise NoAnswerError(_late(self._timeout_s))
        if response.length:  # what is still to come of the length that was announced
            self._connection.close()
            raise NoAnswerError(_CUT_SHORT)
        return total


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _late(timeout_s: float) -> str:
    return f"the response was not complete after {timeout_s:g} s"


def _sentence(error: Exception) -> str:
    """Return what went wrong; what a server sent is not in it."""
    if isinstance(error, TimeoutError):
        return "no response came in time"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, ConnectionError | http.client.RemoteDisconnected):
        return _CLOSED
    if isinstance(error, http.client.IncompleteRead):
        return _CUT_SHORT
    return f"what came back is no HTTP response ({type(error).__name__})"
