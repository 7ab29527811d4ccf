"""A route: one request to one application, as the target of a run."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Protocol(StrEnum):
    """How a server calls an application; also the name of the command that drives it."""

    ASGI = "asgi"
    WSGI = "wsgi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What a target says of an application that is driven: `request` is its masked text."""

    protocol: Protocol
    application: str
    request: str

    @property
    def target(self) -> str:
        """Return the target that stands for it.

        >>> Route(protocol=Protocol.ASGI, application="shop.web:app", request="GET /").target
        'asgi shop.web:app GET /'
        """
        return f"{self.protocol} {self.application} {self.request}"


_TARGET: Final = re.compile(
    r"(?P<protocol>asgi|wsgi) (?P<application>.+?:[\w.]+(?:\(\))?) (?P<request>[A-Z-]+ /.*)",
    re.DOTALL,
)


def route_of(target: str) -> Route | None:
    """Return the route that a target stands for, None for any other target.

    >>> route_of("asgi shop.web:app GET /items/3").request, route_of("jobs.py:tick")
    ('GET /items/3', None)
    """
    found = _TARGET.fullmatch(target)
    if found is None:
        return None
    return Route(
        protocol=Protocol(found["protocol"]),
        application=found["application"],
        request=found["request"],
    )


def place_of(target: str) -> str:
    """Return the module or the file that a target is in.

    >>> place_of("wsgi shop/web.py:app GET /a:b"), place_of("jobs.py:tick")
    ('shop/web.py', 'jobs.py')
    """
    route = route_of(target)
    return (target if route is None else route.application).rpartition(":")[0]


def name_within(target: str) -> str:
    """Return what a target is called within its module or file.

    >>> name_within("wsgi shop/web.py:app GET /a:b"), name_within("jobs.py:tick")
    ('app GET /a:b', 'tick')
    """
    route = route_of(target)
    if route is None:
        return target.rpartition(":")[2]
    return f"{route.application.rpartition(':')[2]} {route.request}"
