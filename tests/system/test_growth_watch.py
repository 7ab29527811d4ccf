"""The service watches its own growth where it is told to, and does without where it cannot."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from system.adapters.growth_watch import growth_watch
from system.api.app import create_app
from system.service import running_service
from system.settings import Settings
from system.simulation import TimeDriver, simulated_time
from system.sizes import TINY

_WATCHING = replace(
    Settings.from_env({"WATCH_GROWTH": "1"}), sizes=TINY, memory_limit_bytes=1 << 30
)


def _told(settings: Settings, hours: int) -> tuple[dict[str, str], dict[str, float]]:
    """Return what /health says after some hours, and every metric that leakcheck adds."""

    async def scenario() -> tuple[dict[str, str], str]:
        with simulated_time() as clock:
            async with running_service(settings, clock=clock) as service:
                await TimeDriver(clock, service.timetable).advance(hours * 3600)
                transport = httpx.ASGITransport(create_app(service=service))
                async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                    health = (await client.get("/health")).json()
                    return health, (await client.get("/metrics")).text

    health, text = asyncio.run(scenario())
    families = text_string_to_metric_families(text)
    samples = (sample for family in families for sample in family.samples)
    return health, {
        "".join([one.name, *one.labels.values()]): one.value
        for one in samples
        if one.name.startswith("leakcheck_watch_")
    }


def test_a_service_that_watches_itself_tells_health_and_metrics() -> None:
    health, found = _told(_WATCHING, hours=5)

    assert health == {"status": "ok", "release": "current", "growth": "INCONCLUSIVE"}
    assert found["leakcheck_watch_limit_bytes"] == 1 << 30
    assert found["leakcheck_watch_readings_total"] >= 99
    assert found["leakcheck_watch_watched_seconds"] >= 4.5 * 3600
    assert found["leakcheck_watch_verdictINCONCLUSIVE"] == 1


def test_a_service_that_is_not_told_to_watches_nothing() -> None:
    health, found = _told(replace(_WATCHING, watches_growth=False), hours=1)

    assert health == {"status": "ok", "release": "current"}
    assert found == {}


def test_the_service_works_without_leakcheck(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "leakcheck.watch", None)

    assert growth_watch(limit_bytes=1) is None
    health, found = _told(_WATCHING, hours=1)
    assert "growth is not watched: leakcheck is not installed" in caplog.text
    assert health == {"status": "ok", "release": "current"}
    assert found == {}


@pytest.mark.parametrize(
    ("value", "watches"), [("1", True), ("yes", True), ("0", False), ("", False)]
)
def test_watching_is_a_setting_of_the_environment(value: str, *, watches: bool) -> None:
    assert Settings.from_env({"WATCH_GROWTH": value}).watches_growth is watches


def test_importing_the_service_imports_nothing_of_leakcheck() -> None:
    script = "import sys, system.service; print([n for n in sys.modules if 'leakcheck' in n])"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )

    assert done.stdout.strip() == "[]"
