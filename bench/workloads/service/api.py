"""The service over HTTP, asked by a client that keeps its connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import leakcheck
from bench.workloads.service.stage import Iteration, staged
from system.api.app import create_app
from system.api.server import serving

__all__ = ["api_request"]


class _Client:
    """HTTP/1.1 over one connection, no more than the workload needs: it must cost little."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def get(self, path: str) -> bytes:
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200 "):
            msg = f"GET {path}: got {head.splitlines()[0]!r}, want 200"
            raise ConnectionError(msg)
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return await self._reader.readexactly(int(length))


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[_Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield _Client(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


@leakcheck.workload
async def api_request() -> AsyncIterator[Iteration]:
    """Two requests to uvicorn on loopback: the market indices, and the health of the service."""
    async with (
        staged() as stage,
        serving(create_app(service=stage.service)) as port,
        _connected(port) as client,
    ):

        async def two_requests() -> None:
            await client.get("/api/market-indices")
            await client.get("/health")

        yield two_requests
