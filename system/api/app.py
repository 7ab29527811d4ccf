"""The application."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from system.api.guard import Guard
from system.api.routes import router
from system.errors import ServiceError, TooManyReportsError
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

    app = FastAPI(
        title="Market reports",
        lifespan=None if service else lifespan,
        # These two pages load scripts from somewhere else; the document itself is served.
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    app.include_router(router)
    app.add_middleware(Guard)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(TooManyReportsError, _too_many)
    app.add_exception_handler(ServiceError, _unavailable)
    return app


async def _invalid(_request: Request, _error: Exception) -> JSONResponse:
    """Say that the input is not valid, without the input: it may be of any length."""
    return JSONResponse({"detail": "the request is not valid"}, 422)


async def _too_many(_request: Request, _error: Exception) -> JSONResponse:
    detail = {"detail": "too many reports are being made, try again later"}
    return JSONResponse(detail, 429, {"Retry-After": "5"})


async def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    """Say which part is away, by the error's name: its text names hosts and statements."""
    return JSONResponse({"detail": type(error).__name__}, 503)
