"""GET /metrics, whatever clients send."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from leakcheck.model.errors import UsageError
from leakcheck.watch import endpoint
from leakcheck.watch.addresses import address_of
from leakcheck.watch.endpoint import Endpoint


@pytest.fixture
def served() -> Iterator[Endpoint]:
    one = Endpoint("127.0.0.1", 0, lambda: "leakcheck_watch_up 1\n")
    yield one
    one.close()


def answer(served: Endpoint, sent: bytes) -> bytes:
    with socket.create_connection(served.address, timeout=30) as client:
        client.sendall(sent)
        received = b""
        try:
            while chunk := client.recv(65_536):
                received += chunk
        except ConnectionResetError:
            pass
    return received


def test_metrics_are_served_at_one_path(served: Endpoint) -> None:
    host, port = served.address
    with urllib.request.urlopen(f"http://{host}:{port}/metrics", timeout=30) as response:
        assert response.read() == b"leakcheck_watch_up 1\n"
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://{host}:{port}/", timeout=30)
    assert refused.value.code == 404
    refused.value.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    {
        b"GET /metrics?x=1 HTTP/1.1\r\n\r\n": b"200 OK",
        b"POST /metrics HTTP/1.1\r\nContent-Length: 9\r\n\r\n": b"405 Method Not Allowed",
        b"GET /../etc/passwd HTTP/1.1\r\n\r\n": b"404 Not Found",
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n": b"400 Bad Request",
        b"GET /metrics\r\n\r\n": b"400 Bad Request",
    }.items(),
)
def test_anything_else_is_refused(served: Endpoint, sent: bytes, status: bytes) -> None:
    assert answer(served, sent).startswith(b"HTTP/1.1 " + status)


def test_a_head_without_end_is_refused_and_not_kept(served: Endpoint) -> None:
    received = answer(served, b"GET /metrics HTTP/1.1\r\n" + b"X-Y: z\r\n" * 50_000)

    assert received[:12] in (b"", b"HTTP/1.1 400")  # or reset, as more was on its way
    assert answer(served, b"GET /metrics HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_slow_clients_are_left_and_others_are_served_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(endpoint, "_CLIENT_S", 0.3)
    served = Endpoint("127.0.0.1", 0, lambda: "ok\n")
    slow = [socket.create_connection(served.address, timeout=30) for _ in range(40)]
    for client in slow:
        client.sendall(b"GET /met")
    ends = time.monotonic() + 60
    received = b""
    while not received and time.monotonic() < ends:
        received = answer(served, b"GET /metrics HTTP/1.1\r\n\r\n")
    for client in slow:
        client.close()
    served.close()

    assert received.endswith(b"ok\n")


def test_closing_leaves_clients_that_wait_and_the_address_is_free_again(served: Endpoint) -> None:
    with socket.create_connection(served.address, timeout=30) as waiting:
        waiting.sendall(b"GET")
        address = served.address
        other = Endpoint("127.0.0.1", 0, lambda: "")
        other.close()
        with pytest.raises(UsageError, match=r"cannot be listened at \(Address already in use\)"):
            Endpoint(*address, lambda: "")


@pytest.mark.parametrize(
    "text",
    ["", "9188", "127.0.0.1", "127.0.0.1:", "example.org:9188", "127.0.0.1:70000", ":1", "1.1:x"],
)
def test_an_address_has_to_be_one(text: str) -> None:
    with pytest.raises(UsageError, match=r"--listen: found .* wanted ADDRESS:PORT"):
        address_of(text)


def test_localhost_is_loopback_and_nothing_else_has_a_name() -> None:
    assert address_of("localhost:0") == ("127.0.0.1", 0)
    assert address_of("0.0.0.0:1") == ("0.0.0.0", 1)  # noqa: S104 -- said in so many words
