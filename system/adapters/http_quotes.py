"""Quotes over HTTP, with one client for the service's life."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus

import aiohttp
from yarl import URL

from system.errors import QuotesUnavailableError

__all__ = ["HttpQuotes"]

_MOST_BYTES = 16 * 2**20
"""A history is some 60 KB: an answer this long is none, and is not read to its end."""


class HttpQuotes:
    """The quote service at a URL: ``GET quotes`` and ``GET history``.

    The moment travels as ``Accept-Datetime`` (RFC 7089). In the address it would make each one's
    URL another, and the standard library keeps the last 128 it has parsed in each of four caches.
    """

    def __init__(self, url: str, *, timeout_seconds: float) -> None:
        """Connect to the service whose root is ``url`` on the first call."""
        self._url = URL(url)
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def latest(self, at: datetime) -> bytes:
        """Return the newest quotes at that moment, as JSON.

        Raises:
            QuotesUnavailableError: no answer, or a failure for one.
        """
        return await self._get("quotes", {"Accept-Datetime": format_datetime(at, usegmt=True)})

    async def history(self) -> bytes:
        """Return every recorded price, as JSON.

        Raises:
            QuotesUnavailableError: no answer, or a failure for one.
        """
        return await self._get("history", {})

    async def aclose(self) -> None:
        """Close the session's connections."""
        if self._session is not None:
            await self._session.close()

    async def _get(self, path: str, headers: dict[str, str]) -> bytes:
        try:
            # A redirection would lead wherever the other side likes.
            async with self._connected().get(
                self._url / path, headers=headers, allow_redirects=False
            ) as response:
                return await _read(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            msg = f"quotes, {path}: {type(error).__name__} {error}"[:200]
            raise QuotesUnavailableError(msg) from error

    def _connected(self) -> aiohttp.ClientSession:
        """Return the session, made at the first call: it belongs to the loop that runs then."""
        if self._session is None:
            # No cookies: a jar would remember whatever the quote service thinks of.
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(cookie_jar=jar, timeout=self._timeout)
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of a good answer of a bounded length."""
    if response.status != HTTPStatus.OK:
        msg = f"quotes: status {response.status}, want 200"
        raise QuotesUnavailableError(msg)
    pieces, size = [], 0
    async for piece in response.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > _MOST_BYTES:
            response.close()
            msg = f"quotes: more than {_MOST_BYTES} bytes"
            raise QuotesUnavailableError(msg)
    return b"".join(pieces)
