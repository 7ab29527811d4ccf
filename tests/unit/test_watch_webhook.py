"""A message comes through, sooner or later, and says nothing of its URL."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.model.errors import UsageError
from leakcheck.watch.addresses import masked_url, require_url
from leakcheck.watch.webhook import Webhook

SECRET = "/services/T0/s3cret?token=s3cret"


class Server(HTTPServer):
    """Answers with each of `codes` in turn, and keeps what was posted."""

    def __init__(self, codes: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.codes, self.bodies = codes, Queue[bytes]()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Server)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        code = self.server.codes.pop(0) if self.server.codes else 200
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.server.bodies.put(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def codes() -> list[int]:
    return []


@pytest.fixture
def server(codes: list[int]) -> Iterator[Server]:
    one = Server(codes)
    thread = threading.Thread(target=one.serve_forever, args=(0.05,))
    thread.start()
    yield one
    one.shutdown()
    thread.join()
    one.server_close()


def url(server: Server) -> str:
    return f"http://me:pw@127.0.0.1:{server.server_port}{SECRET}"


def test_a_message_is_posted_as_json(server: Server) -> None:
    failed = list[str]()
    hook = Webhook(url(server), failed=failed.append)
    hook.send({"verdict": "LEAK"})

    assert json.loads(server.bodies.get(timeout=60)) == {"verdict": "LEAK"}
    hook.close(grace_s=60)
    assert failed == []


def test_what_fails_is_sent_again_and_said_once_without_the_secret(
    server: Server, codes: list[int]
) -> None:
    codes += [500, 302, 200]
    failed = list[str]()
    hook = Webhook(url(server), failed=failed.append, first_backoff_s=0.01)
    hook.send({"verdict": "LEAK"})
    for _ in range(3):
        server.bodies.get(timeout=60)
    hook.close(grace_s=60)

    assert failed == [
        f"webhook http://127.0.0.1:{server.server_port}/***: answered 500; it is tried again"
    ]


def test_nobody_there_is_given_up_after_a_while() -> None:
    failed, done = list[str](), threading.Event()

    def heard(text: str) -> None:
        failed.append(text)
        if "given up" in text:
            done.set()

    hook = Webhook("http://127.0.0.1:9/s3cret", failed=heard, first_backoff_s=0.001)
    hook.send({"verdict": "LEAK"})

    assert done.wait(60)
    hook.close(grace_s=60)
    assert len(failed) == 2
    assert "s3cret" not in "".join(failed)
    assert "failed (Connection refused); it is tried again" in failed[0]


def test_closing_does_not_wait_for_a_back_off() -> None:
    failed, said = list[str](), threading.Event()

    def heard(text: str) -> None:
        failed.append(text)
        said.set()

    hook = Webhook("http://127.0.0.1:9/", failed=heard, first_backoff_s=3_600)
    hook.send({})
    assert said.wait(60)
    hook.close(grace_s=60)

    assert failed[-1].endswith("a message could not be sent")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hooks.example.org",
        "ftp://x/s3cret",
        "file:///etc/s3cret",
        "http://",
        "http://x:99999/",
        "http://x/a b",
        "http://[s3cret",
    ],
)
def test_a_url_has_to_be_one_of_http_and_is_not_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="found no URL of http or https") as refused:
        require_url(text)
    assert "s3cret" not in str(refused.value)


@given(path=st.text("abcs3cret/?&=#", max_size=30))
def test_of_a_url_only_the_host_is_shown(path: str) -> None:
    assert masked_url(f"https://u:p@example.org/{path}") == "https://example.org/***"
