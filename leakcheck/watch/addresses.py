"""Addresses that are listened at and posted to, as they are typed."""

import base64
import ipaddress
from urllib.parse import unquote, urlsplit, urlunsplit

from leakcheck.model.errors import UsageError


def address_of(text: str) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT``; the host is an address, or ``localhost``.

    Raises:
        UsageError: if it is none.

    >>> address_of("127.0.0.1:9188"), address_of("[::1]:9188")
    (('127.0.0.1', 9188), ('::1', 9188))
    """
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not port.isascii() or not port.isdigit() or int(port) > 65_535 or not _is_address(host):  # noqa: PLR2004 -- ports
        msg = f"--listen: found {text!r}, wanted ADDRESS:PORT, such as 127.0.0.1:9188"
        raise UsageError(msg)
    return ("127.0.0.1" if host == "localhost" else host), int(port)


def _is_address(host: str) -> bool:
    """Return whether a host is said in so many words: no name that may lead anywhere."""
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def require_url(url: str) -> str:
    """Return a URL that can be posted to.

    Raises:
        UsageError: if it is none of http or https; the message does not repeat it.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        msg = "--webhook: found no URL of http or https, wanted https://host/path"
        raise UsageError(msg)
    return url


def masked_url(url: str) -> str:
    """Return a URL without what may be secret in it: all but its host.

    >>> masked_url("https://me:pw@hooks.example.org:8443/services/T0/B0?token=s3cret")
    'https://hooks.example.org:8443/***'
    """
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}/***"


def without_login(url: str) -> tuple[str, dict[str, str]]:
    """Return a URL without user and password, and the header that says them instead.

    >>> without_login("http://me:pw@example.org/x")
    ('http://example.org/x', {'Authorization': 'Basic bWU6cHc='})
    """
    parts = urlsplit(url)
    if parts.username is None:
        return url, {}
    place = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return place, {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}
