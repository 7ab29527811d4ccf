"""The service over HTTP, asked by a client that keeps its connection."""

from __future__ import annotations

from collections.abc import AsyncIterator

import leakcheck
from bench.workloads.service.client import connected
from bench.workloads.service.stage import Iteration, staged
from system.api.app import create_app
from system.api.server import serving

__all__ = ["api_request"]


@leakcheck.workload
async def api_request() -> AsyncIterator[Iteration]:
    """Two requests to uvicorn on loopback: the market indices, and the health of the service."""
    async with (
        staged() as stage,
        serving(create_app(service=stage.service)) as port,
        connected(port) as client,
    ):

        async def two_requests() -> None:
            await client.get("/api/market-indices")
            await client.get("/health")

        yield two_requests
