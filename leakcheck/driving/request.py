"""A request: what is sent to an application again and again, and what may be said of it."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from leakcheck.analysis.masking import MASK
from leakcheck.model.errors import UsageError

NUMBER: Final = "{n}"
"""Stands in a path, a header or a body for the number of the request, from 0 on."""
SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_MOST_PATH: Final = 8_000
_MOST_BODY_BYTES: Final = 1 << 20
_MOST_HEADERS: Final = 50
_MOST_VALUE: Final = 8_000
_MOST_REQUESTS: Final = 1_000
_MOST_SHOWN: Final = 60
_METHOD: Final = re.compile(r"[A-Z][A-Z-]{0,19}")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_KEPT_IN_PATHS: Final = "".join(map(chr, range(0x21, 0x7F)))
"""Printable ASCII is sent as it was written; anything else percent-encoded, as UTF-8."""
_AS_TYPED: Final = "surrogateescape"
"""Bytes of a command line that are no UTF-8 stay what they were."""
_THE_CLIENTS: Final = frozenset({"content-length", "transfer-encoding", "connection", "expect"})
_ASSIGNED: Final = re.compile(r"(;[^;=/]*)=[^;/]*")
"""A parameter of a part of a path, which may be a session."""
_WANTED: Final = "wanted a method and a path, such as 'GET /health' or 'POST /items {\"n\": 1}'"

Header = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; its parts may hold secrets, so only `masked` is for anybody's eyes.

    `path` has the query with it; `headers` are pairs of name and value, in the order they are
    sent. Where ``{n}`` stands in a path, a value or a body goes the number of the request.
    """

    method: str
    path: str
    headers: tuple[Header, ...] = ()
    body: bytes = b""

    def __post_init__(self) -> None:
        _check_line(self.method, self.path)
        _check_headers(self.headers)
        if len(self.body) > _MOST_BODY_BYTES:
            msg = f"{self.masked}: found a body of {len(self.body):,} B, wanted 1 MiB at the most"
            raise UsageError(msg)

    @property
    def masked(self) -> str:
        """Return method and path in one printable line: of the query only the names, no body.

        >>> Request(method="GET", path="/items?token=s3cret&page={n}").masked
        'GET /items?token=***&page={n}'
        """
        path, mark, query = self.path.partition("?")
        path = _ASSIGNED.sub(rf"\1={MASK}", path)
        query = "&".join(map(_masked_part, query.split("&")))
        return f"{self.method} {path}{mark}{query}{f' {MASK}' if self.body else ''}"

    @property
    def hides(self) -> bool:
        """Return whether `masked` leaves out what is needed to send it again.

        >>> Request(method="GET", path="/items").hides, Request(method="GET", path="/?a=1").hides
        (False, True)
        """
        return bool(self.headers or self.body) or MASK in self.masked

    def with_headers(self, headers: Sequence[Header]) -> "Request":
        """Return the request with more headers; its own win over those of the same name."""
        own = {name.lower() for name, _ in self.headers}
        more = tuple(one for one in headers if one[0].lower() not in own)
        return replace(self, headers=(*more, *self.headers))

    def numbered(self, number: int) -> "Request":
        """Return the request with its number in the place of each ``{n}``.

        >>> Request(method="GET", path="/items/{n}").numbered(7).path
        '/items/7'
        """
        if not self.varies:
            return self
        text = str(number)
        return replace(
            self,
            path=self.path.replace(NUMBER, text),
            headers=tuple((name, value.replace(NUMBER, text)) for name, value in self.headers),
            body=self.body.replace(NUMBER.encode(), text.encode()),
        )

    @property
    def varies(self) -> bool:
        """Return whether each request is another one."""
        values = (self.path, *(value for _, value in self.headers))
        return any(NUMBER in value for value in values) or NUMBER.encode() in self.body


def parse_request(text: str) -> Request:
    """Return the request that one line stands for: ``GET /path`` or ``POST /path body``.

    A body that is JSON is said to be. A line that begins with the path is a GET.

    >>> parse_request('POST /items {"n": {n}}').headers
    (('Content-Type', 'application/json'),)

    Raises:
        UsageError: if it is none, or one that this client does not send.
    """
    method, path, body = _split(text)
    sent = quote(path, safe=_KEPT_IN_PATHS, errors=_AS_TYPED)
    request = Request(method=method, path=sent, body=body.encode(errors=_AS_TYPED))
    return _said_to_be_json(request)


def parse_header(text: str) -> Header:
    """Return the header that ``Name: value`` stands for.

    Raises:
        UsageError: if it is none; its value is in no error.
    """
    name, colon, value = text.partition(":")
    found = (name.strip(), value.strip())
    if not colon:
        msg = "a header: found no colon in it, wanted 'Name: value'"
        raise UsageError(msg)
    _check_headers((found,))
    return found


def parse_requests(text: str, origin: str, read_body: Callable[[str], bytes]) -> list[Request]:
    r"""Return the requests of a file: one a line, headers and ``@file`` bodies indented below it.

    Lines that are empty or begin with ``#`` say nothing. `origin` names the file in errors;
    `read_body` returns what is in a file of that name.

    >>> parse_requests("# two\nGET /\nPUT /a\n  X-Key: 1\n", "r.txt", lambda _: b"")[1].headers
    (('X-Key', '1'),)

    Raises:
        UsageError: if a line is none of these; the error says which.
    """
    found: list[Request] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            _add_line(found, line, read_body)
        except UsageError as error:
            msg = f"{origin}:{number}: {error}"
            raise UsageError(msg) from error
    return [_said_to_be_json(request) for request in found]


def unique_requests(requests: Sequence[Request]) -> list[Request]:
    """Return the requests in their order, each once."""
    return list(dict.fromkeys(requests))


def _add_line(found: list[Request], line: str, read_body: Callable[[str], bytes]) -> None:
    if not line[0].isspace():
        if len(found) >= _MOST_REQUESTS:
            msg = f"found more than {_MOST_REQUESTS:,} requests, wanted no more"
            raise UsageError(msg)
        found.append(parse_request(line))
        return
    if not found:
        msg = "found an indented line before the first request, wanted a request"
        raise UsageError(msg)
    rest = line.strip()
    if rest.startswith("@"):
        found[-1] = replace(found[-1], body=read_body(rest[1:]))
    else:
        found[-1] = replace(found[-1], headers=(*found[-1].headers, parse_header(rest)))


def _split(text: str) -> tuple[str, str, str]:
    words = text.strip().split(maxsplit=2)
    if words and words[0].startswith("/"):
        words = ["GET", *text.strip().split(maxsplit=1)]
    if len(words) < 2:  # noqa: PLR2004 -- a method and a path
        msg = f"a request: found {shown(text.partition('?')[0])!r}, {_WANTED}"
        raise UsageError(msg)
    method, path, *body = words
    return method, path, body[0] if body else ""


def _check_line(method: str, path: str) -> None:
    if not _METHOD.fullmatch(method) or method == "CONNECT":
        msg = f"a request: found the method {shown(method)!r}, {_WANTED}"
        raise UsageError(msg)
    if not path.startswith("/") or path.startswith("//") or "#" in path:
        found = shown(path.partition("?")[0])
        msg = f"a request: found the path {found!r}, wanted one of this server that begins with /"
        raise UsageError(msg)
    if len(path) > _MOST_PATH or not all("!" <= char <= "~" for char in path):
        msg = (
            f"{method} {shown(path.partition('?')[0])}: found a path of {len(path):,} characters, "
            f"wanted {_MOST_PATH:,} printable ones at the most"
        )
        raise UsageError(msg)


def _check_headers(headers: Sequence[Header]) -> None:
    if len(headers) > _MOST_HEADERS:
        msg = f"found {len(headers)} headers, wanted {_MOST_HEADERS} at the most"
        raise UsageError(msg)
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            msg = f"a header: found the name {shown(name)!r}, wanted letters, digits and dashes"
            raise UsageError(msg)
        if name.lower() in _THE_CLIENTS:
            msg = f"the header {name}: found it given, wanted it left to leakcheck's client"
            raise UsageError(msg)
        if len(value) > _MOST_VALUE or not (value.isprintable() and value.isascii()):
            msg = f"the header {name}: found a value that cannot be sent, wanted printable ASCII"
            raise UsageError(msg)


def _said_to_be_json(request: Request) -> Request:
    has_type = any(name.lower() == "content-type" for name, _ in request.headers)
    if has_type or not _is_json(request.numbered(0).body):
        return request
    return replace(request, headers=(*request.headers, ("Content-Type", "application/json")))


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _masked_part(part: str) -> str:
    """Return one part of a query with its value masked; one without a name may be a value."""
    name, equals, value = part.partition("=")
    if not part or value == NUMBER:
        return part
    return f"{name}={MASK}" if equals else MASK


def shown(text: str) -> str:
    """Return the beginning of what somebody wrote, for an error."""
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 3]}..."


def labels(requests: Sequence[Request]) -> Iterator[str]:
    """Yield the masked text of each request, with a number where an earlier one has the same.

    >>> list(labels([Request(method="GET", path=path) for path in ("/?a=1", "/?a=2")]))
    ['GET /?a=***', 'GET /?a=*** (2)']
    """
    told: dict[str, int] = {}
    for request in requests:
        text = request.masked
        told[text] = told.get(text, 0) + 1
        yield text if told[text] == 1 else f"{text} ({told[text]})"
