"""What driving costs: a request to an application that does next to nothing, each way in turn.

`in process` calls the application as a server would, as a workload of one's own does. The others
are whole requests: the byte to the driver, the client in the parent, the server, and the byte back.
`us_per_request` in `extra_info` is of the iterations of a run, its samples among them.
"""

import os
import sys
import threading
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from leakcheck.driving.drive import Application, drives_of
from leakcheck.driving.request import parse_request
from leakcheck.model.plan import Plan, Profiler
from leakcheck.model.route import Protocol
from leakcheck.run.launch import Launch

_ITERATIONS: Final = 2_000
_ROUGH_ITERATIONS: Final = 200
_ROUNDS: Final = 3
_TIME_LIMIT_S: Final = 1_800
_SHOP: Final = """
import asyncio

RESPONSES = [
    {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]},
    {"type": "http.response.body", "body": b"ok"},
]


async def app(scope, receive, send):
    if scope["type"] == "http":
        for one in RESPONSES:
            await send(one)


def old(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


async def called():
    sent = []

    async def send(message):
        sent.append(message)

    await app({"type": "http", "method": "GET", "path": "/"}, None, send)
"""
_WAYS: Final = {
    "in process": None,
    "uvicorn": Application(protocol=Protocol.ASGI, name="shop.py:app", server="uvicorn"),
    "waitress": Application(protocol=Protocol.WSGI, name="shop.py:old", server="waitress"),
    "wsgiref": Application(protocol=Protocol.WSGI, name="shop.py:old", server="wsgiref"),
}


@pytest.mark.elsewhere
@pytest.mark.parametrize("profiler", Profiler)
@pytest.mark.parametrize("way", _WAYS)
def bench_request(
    benchmark: BenchmarkFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    profiler: Profiler,
    *,
    is_rough: bool,
) -> None:
    """Time a whole run; `us_per_request` in extra_info is that of its iterations alone."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.py").write_text(_SHOP, encoding="utf-8")
    application = _WAYS[way]
    drives = drives_of(application, [parse_request("GET /")]) if application else {}
    plan = Plan(
        target=next(iter(drives), "shop.py:called"),
        python=Path(sys.executable),
        iterations=_ROUGH_ITERATIONS if is_rough else _ITERATIONS,
        exact=True,
        time_limit_s=_TIME_LIMIT_S,
        profiler=profiler,
    )
    launch = Launch(
        variables=os.environ,
        observe=lambda _: None,
        interrupted=threading.Event(),
        drives=drives,
    )
    took_s: list[float] = []

    def run() -> None:
        measurement = launch.run(plan, lambda _: plan, tmp_path).measurement
        assert measurement.iterations == plan.iterations, measurement.failure
        took_s.append(measurement.elapsed_s)

    benchmark.pedantic(run, rounds=1 if is_rough else _ROUNDS)  # type: ignore[no-untyped-call]
    benchmark.extra_info["us_per_request"] = round(1e6 * min(took_s) / plan.iterations, 1)
