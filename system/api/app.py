"""The application."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from system.api.routes import router
from system.service import Service, running_service
from system.settings import Settings

__all__ = ["create_app"]


def create_app(settings: Settings | None = None, *, service: Service | None = None) -> FastAPI:
    """Return the application, which runs its own service while it is up.

    ``settings`` are the environment's when ``None``. A ``service`` that is running already is used
    as it is, and is left running.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running_service(settings or Settings.from_env(os.environ)) as own:
            app.state.service = own
            yield
            app.state.service = None

    app = FastAPI(title="Market reports", lifespan=None if service else lifespan)
    app.state.service = service
    app.include_router(router)
    return app
