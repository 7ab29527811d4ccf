"""A request is read from a line or a file, checked once, and shown without its secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.driving.request import (
    NUMBER,
    Request,
    labels,
    parse_header,
    parse_request,
    parse_requests,
    unique_requests,
)
from leakcheck.model.errors import UsageError

ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=200)


def no_file(name: str) -> bytes:
    raise AssertionError(name)


def test_a_line_is_a_method_a_path_and_perhaps_a_body() -> None:
    assert parse_request("GET /health") == Request(method="GET", path="/health")
    assert parse_request("/health") == Request(method="GET", path="/health")
    assert parse_request("PUT /a?b=c  text of it").body == b"text of it"
    assert parse_request('POST /a {"n": 1}') == Request(
        method="POST",
        path="/a",
        headers=(("Content-Type", "application/json"),),
        body=b'{"n": 1}',
    )


@given(path=ANY_TEXT)
def test_whatever_a_path_holds_is_sent_as_printable_ascii_or_refused(path: str) -> None:
    try:
        request = parse_request(f"GET /{path}")
    except UsageError:
        return
    sent = request.numbered(1).path
    assert sent.isascii()
    assert sent.isprintable()
    assert " " not in sent


@pytest.mark.parametrize(
    ("line", "wanted"),
    {
        "": "a request: found '', wanted a method and a path",
        "GET": "found 'GET', wanted a method and a path",
        "get /": "found the method 'get', wanted a method",
        "CONNECT /": "found the method 'CONNECT'",
        "GET http://elsewhere.test/": "found the path 'http://elsewhere.test/', wanted one of this",
        "GET //elsewhere.test/?a=s3cret": "found the path '//elsewhere.test/', wanted one of this",
        "GET /a#b": "found the path '/a#b'",
        f"GET /{'a' * 9000}": "found a path of 9,001 characters, wanted 8,000",
        f"POST /a {'b' * (1 << 20)}b": "POST /a ***: found a body of 1,048,577 B, wanted 1 MiB",
    }.items(),
    ids=range(9),
)
def test_a_line_that_is_no_request_says_what_was_found_and_wanted(line: str, wanted: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_request(line)
    assert wanted in str(raised.value)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("header", "wanted"),
    {
        "Cookie s3cret": "a header: found no colon in it, wanted 'Name: value'",
        "Ses sion: s3cret": "a header: found the name 'Ses sion', wanted letters",
        "Key: s3cret\x00": "the header Key: found a value that cannot be sent",
        "Key: s3cret\r\nOther: 1": "the header Key: found a value that cannot be sent",
        "Key: s3crét": "the header Key: found a value that cannot be sent",
        f"Key: s3cret{'a' * 8000}": "the header Key: found a value that cannot be sent",
        "Content-Length: 3": "the header Content-Length: found it given, wanted it left to",
    }.items(),
    ids=range(7),
)
def test_a_header_that_is_none_is_refused_without_its_value(header: str, wanted: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_header(header)
    assert wanted in str(raised.value)
    assert "s3cr" not in str(raised.value)


def test_a_header_is_a_name_and_a_value() -> None:
    assert parse_header("Authorization: Bearer a:b") == ("Authorization", "Bearer a:b")


def test_a_request_has_no_more_than_fifty_headers() -> None:
    with pytest.raises(UsageError, match="found 51 headers, wanted 50"):
        Request(method="GET", path="/", headers=(("A", "1"),) * 51)


@given(secret=st.text("abcdefghij0123456789", min_size=8))
def test_no_secret_is_in_the_masked_text(secret: str) -> None:
    request = parse_request(f"POST /a;jsession={secret}/b?token={secret}&{secret}&x={{n}} {secret}")
    request = request.with_headers([("Authorization", secret)])

    assert request.masked == "POST /a;jsession=***/b?token=***&***&x={n} ***"
    assert request.hides


def test_what_is_masked_or_said_in_headers_cannot_be_sent_again_from_its_text() -> None:
    assert not parse_request("GET /a/b?page={n}").hides
    assert parse_request("GET /a?b=c").hides
    assert parse_request("GET /a").with_headers([("Key", "1")]).hides


@given(number=st.integers(0, 10**9))
def test_its_number_goes_wherever_it_is_asked_for(number: int) -> None:
    request = parse_request('POST /a/{n}?b={n} {"c": {n}}').with_headers([("Key", "k{n}")])
    sent = request.numbered(number)

    assert sent.path == f"/a/{number}?b={number}"
    assert sent.body == b'{"c": %d}' % number
    assert sent.headers == (("Key", f"k{number}"), ("Content-Type", "application/json"))
    assert NUMBER not in repr(sent)


def test_headers_for_all_give_way_to_those_of_a_request() -> None:
    own = Request(method="GET", path="/", headers=(("accept", "text/html"),))

    assert own.with_headers([("Accept", "*/*"), ("Key", "1")]).headers == (
        ("Key", "1"),
        ("accept", "text/html"),
    )


def test_a_file_has_a_request_a_line_and_what_belongs_to_it_below() -> None:
    text = "# the shop\n\nGET /health\nPOST /items\n  X-Key: 1\n\n  # its body\n\t@item.json\n/b\n"
    found = parse_requests(text, "shop.txt", {"item.json": b"[1]"}.__getitem__)

    assert [request.masked for request in found] == ["GET /health", "POST /items ***", "GET /b"]
    assert found[1].body == b"[1]"
    assert found[1].headers == (("X-Key", "1"), ("Content-Type", "application/json"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("  X-Key: 1\n", "r.txt:1: found an indented line before the first request"),
        ("GET /\nget /\n", "r.txt:2: a request: found the method 'get'"),
        ("GET /\n  Key\n", "r.txt:2: a header: found no colon"),
        ("GET /\n" * 1001, "r.txt:1001: found more than 1,000 requests"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_line(text: str, wanted: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_requests(text, "r.txt", no_file)
    assert str(raised.value).startswith(wanted)


@given(text=ANY_TEXT)
def test_a_file_of_anything_is_requests_or_a_usage_error(text: str) -> None:
    try:
        found = parse_requests(text, "r.txt", lambda _: b"")
    except UsageError:
        return
    assert all(request.masked.isprintable() for request in found)


def test_equal_requests_are_sent_once_and_equal_texts_are_numbered() -> None:
    found = unique_requests([parse_request(f"/?a={value}") for value in (1, 2, 1)])

    assert list(labels(found)) == ["GET /?a=***", "GET /?a=*** (2)"]
