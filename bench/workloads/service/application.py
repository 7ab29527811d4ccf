"""The service's application, to be driven over HTTP: `leakcheck asgi`.

`bench.workloads.service.application:create()` is asked for a report as in production, by
``POST /api/reports``. The answer waits until that report has ended: whoever asks again at once
would measure reports that pile up, or the answer that there are too many.
"""

import asyncio
import json
import os
from dataclasses import replace
from http import HTTPStatus

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from system.api.app import create_app
from system.model import RunStatus
from system.settings import Settings
from system.sizes import TINY

__all__ = ["create"]

_LOOK_S = 0.001


def create() -> FastAPI:
    """Return the application of the release that the environment names, with small reports."""
    app = create_app(replace(Settings.from_env(os.environ), sizes=TINY))
    app.add_middleware(_AnswersOnceMade, application=app)
    return app


class _AnswersOnceMade:
    """Holds the answer to a request for a report back until that report has ended."""

    def __init__(self, app: ASGIApp, application: FastAPI) -> None:
        self._app = app
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        asks = scope["type"] == "http" and scope["method"] == "POST"
        await self._app(scope, receive, self._once_made(send) if asks else send)

    def _once_made(self, send: Send) -> Send:
        is_accepted = False

        async def sent(message: Message) -> None:
            nonlocal is_accepted
            if message["type"] == "http.response.start":
                is_accepted = message["status"] == HTTPStatus.ACCEPTED
            elif is_accepted and message["body"]:
                await self._end_of(json.loads(message["body"])["run_id"])
            await send(message)

        return sent

    async def _end_of(self, run_id: str) -> None:
        registry = self._application.state.service.registry
        # The end of a run is no event that others could wait for.
        while (facts := registry.get(run_id)) and facts.status is RunStatus.RUNNING:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_S)
