"""What the API takes, and what it lets out."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable

import httpx
import pytest

from system.api.app import create_app
from system.api.guard import MOST_BODY_BYTES, MOST_TARGET_CHARACTERS, Guard
from system.api.page import Language, page_of
from system.errors import CacheUnavailableError, StoreUnavailableError
from system.model import Report, ReportKind
from system.service import Service
from tests.system.doubles import FrozenClock, MemoryCache, MemoryStore, service_with

Asking = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


def _asked(asking: Asking, service: Service | None = None) -> httpx.Response:
    async def scenario() -> httpx.Response:
        app = create_app(service=service or service_with())
        # What reaches the client is looked at, not what the server has raised for its own log.
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await asking(client)

    return asyncio.run(scenario())


class _BrokenStore(MemoryStore):
    """A store that cannot be read."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    async def get(self, report_id: str) -> Report | None:  # noqa: ARG002
        raise self.error


@pytest.mark.parametrize("route", ["/api/reports", "/api/runs", "/reports"])
@pytest.mark.parametrize("name", ["a" * 33, "a.b", "a%20b", "%3Cscript%3E", "%00"])
def test_what_cannot_be_an_id_is_refused_and_not_repeated(route: str, name: str) -> None:
    answer = _asked(lambda client: client.get(f"{route}/{name}"))
    assert answer.status_code == 422
    assert answer.json() == {"detail": "the request is not valid"}


def test_a_language_that_no_report_is_in_is_refused() -> None:
    assert _asked(lambda client: client.get("/reports/abc?lang=fr")).status_code == 422


def test_an_address_that_is_too_long_is_refused() -> None:
    query = "x" * MOST_TARGET_CHARACTERS
    assert _asked(lambda client: client.get(f"/health?{query}")).status_code == 414


def test_a_body_that_says_it_is_too_long_is_refused() -> None:
    body = b"x" * (MOST_BODY_BYTES + 1)
    assert _asked(lambda client: client.post("/api/reports", content=body)).status_code == 413


def test_a_body_that_does_not_say_its_length_is_read_to_the_limit_and_no_further() -> None:
    sent = 0

    async def receive() -> dict[str, object]:
        nonlocal sent
        sent += 1
        return {"type": "http.request", "body": b"x" * 1024, "more_body": True}

    async def reading(
        _scope: object, receive: Callable[[], Awaitable[dict[str, object]]], _: object
    ) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def send(_message: object) -> None:
        """Send nothing."""

    scope = {"type": "http", "raw_path": b"/", "query_string": b"", "headers": []}
    asyncio.run(Guard(reading)(scope, receive, send))  # type: ignore[arg-type]
    assert sent == MOST_BODY_BYTES // 1024 + 1


def test_as_many_reports_as_may_be_are_made_at_a_time_and_one_more_is_refused() -> None:
    class Waiting(MemoryStore):
        async def save(self, report: Report) -> None:  # noqa: ARG002
            await asyncio.Event().wait()

    service = service_with(store=Waiting())

    async def asking(client: httpx.AsyncClient) -> httpx.Response:
        answers = [await client.post("/api/reports") for _ in range(5)]
        await service.reports.aclose(grace_seconds=0)
        assert [answer.status_code for answer in answers] == [202, 202, 202, 202, 429]
        return answers[-1]

    answer = _asked(asking, service)
    assert answer.headers["retry-after"] == "5"
    assert len(service.registry) == 4


def test_a_service_that_is_stopping_takes_no_more_reports() -> None:
    service = service_with()

    async def asking(client: httpx.AsyncClient) -> httpx.Response:
        await service.reports.aclose(grace_seconds=0)
        return await client.post("/api/reports")

    assert _asked(asking, service).status_code == 429


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (StoreUnavailableError("host 10.0.0.1: SELECT secret"), 503, "StoreUnavailableError"),
        (ValueError("secret"), 500, "Internal Server Error"),
    ],
)
def test_a_failure_is_told_without_its_text_or_trace(
    error: Exception, status: int, text: str
) -> None:
    service = service_with(store=_BrokenStore(error))
    answer = _asked(lambda client: client.get("/api/reports/abc"), service)
    assert answer.status_code == status
    assert text in answer.text
    for word in ("secret", "10.0.0.1", "Traceback", ".py"):
        assert word not in answer.text


def test_a_run_tells_an_unexpected_error_by_its_name_only() -> None:
    service = service_with(store=MemoryStore([KeyError("secret of the service")]))

    async def asking(client: httpx.AsyncClient) -> httpx.Response:
        run_id = (await client.post("/api/reports")).json()["run_id"]
        await service.reports.aclose(grace_seconds=60)
        return await client.get(f"/api/runs/{run_id}")

    assert _asked(asking, service).json()["error"] == "KeyError"


def test_an_error_that_quotes_megabytes_is_kept_short() -> None:
    service = service_with(store=MemoryStore([StoreUnavailableError("x" * 10**6)] * 3))
    facts = asyncio.run(service.reports.create_manual_report())
    assert facts.error is not None
    assert len(facts.error) == 200


def test_a_cache_that_is_away_is_said_to_be() -> None:
    class Away(MemoryCache):
        async def get(self) -> str | None:
            msg = "redis at 10.0.0.1"
            raise CacheUnavailableError(msg)

    service = service_with(cache=Away())
    answer = _asked(lambda client: client.get("/api/market-indices"), service)
    assert (answer.status_code, answer.json()) == (503, {"detail": "CacheUnavailableError"})


@pytest.mark.parametrize(
    "path", ["/health", "/metrics", "/dashboard", "/api/reports/abc", "/reports/a.b", "/nowhere"]
)
def test_every_answer_is_neither_sniffed_nor_kept_nor_a_page_with_scripts(path: str) -> None:
    headers = _asked(lambda client: client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'")


_HOSTILE = Report(
    report_id="abc",
    kind=ReportKind.MANUAL,
    created_at=FrozenClock().now(),
    title="t",
    html_content="<html><head></head><body><p onclick='x()'>de</p></body></html>",
    css_content="p{}</style><script>bad()</script>",
    js_content="own();</script><script>bad()",
    html_content_en="<html><head></head><body>en</body></html>",
    js_content_en="own();",
)


def test_a_report_is_shown_in_an_origin_of_its_own_with_its_own_script_alone() -> None:
    store = MemoryStore()
    store.reports["abc"] = _HOSTILE
    answer = _asked(lambda client: client.get("/reports/abc"), service_with(store=store))
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in answer.headers["content-security-policy"].split(";")
    )
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert policy["sandbox"] == "allow-scripts"
    assert policy["default-src"] == "'none'"
    style, _, rest = answer.text.partition("<style>")[2].partition("</style>")
    script = rest.partition("<script>")[2].partition("</script>")[0]
    assert policy["script-src"] == f"'sha256-{_sha256(script)}'"
    assert policy["style-src"] == f"'sha256-{_sha256(style)}'"
    assert script.startswith("own();")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.mark.parametrize("end", ["</script>", "</SCRIPT >", "</style>", "</Style\t>"])
def test_nothing_in_a_script_or_stylesheet_ends_its_element(end: str) -> None:
    html = "<html><head></head><body></body></html>"
    page = page_of(_with(html, css=f"a{end}<b>", js=f"c{end}<d>"), Language.GERMAN).html
    assert page.lower().count("</script") == 1
    assert page.lower().count("</style") == 1


def _with(html: str, *, css: str, js: str) -> Report:
    return Report(
        report_id="abc",
        kind=ReportKind.MANUAL,
        created_at=FrozenClock().now(),
        title="t",
        html_content=html,
        css_content=css,
        js_content=js,
        html_content_en=html,
        js_content_en=js,
    )


def test_a_report_is_shown_in_the_language_that_is_asked_for() -> None:
    assert "de</p>" in page_of(_HOSTILE, Language.GERMAN).html
    assert "en</body>" not in page_of(_HOSTILE, Language.GERMAN).html
    assert "<body>en" in page_of(_HOSTILE, Language.ENGLISH).html
