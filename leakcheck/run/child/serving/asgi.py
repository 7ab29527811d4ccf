"""Serving an ASGI application in the loop that the iterations run in."""

import asyncio
import importlib
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from leakcheck.run.child.loading import BadTargetError
from leakcheck.run.child.serving.bell import Bell
from leakcheck.run.child.serving.listening import listening_socket

_STARTING_S = 0.01
_CLOSING_S = 3
_MOST_TURNS = 100
"""After a response the server ends its task for it; what goes on longer is the application's."""


def serving(
    application: Any,  # noqa: ANN401 -- whatever the server calls
    server: str,
    shown: str,
    descriptor: int,
) -> Callable[[], AsyncGenerator[Any, None]]:
    """Return the workload that serves `application` with the module `server`.

    `shown` is what the driver is told of that, through `descriptor`.
    """
    kind = _KINDS[server]

    async def serve() -> AsyncGenerator[Callable[[], Awaitable[None]], None]:
        bell = Bell(descriptor)
        listener = listening_socket()
        own = kind(application)
        running = asyncio.create_task(_ended_well(own, listener))
        while not own.has_started():
            if running.done():
                running.result()
                msg = f"{server} ended in its start-up"
                raise BadTargetError(msg)
            await asyncio.sleep(_STARTING_S)
        bell.announce(shown, listener.getsockname()[1])

        async def step() -> None:
            await bell.ring_in_loop()
            for _ in range(_MOST_TURNS):
                if not own.is_busy():
                    break
                await asyncio.sleep(0)
            if running.done():
                running.result()

        yield step
        own.stop()
        await running

    return serve


class Uvicorn:
    """A server of uvicorn's, which an application gets with its defaults but for the access log."""

    def __init__(self, application: Any) -> None:  # noqa: ANN401 -- as above
        uvicorn = importlib.import_module("uvicorn")
        config = uvicorn.Config(
            application,
            log_config=None,  # the application's own logging stays as it is
            access_log=False,
            timeout_graceful_shutdown=_CLOSING_S,
        )
        self._server = uvicorn.Server(config)

    def has_started(self) -> bool:
        """Return whether the application's start-up is over and the server listens."""
        return bool(self._server.started)

    def is_busy(self) -> bool:
        """Return whether a request is still in work."""
        return bool(self._server.server_state.tasks)

    def stop(self) -> None:
        """Have it end, with the application's shutdown."""
        self._server.should_exit = True

    async def run(self, listener: socket.socket) -> None:
        """Serve until it is stopped."""
        await self._server.serve(sockets=[listener])


_KINDS = {"uvicorn": Uvicorn}


async def _ended_well(server: Uvicorn, listener: socket.socket) -> None:
    """Serve; a server that exits this process does so since the application's start-up failed."""
    try:
        await server.run(listener)
    except SystemExit as error:
        msg = "the application's start-up failed (lifespan)"
        raise BadTargetError(msg) from error
