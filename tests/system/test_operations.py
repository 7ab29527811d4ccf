"""What operators are given fits the service: names, rules, dashboard."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from system.api.app import create_app
from system.api.metrics import metrics_text
from system.service import Service, running_service
from system.settings import Settings
from system.simulation import TimeDriver, simulated_time
from system.sizes import TINY
from tests.system.servers import binary

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "docs" / "operations" / "alerts.yml"
DASHBOARD = ROOT / "docs" / "operations" / "dashboard.json"
_NAME = re.compile(r"\bsystem_[a-z0-9_]+")
_TICKS_A_DAY = 480
_LEAKING = ["MemoryGrows", "MemoryLastsLessThanTwoDays", "MemoryNearItsLimit"]


@pytest.fixture(scope="module")
def exposed() -> set[str]:
    """The names of every sample the service has after two hours."""

    async def scenario() -> str:
        with simulated_time() as clock:
            async with running_service(Settings(sizes=TINY), clock=clock) as service:
                await TimeDriver(clock, service.timetable).advance(3 * 3600)
                return await _scraped(service)

    families = text_string_to_metric_families(asyncio.run(scenario()))
    return {sample.name for family in families for sample in family.samples}


async def _scraped(service: Service) -> str:
    transport = httpx.ASGITransport(create_app(service=service))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


def _rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text())["groups"]
    return list(group["rules"])


def _dashboard_expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def test_the_service_has_every_metric_that_is_asked_of_it(exposed: set[str]) -> None:
    assert exposed >= {
        "system_resident_memory_bytes",
        "system_memory_limit_bytes",
        "system_memory_alert",
        "system_heap_in_use_bytes",
        "system_gc_objects",
        "system_gc_pause_seconds_bucket",
        "system_redis_connections",
        "system_database_checked_out",
        "system_database_check_outs_total",
        "system_kept_runs",
        "system_memory_growth_bytes_per_hour",
        "system_job_turns_total",
        "system_reports_total",
    }


def test_every_metric_in_a_rule_is_one_that_the_service_has(exposed: set[str]) -> None:
    for rule in _rules():
        names = set(_NAME.findall(rule["expr"]))
        assert names, rule["alert"]
        assert names <= exposed, rule["alert"]


def test_every_metric_on_the_dashboard_is_one_that_the_service_has(exposed: set[str]) -> None:
    for expression in _dashboard_expressions():
        names = set(_NAME.findall(expression))
        assert names, expression
        assert names <= exposed, expression


def test_every_metric_of_the_service_is_on_the_dashboard_or_in_a_rule(exposed: set[str]) -> None:
    shown = "\n".join([*_dashboard_expressions(), *(rule["expr"] for rule in _rules())])
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in exposed}
    assert {name for name in families if name not in shown} == {"system_memory_alert"}


def test_the_dashboard_can_be_imported() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    assert {"title", "uid", "schemaVersion", "panels", "templating"} <= set(dashboard)
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]+)\}?", json.dumps(dashboard["panels"])))
    assert used <= variables


def test_every_rule_says_how_bad_it_is_and_what_has_happened() -> None:
    guide = (ROOT / "docs" / "operations" / "README.md").read_text()
    for rule in _rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"]
        assert f"`{rule['alert']}`" in guide, "an operator has to find what to do"


@pytest.mark.servers
def test_the_rules_are_valid() -> None:
    checked = subprocess.run(
        [binary("promtool"), "check", "rules", str(ALERTS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _fires(folder: Path, series: dict[str, list[float | None]], expected: list[str]) -> None:
    """Have promtool say that these alerts fire on these series, at some time, and no others."""
    steps = max(map(len, series.values()))
    case = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "3m",
        "tests": [
            {
                "interval": "3m",
                "input_series": [
                    {"series": name, "values": " ".join(map(_value, values))}
                    for name, values in series.items()
                ],
                "promql_expr_test": [
                    {
                        "expr": "count by (alertname)"
                        ' (max_over_time(ALERTS{alertstate="firing"}[7d]))',
                        "eval_time": f"{3 * (steps - 1)}m",
                        "exp_samples": [
                            {"labels": f'{{alertname="{name}"}}', "value": 1} for name in expected
                        ],
                    }
                ],
            }
        ],
    }
    file = folder / "case.json"  # JSON is YAML
    file.write_text(json.dumps(case))
    tested = subprocess.run(
        [binary("promtool"), "test", "rules", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr


def _value(value: float | None) -> str:
    return "_" if value is None else repr(float(value))


_HOURS = 20
"""Readings in an hour."""
_JOB = 'system_job_turns_total{job="market-tick",outcome="failed"}'
_REPORT = 'system_reports_total{kind="auto",outcome="failed"}'


@pytest.mark.servers
@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("system_redis_connections", [2, 11], ["RedisConnectionsPileUp"]),
        ("system_redis_connections", [2, 10], []),
        ("system_database_checked_out", [0, 1], ["DatabaseConnectionsStayOut"]),
        ("system_database_checked_out", [0, 1, 0] * 3, []),
    ],
)
def test_a_rule_on_connections_fires_on_what_lasts(
    name: str, values: list[float], expected: list[str], tmp_path: Path
) -> None:
    series = [*values[:-1], *values[-1:] * 2 * _HOURS]
    _fires(tmp_path, {name: list(series)}, expected)


@pytest.mark.servers
@pytest.mark.parametrize(
    ("name", "per_reading", "expected"),
    [
        ('system_gc_pause_seconds_sum{generation="2"}', 3.0, ["CollectorPausesAreLong"]),
        ('system_gc_pause_seconds_sum{generation="2"}', 0.3, []),
        (_JOB, 1.0, ["MarketTicksFail"]),
        (_JOB, 0.1, []),
        (_REPORT, 0.05, ["ReportsFail"]),
        (_REPORT, 0.0, []),
    ],
)
def test_a_rule_on_what_happens_fires_on_what_goes_on(
    name: str, per_reading: float, expected: list[str], tmp_path: Path
) -> None:
    _fires(tmp_path, {name: [per_reading * tick for tick in range(8 * _HOURS)]}, expected)


def _recorded(release: str) -> dict[str, list[float | None]]:
    """What Prometheus would have of a day of that release."""
    recorder = Path(__file__).with_name("record_metrics.py")
    done = subprocess.run(
        [sys.executable, str(recorder), release, str(_TICKS_A_DAY)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    ticks = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: [tick.get(name) for tick in ticks] for name in ticks[-1]}


@pytest.mark.servers
@pytest.mark.slow
def test_the_rules_fire_in_a_day_of_the_first_release_and_not_of_the_current_one(
    tmp_path: Path,
) -> None:
    with ThreadPoolExecutor() as pool:
        first, current = pool.map(_recorded, ["1.0.0", "current"])
    _fires(tmp_path, first, _LEAKING)
    _fires(tmp_path, current, [])


def test_a_scrape_keeps_nothing_of_the_service() -> None:
    async def scraped() -> weakref.ref[Service]:
        async with running_service(Settings(sizes=TINY)) as service:
            for _ in range(3):
                metrics_text(service)
            return weakref.ref(service)

    left = asyncio.run(scraped())
    gc.collect()
    assert left() is None
