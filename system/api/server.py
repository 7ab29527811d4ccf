"""The application behind uvicorn, inside a running event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

__all__ = ["serving"]


_KEEP_ALIVE_SECONDS = 3600
"""The client may be in this process too, and stand still with it for as long as it is looked at."""


class _GuestServer(uvicorn.Server):
    """A server in somebody else's process: signals stay its host's, and it says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[int]:
    """Yield the port on loopback where the application is served until the end."""
    # asyncio switches Nagle's algorithm off only where the socket names its protocol.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_keep_alive=_KEEP_ALIVE_SECONDS
        )
        server = _GuestServer(config)
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listener]))
            await server.up.wait()
            try:
                yield int(listener.getsockname()[1])
            finally:
                server.should_exit = True
