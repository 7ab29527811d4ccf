"""The client sends over loopback only, and reads no more and no longer than it may."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from leakcheck.driving.client import Answer, Client, NoAnswerError
from leakcheck.driving.request import Request, parse_request
from leakcheck.model.errors import UsageError

GET = parse_request("GET /a?b=c")
Serve = Callable[[socket.socket], object]


@contextmanager
def listening(*serve: Serve) -> Iterator[int]:
    """Yield the port of a server that does one of `serve` for each connection it accepts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            for one in serve:
                with suppress(OSError):
                    connection, _ = listener.accept()
                    with connection:
                        one(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def answers(*texts: bytes) -> Serve:
    def serve(connection: socket.socket) -> None:
        for text in texts:
            if not connection.recv(1 << 16):
                return
            connection.sendall(text)

    return serve


def empty(status: bytes) -> bytes:
    return b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n"


def refusal(port: int, request: Request = GET, **limits: float) -> str:
    client = Client(port, timeout_s=limits.get("timeout_s", 5), most_bytes=1 << 20)
    with pytest.raises(NoAnswerError) as raised:
        client.send(request)
    client.close()
    return str(raised.value)


def test_a_request_is_sent_as_it_is_and_its_answer_read_to_the_end() -> None:
    got: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        text = b""
        while not text.endswith(b"}"):
            text += connection.recv(1 << 16)
        got.append(text)
        connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhel")
        connection.sendall(b"lo")

    with listening(serve) as port:
        client = Client(port, timeout_s=5)
        request = parse_request('POST /a?b=c {"n": 1}').with_headers([("X-Key", "1")] * 2)
        assert client.send(request) == Answer(201, 5)
        client.close()

    lines = got[0].split(b"\r\n")
    assert lines[0] == b"POST /a?b=c HTTP/1.1"
    assert lines[-1] == b'{"n": 1}'
    assert lines.count(b"X-Key: 1") == 2
    assert b"Content-Length: 8" in lines
    assert f"Host: 127.0.0.1:{port}".encode() in lines


def test_a_host_that_was_given_is_the_only_one() -> None:
    got: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        got.append(connection.recv(1 << 16))
        connection.sendall(empty(b"200 OK"))

    with listening(serve) as port, closing(Client(port, timeout_s=5)) as client:
        client.send(GET.with_headers([("Host", "shop.test")]))

    assert got[0].lower().count(b"host:") == 1


def test_one_connection_serves_many_requests() -> None:
    with listening(answers(empty(b"200 OK"), empty(b"404 Not Found"))) as port:
        client = Client(port, timeout_s=5)
        assert [client.send(GET).status, client.send(GET).status] == [200, 404]
        client.close()


def test_a_connection_closed_between_requests_is_made_anew() -> None:
    with listening(answers(empty(b"200 OK")), answers(empty(b"204 No Content"))) as port:
        client = Client(port, timeout_s=5)
        assert [client.send(GET).status, client.send(GET).status] == [200, 204]
        client.close()


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.test/\r\nContent-Length: 0\r\n\r\n"
    with listening(answers(moved)) as port, closing(Client(port, timeout_s=5)) as client:
        assert client.send(GET).status == 302


def test_a_server_that_is_not_there_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refusal(port) == "the connection was refused"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"", "the connection was closed before a response"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            "the connection was closed within the response",
        ),
        (b"\x1b[31mhello\r\n\r\n", "what came back is no HTTP response (BadStatusLine)"),
        (
            b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
            "what came back is no HTTP response (HTTPException)",
        ),
        (
            b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * (2 << 20),
            "the response is longer than 1,048,576 B, and was given up",
        ),
    ],
)
def test_a_broken_answer_is_told_without_what_it_says(text: bytes, wanted: str) -> None:
    with listening(answers(text)) as port:
        assert refusal(port) == wanted


def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    over = threading.Event()
    with listening(lambda _: over.wait()) as port:
        assert refusal(port, timeout_s=0.1) == "no response came in time"
        over.set()


def test_an_answer_that_drips_is_not_waited_for_either() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(OSError):
            while True:
                connection.sendall(b"a" * (1 << 16))
                over.wait(0.01)

    over = threading.Event()
    with listening(drip) as port:
        client = Client(port, timeout_s=0.2, most_bytes=1 << 40)
        with pytest.raises(NoAnswerError, match=r"not complete after 0\.2 s"):
            client.send(GET)
        client.close()


def test_closing_ends_a_wait_in_another_thread() -> None:
    heard = threading.Event()
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        heard.set()
        over.wait()

    with listening(serve) as port:
        client = Client(port, timeout_s=600)

        def close() -> None:
            heard.wait()
            client.close()

        closer = threading.Thread(target=close)
        closer.start()
        with pytest.raises(NoAnswerError, match="closed before a response"):
            client.send(GET)
        over.set()
        closer.join()


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "localhost", "::", "example.test"])  # noqa: S104 -- refused
def test_only_a_loopback_address_is_sent_to(host: str) -> None:
    with pytest.raises(UsageError, match="wanted a loopback address"):
        Client(80, timeout_s=1, host=host)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_is_one(port: int) -> None:
    with pytest.raises(UsageError, match="and a port"):
        Client(port, timeout_s=1)
