"""Where the service's back ends are: at the URLs that are set, or embedded and started here."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from system.adapters.embedded.process import QUOTES_SERVER, REDIS_SERVER, EmbeddedServer
from system.settings import Settings

__all__ = ["Backends", "running_backends"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backends:
    """The URL of each back end."""

    redis_url: str
    database_url: str
    quotes_url: str


@asynccontextmanager
async def running_backends(settings: Settings) -> AsyncIterator[Backends]:
    """Yield the back ends, with the embedded ones running until the end.

    Raises:
        EmbeddedServerError: one of them did not come up.
    """
    async with AsyncExitStack() as stack:
        # Both are started before either is waited for: they come up side by side.
        redis = _Place(stack, settings.redis_url, REDIS_SERVER, "redis://127.0.0.1:{port}/0")
        quotes = _Place(stack, settings.quotes_url, QUOTES_SERVER, "http://127.0.0.1:{port}")
        yield Backends(
            redis_url=await redis.url(),
            quotes_url=await quotes.url(),
            database_url=settings.database_url or _sqlite_url(stack, settings.data_dir),
        )


class _Place:
    """Where one back end is: at the URL that is set, else at an embedded server, started here."""

    def __init__(self, stack: AsyncExitStack, url: str | None, program: Path, form: str) -> None:
        self._url = url
        self._form = form
        self._server = None if url else EmbeddedServer(program)
        if self._server is not None:
            stack.callback(self._server.stop)

    async def url(self) -> str:
        if self._server is None:
            return self._url or ""
        return self._form.format(port=await self._server.port())


def _sqlite_url(stack: AsyncExitStack, data_dir: Path | None) -> str:
    if data_dir is None:
        folder = tempfile.TemporaryDirectory(prefix="market-report-")
        data_dir = Path(stack.enter_context(folder))
    return f"sqlite+aiosqlite:///{data_dir / 'reports.sqlite'}"
