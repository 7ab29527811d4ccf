"""The driver answers its child request by request, and believes nothing that it is told."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.driving.drive import Application, Drive, drives_of
from leakcheck.driving.driver import Driver
from leakcheck.driving.request import parse_request
from leakcheck.model.errors import UsageError
from leakcheck.model.route import Protocol, Route, name_within, place_of, route_of

APPLICATION = Application(protocol=Protocol.ASGI, name="shop.web:app")


def drive(*lines: str, expected_status: int | None = None) -> Drive:
    requests = [parse_request(line) for line in lines]
    (found,) = drives_of(APPLICATION, requests, expected_status=expected_status).values()
    return found


class Answering(BaseHTTPRequestHandler):
    statuses: list[int]
    paths: list[str]

    def do_GET(self) -> None:
        self.paths.append(self.path)
        self.send_response(self.statuses[min(len(self.paths), len(self.statuses)) - 1])
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None: ...


@contextmanager
def served(*statuses: int) -> Iterator[tuple[int, list[str]]]:
    class One(Answering): ...

    One.statuses, One.paths = list(statuses), []
    with HTTPServer(("127.0.0.1", 0), One) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port, One.paths
        server.shutdown()
        thread.join()


@contextmanager
def child_of(driver: Driver) -> Iterator[socket.socket]:
    own = socket.socket(fileno=socket.dup(driver.childs_end))
    driver.start()
    own.settimeout(60)
    try:
        yield own
    finally:
        own.close()
        driver.close()


def announced(own: socket.socket, port: object, server: str = "uvicorn 1") -> None:
    own.sendall(json.dumps({"server": server, "port": port}).encode() + b"\n")


def rest(own: socket.socket) -> str:
    said = b""
    while part := own.recv(1000):
        said += part
    return said.decode()


def test_a_request_is_sent_for_each_byte_and_its_number_goes_up() -> None:
    body = bytearray()
    driver = Driver(drive("/a/{n}"), timeout_s=60, bodies=body)
    with served(200) as (port, paths), child_of(driver) as own:
        announced(own, port)
        for _ in range(3):
            own.sendall(b"n")
            assert own.recv(1) == b"g"
        note = driver.note

    assert paths == ["/a/0", "/a/1", "/a/2"]
    assert note == "driven over loopback: uvicorn 1 answered each request with 200"
    assert body == b"okokok"


@pytest.mark.parametrize(
    ("statuses", "expected", "wanted"),
    [
        ([404], None, "GET /: answered with 404, wanted less than 400, or --expect-status 404"),
        ([200, 302], None, "GET /: answered with 302, wanted 200 (request 2)"),
        ([200], 204, "GET /: answered with 200, wanted 204 (request 1)"),
        ([503, 503, 200], 503, "GET /: answered with 200, wanted 503 (request 3)"),
    ],
)
def test_a_status_that_is_not_wanted_ends_it(
    statuses: list[int], expected: int | None, wanted: str
) -> None:
    driver = Driver(drive("/", expected_status=expected), timeout_s=60)
    with served(*statuses) as (port, _), child_of(driver) as own:
        announced(own, port)
        own.sendall(b"n" * len(statuses))
        said = rest(own)

    assert said.startswith("g" * (len(statuses) - 1) + "x" + wanted)


@pytest.mark.parametrize(
    "said",
    [
        b"\n",
        b"[]\n",
        b'{"server": "a"}\n',
        b'{"server": 1, "port": "x"}\n',
        b"a" * 2000,
        b"[" * 999,
    ],
)
def test_a_child_that_announces_nothing_is_not_driven(said: bytes) -> None:
    driver = Driver(drive("/"), timeout_s=60)
    with child_of(driver) as own, suppress(ConnectionError):
        own.sendall(said)
        own.shutdown(socket.SHUT_WR)
        heard = rest(own)
        assert heard in ("xthe child said nothing of a server that listens", "")
    assert driver.note == ""


@pytest.mark.parametrize("port", [0, -1, 65536, 10**30])
def test_a_port_that_is_none_is_not_driven(port: int) -> None:
    driver = Driver(drive("/"), timeout_s=60)
    with child_of(driver) as own:
        announced(own, port)
        assert "wanted a loopback address, such as 127.0.0.1, and a port" in rest(own)


def test_the_name_of_a_server_is_bounded_and_printable() -> None:
    driver = Driver(drive("/"), timeout_s=60)
    with served(200) as (port, _), child_of(driver) as own:
        announced(own, port, server="\x1b[31m" + "a" * 500)
        own.sendall(b"n")
        assert own.recv(1) == b"g"
        note = driver.note

    assert note.isprintable()
    assert len(note) < 150


def test_a_driver_ends_though_its_child_never_says_anything() -> None:
    driver = Driver(drive("/"), timeout_s=600)
    with child_of(driver):
        pass
    assert not driver._thread.is_alive()


def test_a_driver_that_was_never_started_gives_its_sockets_back() -> None:
    Driver(drive("/"), timeout_s=1).close()


def test_equal_requests_are_one_route_and_equal_texts_are_told_apart() -> None:
    requests = [parse_request(line) for line in ("/a?b=1", "/a?b=2", "/a?b=1", "/c")]

    assert list(drives_of(APPLICATION, requests)) == [
        "asgi shop.web:app GET /a?b=***",
        "asgi shop.web:app GET /a?b=*** (2)",
        "asgi shop.web:app GET /c",
    ]


@pytest.mark.parametrize(
    "name", ["", "app", "shop.web", ":app", "shop:", "shop:a b", "shop:app()()"]
)
def test_what_is_no_name_of_an_application_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no application: wanted module:app"):
        Application(protocol=Protocol.WSGI, name=name)


def test_a_server_of_the_other_protocol_is_refused() -> None:
    with pytest.raises(UsageError, match="--server: found 'uvicorn', wanted waitress or wsgiref"):
        Application(protocol=Protocol.WSGI, name="shop:app", server="uvicorn")


@given(
    protocol=st.sampled_from(Protocol),
    application=st.sampled_from(["shop.web:app", "my shop/web.py:make.app()", "/a:b/c.py:app"]),
    path=st.text(max_size=50),
)
def test_a_route_is_found_again_in_its_target(
    protocol: Protocol, application: str, path: str
) -> None:
    route = Route(protocol=protocol, application=application, request=f"GET /{path}")

    assert route_of(route.target) == route
    assert place_of(route.target) == application.rpartition(":")[0]
    assert name_within(route.target).endswith(f" GET /{path}")


@pytest.mark.parametrize("target", ["jobs.py:tick", "test_a.py::test_b", "asgi.web:app", "asgi a"])
def test_other_targets_are_no_routes(target: str) -> None:
    assert route_of(target) is None
