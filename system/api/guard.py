"""What stands before every route: limits on what comes in, and headers on what goes out."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["MOST_BODY_BYTES", "MOST_TARGET_CHARACTERS", "Guard"]

MOST_BODY_BYTES = 16 * 1024
"""No route takes a body: what is sent is not wanted, and not read beyond this."""
MOST_TARGET_CHARACTERS = 1024
"""Path and query together."""

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",  # a report's address is the key to it
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


class Guard:
    """Refuses requests that are too large, and sets the headers that a route has not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before that application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have the application answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = _refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send_guarded)
            return
        await self._app(scope, _Bounded(receive), send_guarded)


class _Bounded:
    """Receives a request, and takes the client for gone once its body is too long."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._received = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > MOST_BODY_BYTES:
            return {"type": "http.disconnect"}
        return message


def _refusal(scope: Scope) -> PlainTextResponse | None:
    if len(scope["raw_path"]) + len(scope["query_string"]) > MOST_TARGET_CHARACTERS:
        return PlainTextResponse("address too long", 414)
    length = Headers(scope=scope).get("content-length", "0")
    if not length.isdigit() or int(length[:20]) > MOST_BODY_BYTES:
        return PlainTextResponse("body too large", 413)
    return None
