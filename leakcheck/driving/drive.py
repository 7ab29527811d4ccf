"""What is driven: an application, by one request again and again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from leakcheck.driving.request import Request, labels, unique_requests
from leakcheck.model.errors import UsageError
from leakcheck.model.route import Protocol, Route

SERVERS: Final = {
    Protocol.ASGI: ("uvicorn",),
    Protocol.WSGI: ("waitress", "wsgiref"),
}
"""The servers of each protocol, the preferred first; the last of WSGI is there anywhere."""
_FAILS_FROM: Final = 400
_CALL: Final = "()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application by its name, ``module:app`` or ``path/file.py:app``.

    `name` ends in ``()`` where the name is that of a function which makes it; `server` is the
    one to use, None for the first of SERVERS that its environment has.
    """

    protocol: Protocol
    name: str
    server: str | None = None

    def __post_init__(self) -> None:
        place, colon, name = self.name.removesuffix(_CALL).rpartition(":")
        if not (place and colon and all(map(str.isidentifier, name.split(".")))):
            wanted = "module:app, path/to/file.py:app or module:make_app()"
            msg = f"{self.name!r} is no application: wanted {wanted}"
            raise UsageError(msg)
        known = SERVERS[self.protocol]
        if self.server is not None and self.server not in known:
            msg = f"--server: found {self.server!r}, wanted {' or '.join(known)}"
            raise UsageError(msg)

    def order(self) -> dict[str, Any]:
        """Return what a child is told of it, as plain JSON."""
        return {
            "protocol": str(self.protocol),
            "name": self.name.removesuffix(_CALL),
            "is_factory": self.name.endswith(_CALL),
            "servers": [self.server] if self.server else list(SERVERS[self.protocol]),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """One request to one application; `text` is what it is called, without secrets.

    `expected_status` is what it has to be answered with; None for whatever the first is answered
    with, as long as that is no error.
    """

    application: Application
    request: Request
    text: str
    expected_status: int | None = None

    @property
    def target(self) -> str:
        """Return the target that it is recorded under."""
        application = self.application
        route = Route(
            protocol=application.protocol, application=application.name, request=self.text
        )
        return route.target

    def complaint(self, status: int, first: int | None) -> str:
        """Return what is wrong with an answer's status, an empty text where nothing is.

        `first` is the status of the first answer, None where this is it.
        """
        wanted = first if self.expected_status is None else self.expected_status
        if wanted is not None:
            return "" if status == wanted else f"answered with {status}, wanted {wanted}"
        if status < _FAILS_FROM:
            return ""
        return f"answered with {status}, wanted less than 400, or --expect-status {status}"


def drives_of(
    application: Application,
    requests: Sequence[Request],
    *,
    expected_status: int | None = None,
) -> dict[str, Drive]:
    """Return a drive for each request, under its target; of equal requests one."""
    requests = unique_requests(requests)
    found = [
        Drive(application=application, request=one, text=text, expected_status=expected_status)
        for one, text in zip(requests, labels(requests), strict=True)
    ]
    return {one.target: one for one in found}


def with_headers(requests: Sequence[Request], headers: Sequence[tuple[str, str]]) -> list[Request]:
    """Return the requests, each with these headers too; see `Request.with_headers`."""
    return [replace(one).with_headers(headers) for one in requests]
