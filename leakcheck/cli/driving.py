"""`leakcheck asgi` and `leakcheck wsgi`: an application driven, with a verdict for each route."""

import argparse
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from leakcheck.cli.layout import Commands, add_command
from leakcheck.cli.running import Command, add_length, add_limits, add_outputs, command_of
from leakcheck.configuration.ranges import require_allowed
from leakcheck.configuration.table import Configuration
from leakcheck.driving.drive import SERVERS, Application, drives_of
from leakcheck.driving.openapi import MOST_DOCUMENT_BYTES, requests_of
from leakcheck.driving.request import Header, Request, parse_header, parse_request, parse_requests
from leakcheck.model.errors import UsageError
from leakcheck.model.route import Protocol
from leakcheck.run.asking import answer_of
from leakcheck.run.launch import Launch

_MOST_FILE_BYTES: Final = 1 << 20
_OWN_DOCUMENT: Final = "/openapi.json"
_ARTICLES: Final = {Protocol.ASGI: "an ASGI", Protocol.WSGI: "a WSGI"}
_EXAMPLES: Final = {
    Protocol.ASGI: """\
examples:
  leakcheck asgi shop.web:app --request "GET /health" --request "GET /items/1"
  leakcheck asgi "shop/web.py:make_app()" --openapi --header "X-Key: 1"
exit codes: as for `leakcheck run`; ERROR where a response is not as expected
""",
    Protocol.WSGI: """\
examples:
  leakcheck wsgi shop.web:app --request "GET /health" --request "GET /items/{n}"
  leakcheck wsgi shop.web:app --requests shop.txt --server waitress
exit codes: as for `leakcheck run`; ERROR where a response is not as expected
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveCommand:
    """A `leakcheck asgi` or `wsgi`: `command` has no targets yet.

    `document` is where an OpenAPI document is: a file, or a path of the application itself; None
    where there is none to be used.
    """

    command: Command
    application: Application
    requests: tuple[Request, ...]
    headers: tuple[Header, ...]
    document: str | None
    all_methods: bool
    expected_status: int | None


def add_driving(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck asgi` and `leakcheck wsgi`."""
    for protocol in Protocol:
        parser = add_command(
            commands,
            protocol,
            usage="APP --request 'GET /path' [options]",
            does=f"drive {_ARTICLES[protocol]} application and say which of its routes leak",
            more=_EXAMPLES[protocol],
        )
        _add_requests(parser, protocol)
        group = parser.add_argument_group("how long, what is too much and what to write")
        add_length(group)
        add_limits(group)
        add_outputs(group)


def drive_command(given: argparse.Namespace, configuration: Configuration) -> DriveCommand:
    """Return what the arguments and the configuration ask for.

    Raises:
        UsageError: if a value is none of its kind, or nothing says what to request.
    """
    require_allowed({"expect-status": given.expect_status}, "--")
    application = Application(
        protocol=Protocol(given.command), name=given.application, server=given.server
    )
    requests = [parse_request(text) for text in given.request]
    for name in given.requests:
        requests += _from_file(Path(name))
    if not requests and given.openapi is None:
        msg = "found no request, wanted --request 'GET /path', --requests FILE or --openapi"
        raise UsageError(msg)
    return DriveCommand(
        command=command_of(given, configuration, ()),
        application=application,
        requests=tuple(requests),
        headers=tuple(parse_header(text) for text in given.header),
        document=given.openapi,
        all_methods=given.all_methods,
        expected_status=given.expect_status,
    )


def driven(command: DriveCommand, *, tell: Callable[[str], None]) -> Command:
    """Return the command with a target for each route, once all requests are known.

    `tell` is given a line for whatever takes its time, or is left out.

    Raises:
        UsageError: if a document is missing or none.
        WorkloadError: if the application does not give its own.
    """
    described = list(_described(command, tell)) if command.document is not None else []
    requests = [one.with_headers(command.headers) for one in (*command.requests, *described)]
    drives = drives_of(command.application, requests, expected_status=command.expected_status)
    settings = replace(command.command.settings, drives=drives)
    return replace(command.command, targets=tuple(drives), settings=settings)


def _add_requests(parser: argparse.ArgumentParser, protocol: Protocol) -> None:
    group = parser.add_argument_group("what to drive")
    group.add_argument(
        "application", metavar="APP", help="module:app, file.py:app or 'module:make_app()'"
    )
    group.add_argument(
        "--request",
        action="append",
        default=[],
        metavar="LINE",
        help="'GET /path', 'POST /path BODY'; {n} is its number",
    )
    group.add_argument(
        "--requests", action="append", default=[], metavar="FILE", help="a file of them, one a line"
    )
    group.add_argument(
        "--openapi",
        nargs="?",
        const=_OWN_DOCUMENT,
        metavar="DOC",
        help="a file, or a path of APP (then /openapi.json)",
    )
    group.add_argument(
        "--all-methods", action="store_true", help="of --openapi also POST, PUT, PATCH, DELETE"
    )
    group.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="LINE",
        help="'Name: value' for every request; never recorded",
    )
    group.add_argument(
        "--expect-status", type=int, metavar="N", help="ERROR unless each response has it"
    )
    known = " or ".join(SERVERS[protocol])
    group.add_argument("--server", metavar="NAME", help=f"{known} (default: what is installed)")


def _from_file(file: Path) -> list[Request]:
    text = _content(file, "--requests").decode(errors="replace")

    def read_body(name: str) -> bytes:
        return _content(file.parent / name, "a body")

    return parse_requests(text, str(file), read_body)


def _content(file: Path, origin: str, most_bytes: int = _MOST_FILE_BYTES) -> bytes:
    """Return what is in a file.

    Raises:
        UsageError: if it cannot be read, or has more in it than it may.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(most_bytes + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        msg = f"{origin}: {file} cannot be read ({why}), wanted a file"
        raise UsageError(msg) from error
    if len(content) > most_bytes:
        msg = f"{origin}: {file}: found more than {most_bytes:,} B, wanted no more"
        raise UsageError(msg)
    return content


def _described(command: DriveCommand, tell: Callable[[str], None]) -> Sequence[Request]:
    document = command.document or _OWN_DOCUMENT
    if document.startswith("/") and not Path(document).exists():
        origin = f"{command.application.name} {document}"
        tell(f"asking {command.application.name} for {document}")
        content = _asked(command, parse_request(f"GET {document}"))
    else:
        origin = document
        content = _content(Path(document), "--openapi", MOST_DOCUMENT_BYTES)
    found = requests_of(content, origin, all_methods=command.all_methods)
    for remark in found.remarks:
        tell(f"{origin}: {remark}")
    return found.requests


def _asked(command: DriveCommand, request: Request) -> bytes:
    settings = command.command.settings
    (drive,) = drives_of(command.application, [request.with_headers(command.headers)]).values()
    launch = Launch(
        variables=settings.variables, observe=lambda _: None, interrupted=threading.Event()
    )
    return answer_of(drive, launch, settings.python)
