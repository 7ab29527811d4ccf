"""aiohttp 3.10.10: each request that no route answers stays in a cache for good.

A server that has a middleware remembers, in a dict without a limit, every handler that it has
wrapped in its middlewares. A request for an unknown path, or with a method that the path does not
take, gets a handler of its own, so the dict gains an entry: whoever sends wrong requests fills
the server's memory. 3.10.11 remembers nothing for such requests.

Reference: aio-libs/aiohttp#9852, CVE-2024-52303.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

import leakcheck

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
REQUEST = b"DELETE / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"


@web.middleware
async def pass_on(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Return what the handler answers: any middleware will do."""
    return await handler(request)


async def greet(_request: web.Request) -> web.Response:
    """Return a greeting, to GET only."""
    return web.Response(text="hello")


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """Yield the port of a server whose only route is ``GET /``."""
    application = web.Application(middlewares=[pass_on])
    application.router.add_get("/", greet)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def read_answer(reader: asyncio.StreamReader) -> None:
    """Read one answer to its end, so that the connection serves the next request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    await reader.readexactly(int(length or b"0"))


@leakcheck.workload
async def workload() -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """One request that no route answers, over a connection that is kept."""
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def ask() -> None:
            writer.write(REQUEST)  # leaks here
            await read_answer(reader)

        yield ask
        writer.close()
        await writer.wait_closed()
