"""What is to be run, and what triggers one iteration of it; with its secrets, and without."""

import ipaddress
import re
import signal
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from leakcheck.analysis.masking import MASK, masked
from leakcheck.driving.request import Request, parse_request, shown
from leakcheck.model.errors import UsageError
from leakcheck.model.text import printable

_WANTED_URL: Final = "wanted one such as 'GET http://127.0.0.1:8000/health'"
_UNSTOPPABLE: Final = frozenset({signal.SIGKILL, signal.SIGSTOP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line on standard input; its answer is one line, or ends where `until` matches."""

    text: str = field(repr=False)
    until: re.Pattern[str] | None = field(default=None, repr=False)

    @property
    def words(self) -> tuple[str, ...]:
        """Return the options that ask for it, without what may be a secret."""
        return ("--line", MASK, *_until_words(self.until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A signal; it is done with where `until` matches, or once the program is idle again."""

    number: signal.Signals
    until: re.Pattern[str] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Return its name, such as ``SIGUSR1``."""
        return self.number.name

    @property
    def words(self) -> tuple[str, ...]:
        """Return the options that ask for it, without what may be a secret."""
        return ("--signal", self.name.removeprefix("SIG"), *_until_words(self.until))


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request to a port of this machine, and its response."""

    host: str
    port: int
    request: Request = field(repr=False)

    @property
    def shown(self) -> str:
        """Return method and URL without what may be a secret.

        >>> request_of("GET http://127.0.0.1:8000/x?key=s3cret").shown
        'GET http://127.0.0.1:8000/x?key=***'
        """
        method, _, rest = self.request.masked.partition(" ")
        return f"{method} http://{self.address}{rest}"

    @property
    def address(self) -> str:
        """Return host and port as a URL has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def words(self) -> tuple[str, ...]:
        """Return the options that ask for it, without what may be a secret."""
        return ("--request", self.shown)


Trigger = Line | HttpRequest | Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A program's words as they were typed, and what triggers an iteration.

    Neither its representation nor what its properties return has what may be a secret.
    """

    words: tuple[str, ...] = field(repr=False)
    trigger: Trigger

    def __post_init__(self) -> None:
        if not self.words or not self.words[0]:
            msg = (
                "exec: found no command, wanted one after --: leakcheck exec ... -- COMMAND ARG..."
            )
            raise UsageError(msg)

    @property
    def masked_words(self) -> tuple[str, ...]:
        """Return the program's words without what may be a secret, in one line each."""
        return tuple(map(printable, masked(self.words)))

    @property
    def target(self) -> str:
        """Return what it is called in lines that others may read.

        >>> Order(words=("redis-cli", "-a", "s3cret"), trigger=Line(text="PING")).target
        'exec: redis-cli -a ***'
        """
        words = " ".join(self.masked_words)
        if isinstance(self.trigger, HttpRequest):
            return f"exec: {words} <- {self.trigger.shown}"
        return f"exec: {words}"

    @property
    def masked_arguments(self) -> tuple[str, ...]:
        """Return the arguments of `leakcheck exec` that say all of it, without secrets.

        >>> Order(words=("awk", "-f", "a.awk"), trigger=Line(text="s3cret")).masked_arguments
        ('--line', '***', '--', 'awk', '-f', '***')
        """
        return (*self.trigger.words, "--", *self.masked_words)


def signal_named(name: str) -> signal.Signals:
    """Return the signal of that name, with or without ``SIG``.

    Raises:
        UsageError: if there is none, or one that no program can handle.

    >>> signal_named("usr1").name, signal_named("SIGHUP").name
    ('SIGUSR1', 'SIGHUP')
    """
    upper = name.upper()
    try:
        found = signal.Signals[upper if upper.startswith("SIG") else f"SIG{upper}"]
    except KeyError:
        msg = f"--signal: found {name!r}, wanted the name of a signal, such as USR1 or HUP"
        raise UsageError(msg) from None
    if found in _UNSTOPPABLE:
        msg = f"--signal: found {name!r}, wanted one that a program can handle, such as USR1"
        raise UsageError(msg)
    return found


def pattern_of(text: str) -> re.Pattern[str]:
    r"""Return the pattern that `text` is, in which ``^`` and ``$`` are the ends of a line.

    Raises:
        UsageError: if it is none.

    >>> bool(pattern_of("^done$").search("working\ndone\n"))
    True
    """
    try:
        return re.compile(text, re.MULTILINE)
    except (re.error, RecursionError, OverflowError) as error:
        reason = error.msg if isinstance(error, re.error) else "it is too deep or too large"
        msg = f"--until: found no regular expression ({reason}), wanted one"
        raise UsageError(msg) from None


def request_of(text: str) -> HttpRequest:
    """Return the request that ``METHOD http://HOST:PORT/path body`` stands for.

    The method is GET where there is none, the port 80, and a body may be left out.

    Raises:
        UsageError: if it is none, or not one to this machine.
    """
    method, url, body = _request_parts(text)
    without = shown(url.partition("?")[0].rpartition("@")[2])
    try:
        parts = urlsplit(url)
        port = 80 if parts.port is None else parts.port
    except ValueError:
        msg = f"--request: found the URL {without!r}, {_WANTED_URL}"
        raise UsageError(msg) from None
    if parts.scheme != "http" or not parts.hostname or "@" in parts.netloc:
        msg = f"--request: found the URL {without!r}, {_WANTED_URL}"
        raise UsageError(msg)
    if not (host := _loopback(parts.hostname)) or not port:
        found = shown(f"{parts.hostname}:{port}")
        msg = f"--request: found {found!r}, wanted a loopback address, such as 127.0.0.1:8000"
        raise UsageError(msg)
    place = url[url.index("//") + 2 + len(parts.netloc) :]
    path = place if place.startswith("/") else f"/{place}"
    try:
        return HttpRequest(host=host, port=port, request=parse_request(f"{method} {path} {body}"))
    except UsageError as error:
        msg = f"--request: {error}"
        raise UsageError(msg) from error


def _request_parts(text: str) -> tuple[str, str, str]:
    words = text.split(maxsplit=2)
    if words and "://" in words[0]:
        words = ["GET", *text.split(maxsplit=1)]
    if len(words) < 2:  # noqa: PLR2004 -- a method and a URL
        msg = f"--request: found no URL, {_WANTED_URL}"
        raise UsageError(msg)
    method, url, *body = words
    return method, url, body[0] if body else ""


def _loopback(host: str) -> str | None:
    """Return the address of this machine that a name or an address stands for, else None."""
    if host.lower() == "localhost":
        return "127.0.0.1"
    try:
        return host if ipaddress.ip_address(host).is_loopback else None
    except ValueError:
        return None


def line_of(text: str) -> str:
    """Return a line to send, without its end.

    Raises:
        UsageError: if it is more than one, or holds a NUL, which no command line can.
    """
    line = text.removesuffix("\n")
    if "\n" in line:
        msg = "--line: found more than one line, wanted one"
        raise UsageError(msg)
    return line


def _until_words(until: re.Pattern[str] | None) -> tuple[str, ...]:
    return () if until is None else ("--until", MASK)
