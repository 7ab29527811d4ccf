"""Quotes over HTTP, with one client for the service's life."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

import aiohttp
from yarl import URL

from system.errors import QuotesUnavailableError

__all__ = ["HttpQuotes"]

_TIMEOUT = aiohttp.ClientTimeout(total=10)


class HttpQuotes:
    """The quote service at a URL: ``GET quotes`` and ``GET history``.

    The moment travels as ``Accept-Datetime`` (RFC 7089). In the address it would make each one's
    URL another, and the standard library keeps the last 128 it has parsed in each of four caches.
    """

    def __init__(self, url: str) -> None:
        """Connect to the service whose root is ``url`` on the first call."""
        self._url = URL(url)
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
            async with self._connected().get(self._url / path, headers=headers) as response:
                response.raise_for_status()
                return await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            msg = f"quotes, {path}: {type(error).__name__} {error}"
            raise QuotesUnavailableError(msg) from error

    def _connected(self) -> aiohttp.ClientSession:
        """Return the session, made at the first call: it belongs to the loop that runs then."""
        if self._session is None:
            # No cookies: a jar would remember whatever the quote service thinks of.
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(cookie_jar=jar, timeout=_TIMEOUT)
        return self._session
