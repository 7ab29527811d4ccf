from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from system.adapters.embedded.process import QUOTES_SERVER, REDIS_SERVER, EmbeddedServer
from system.api.app import create_app
from system.api.server import serving
from system.memory.policy import policy_for
from system.memory.watch import MemoryReading, MemoryWatch
from system.model import ReportKind, RunStatus, Turn
from system.service import Service, running_service
from system.settings import Settings, async_url
from system.simulation import SIMULATION_START, TimeDriver, simulated_time
from system.sizes import TINY
from tests.system.doubles import service_with

_SMALL = Settings(sizes=TINY)


async def _day(settings: Settings) -> tuple[int, int]:
    """How many ticks and reports a simulated day had."""
    with simulated_time() as clock:
        async with running_service(settings, clock=clock) as service:
            seen = _count_ticks(service)
            await TimeDriver(clock, service.timetable).advance(24 * 3600)
            assert (clock.now() - SIMULATION_START).total_seconds() == 24 * 3600
            return len(seen), await service.adapters.store.count()


def _count_ticks(service: Service) -> list[str]:
    seen: list[str] = []
    put = service.adapters.cache.put

    async def counted(payload: str, turn: Turn | None = None) -> None:
        seen.append(payload)
        await put(payload, turn)

    service.adapters.cache.put = counted  # type: ignore[method-assign]
    return seen


def test_a_simulated_day_is_480_ticks_and_24_reports() -> None:
    assert asyncio.run(_day(_SMALL)) == (480, 24)


def test_nothing_falls_due_before_its_time() -> None:
    async def scenario() -> list[int]:
        with simulated_time() as clock:
            async with running_service(_SMALL, clock=clock) as service:
                seen, driver, counts = (
                    _count_ticks(service),
                    TimeDriver(clock, service.timetable),
                    [],
                )
                for seconds in (179, 1, 180, 90):
                    await driver.advance(seconds)
                    counts.append(len(seen))
                return counts

    assert asyncio.run(scenario()) == [0, 1, 2, 2]


@pytest.mark.servers
@pytest.mark.slow
def test_the_same_service_runs_on_real_servers(redis_server: str, postgres_server: str) -> None:
    async def scenario() -> None:
        database = async_url(postgres_server)
        settings = replace(_SMALL, redis_url=redis_server, database_url=database)
        async with running_service(settings) as service:
            await service.indices.tick()
            assert await service.indices.get_market_indices() is not None
            first = await service.reports.create_manual_report()
            assert first.status is RunStatus.SAVED
            assert await service.adapters.store.get(first.run_id) is not None
            reports = [await service.reports.create_manual_report() for _ in range(50)]
            assert await service.adapters.store.count() == 50
            assert await service.adapters.store.get(first.run_id) is None
            stored = await service.adapters.store.get(reports[-1].run_id)
            assert stored is not None
            assert stored.kind is ReportKind.MANUAL

    asyncio.run(scenario())


def test_sqlite_keeps_the_newest_fifty_reports_in_a_file_that_stops_growing(tmp_path: Path) -> None:
    async def scenario() -> tuple[int, int]:
        settings = replace(_SMALL, data_dir=tmp_path)
        async with running_service(settings) as service:
            sizes = []
            for _ in range(3):
                for _ in range(50):
                    await service.reports.create_manual_report()
                sizes.append((tmp_path / "reports.sqlite").stat().st_size)
            assert await service.adapters.store.count() == 50
            return sizes[1], sizes[2]

    after_100, after_150 = asyncio.run(scenario())
    assert after_150 <= 1.1 * after_100


def test_the_api_serves_indices_and_reports_over_http() -> None:
    async def scenario() -> None:
        async with (
            running_service(_SMALL) as service,
            serving(create_app(service=service)) as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        ):
            assert (await client.get("/health")).json() == {"status": "ok", "release": "current"}
            assert len((await client.get("/api/market-indices")).json()["quotes"]) == 10
            started = (await client.post("/api/reports")).json()
            assert started["status"] == "running"
            run_id = started["run_id"]
            # A client over HTTP can only poll.
            while (facts := (await client.get(f"/api/runs/{run_id}")).json())["progress"] < 1:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert facts["status"] == "saved"
            report = (await client.get(f"/api/reports/{run_id}")).json()
            assert report["title"].startswith("Marktbericht 1: 10 Werte")
            assert (await client.get("/api/runs/unknown")).status_code == 404
            assert (await client.get("/api/reports/unknown")).status_code == 404
            assert "system_redis_connections 1" in (await client.get("/metrics")).text
            assert "Redis connections" in (await client.get("/dashboard")).text

    asyncio.run(scenario())


def test_the_api_has_no_indices_before_the_first_tick() -> None:
    async def scenario() -> int:
        transport = httpx.ASGITransport(create_app(service=service_with()))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return (await client.get("/api/market-indices")).status_code

    assert asyncio.run(scenario()) == 404


@pytest.mark.parametrize("program", [REDIS_SERVER, QUOTES_SERVER], ids=["redis", "quotes"])
def test_an_embedded_server_dies_with_its_parent(program: Path) -> None:
    parent = (
        "import os, sys, pathlib\n"
        "from system.adapters.embedded.process import EmbeddedServer\n"
        "server = EmbeddedServer(pathlib.Path(sys.argv[1]))\n"
        "print(server.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    command = [sys.executable, "-c", parent, str(program)]
    killed = subprocess.run(command, capture_output=True, check=False, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert _gone_within(int(killed.stdout), seconds=120)


def test_an_embedded_server_is_a_process_of_its_own_and_gone_when_stopped() -> None:
    async def scenario() -> int:
        server = EmbeddedServer(QUOTES_SERVER)
        try:
            assert server.pid != os.getpid()
            assert await server.port() > 0
            return server.pid
        finally:
            server.stop()

    assert not Path(f"/proc/{asyncio.run(scenario())}").exists()


def _gone_within(pid: int, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _alive(pid: int) -> bool:
    """A zombie nobody has waited for yet is no longer running."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_the_alert_rings_once_each_time_memory_passes_its_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    readings = iter([10, 85, 90, 78, 85, 70, 81])
    watch = MemoryWatch(
        lambda: MemoryReading(
            resident_bytes=next(readings), limit_bytes=100, redis_connections=1, kept_runs=0
        )
    )
    alerted = []
    for _ in range(7):
        watch.take()
        alerted.append(watch.alerted)
    assert alerted == [False, True, True, True, True, False, True]
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 3


def test_redis_clients_per_tick_pile_up_only_where_nothing_closes_them() -> None:
    async def connections(release: str) -> int:
        settings = replace(_SMALL, release=release, policy=policy_for(release))
        async with running_service(settings) as service:
            gc.collect()  # what other tests have dropped is closed now, and not meanwhile
            before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
            for _ in range(5):
                await service.indices.tick()
            return len(os.listdir("/proc/self/fd")) - before  # noqa: PTH208

    assert asyncio.run(connections("1.1.0")) == 0
    assert asyncio.run(connections("current")) == 0
