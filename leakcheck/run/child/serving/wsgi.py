"""Serving a WSGI application in threads, while the main thread iterates."""

import importlib
import socket
import threading
from collections.abc import Callable, Generator
from functools import partial
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from leakcheck.run.child.serving.bell import Bell
from leakcheck.run.child.serving.listening import listening_socket

_HURRY_S = 0.05
_JOIN_S = 5.0


def serving(
    application: Any,  # noqa: ANN401 -- whatever the server calls
    server: str,
    shown: str,
    descriptor: int,
) -> Callable[[], Generator[Callable[[], None], None, None]]:
    """Return the workload that serves `application` with the module `server`.

    `shown` is what the driver is told of that, through `descriptor`.
    """
    kind = _KINDS[server]

    def serve() -> Generator[Callable[[], None], None, None]:
        bell = Bell(descriptor)
        listener = listening_socket()
        own = kind(application, listener)
        thread = threading.Thread(target=own.run, name=server, daemon=True)
        thread.start()
        bell.announce(shown, listener.getsockname()[1])
        yield bell.ring
        own.stop()
        thread.join(_JOIN_S)

    return serve


class Waitress:
    """A server of waitress's with its defaults: four threads that work."""

    def __init__(self, application: Any, listener: socket.socket) -> None:  # noqa: ANN401 -- as above
        self._wasyncore = importlib.import_module("waitress.wasyncore")
        create_server = importlib.import_module("waitress.server").create_server
        self._map: dict[int, Any] = {}
        self._server = create_server(application, map=self._map, sockets=[listener])
        self.run = self._server.run

    def stop(self) -> None:
        """Have its thread close everything that it listens to, and end."""
        self._server.trigger.pull_trigger(lambda: self._wasyncore.close_all(self._map))
        self._server.task_dispatcher.shutdown()


class Wsgiref:
    """The standard library's own server, which serves one request after another."""

    def __init__(self, application: Any, listener: socket.socket) -> None:  # noqa: ANN401 -- as above
        address = listener.getsockname()
        self._server = WSGIServer(address, _Quiet, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = listener
        self._server.server_name, self._server.server_port = address
        self._server.setup_environ()
        self._server.set_app(application)
        # No function of ours, whose frame would make what happens in it the harness's.
        self.run = partial(self._server.serve_forever, poll_interval=_HURRY_S)

    def stop(self) -> None:
        """Have it end."""
        self._server.shutdown()
        self._server.server_close()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print no access log."""


_KINDS: dict[str, type[Waitress] | type[Wsgiref]] = {"waitress": Waitress, "wsgiref": Wsgiref}
