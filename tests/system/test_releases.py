"""The three releases are one API and one schema; a step is one step."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from system.api.app import create_app
from system.memory.policy import MemoryPolicy, Release, Step, policy_for
from system.memory.retention import KeptResult, retention_for
from system.model import ReportKind, RunStatus
from system.service import running_service
from system.settings import Settings
from system.sizes import TINY
from system.workflow.registry import RunRegistry, finished_runs_for
from system.workflow.state import ReportState
from tests.system.doubles import FrozenClock, service_with

_OLD = (Release.FIRST, Release.OPTIMIZED)


def _document(release: str) -> dict[str, Any]:
    return create_app(service=service_with(policy_for(release))).openapi()


def test_the_two_old_releases_have_the_same_api() -> None:
    first, second = map(_document, _OLD)
    assert first == second


def test_the_current_release_only_adds_to_the_api() -> None:
    old, current = _document("1.1.0"), _document("current")
    assert {path: current["paths"].get(path) for path in old["paths"]} == old["paths"]
    schemas = current["components"]["schemas"]
    assert {name: schemas.get(name) for name in old["components"]["schemas"]} == (
        old["components"]["schemas"]
    )


def _settings(release: str, folder: Path) -> Settings:
    # With its clients of Redis closed, for the first release leaves them to be warned about.
    policy = policy_for(release).with_(Step.REDIS_CONTEXT_MANAGER)
    return Settings(release=release, policy=policy, data_dir=folder, sizes=TINY)


async def _schema(folder: Path, release: str) -> list[str]:
    """The statements that a database of that release is made of, after a report is in it."""
    import aiosqlite  # noqa: PLC0415  here alone

    async with running_service(_settings(release, folder)) as service:
        await service.reports.create_manual_report()
    async with aiosqlite.connect(folder / "reports.sqlite") as database:
        rows = await database.execute_fetchall("SELECT sql FROM sqlite_master ORDER BY name")
        return [row[0] for row in rows]


def test_the_three_releases_have_the_same_schema(tmp_path: Path) -> None:
    async def scenario() -> list[list[str]]:
        schemas = []
        for release in Release:
            folder = tmp_path / release
            folder.mkdir()
            schemas.append(await _schema(folder, release))
        return schemas

    first, second, current = asyncio.run(scenario())
    assert first == second == current
    assert any("reports" in (statement or "") for statement in first)


def test_a_database_of_each_release_opens_in_the_next_and_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        ids: list[str] = []
        for release in (*Release, *reversed(Release)):
            async with running_service(_settings(release, tmp_path)) as service:
                for report_id in ids:
                    assert await service.adapters.store.get(report_id) is not None
                facts = await service.reports.create_manual_report()
                assert facts.status is RunStatus.SAVED
                ids.append(facts.run_id)
                assert await service.adapters.store.count() == len(ids)

    asyncio.run(scenario())


class _Collections:
    """How many full collections there are while it is looked at."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        self.count += phase == "start" and info["generation"] == 2


def _collects(call: Callable[[], object]) -> bool:
    seen = _Collections()
    gc.callbacks.append(seen)
    try:
        call()
    finally:
        gc.callbacks.remove(seen)
    return seen.count == 1


def _releases(hook: Callable[[ReportState], None]) -> bool:
    run = RunRegistry(FrozenClock(), finished_runs_for(policy_for("1.0.0"))).open(ReportKind.AUTO)
    run.state.html_content = "x"
    hook(run.state)
    return run.state.large_bytes() == 0


def _drops_fetched(policy: MemoryPolicy) -> bool:
    service = service_with(policy)
    asyncio.run(service.indices.tick())
    return service.indices.fetched is None


def _drops_result(policy: MemoryPolicy) -> bool:
    kept = KeptResult(policy)
    kept.end_of_run("a result")
    return kept.last is None


def _effects(policy: MemoryPolicy) -> set[Step]:
    """The steps whose effect can be seen, each by itself."""
    retention = retention_for(policy)
    seen = {
        Step.DROP_DATA_AFTER_SAVE: _drops_fetched(policy),
        Step.COLLECT_IN_ROUTE: _collects(retention.collect_in_route),
        Step.RELEASE_STATE_AFTER_COMMIT: _releases(retention.after_commit),
        Step.COLLECT_AFTER_COMMIT: _collects(retention.collect_after_commit),
        Step.RELEASE_ON_ERROR: _releases(retention.on_error),
        Step.RELEASE_ON_RETRY: _releases(retention.after_retry),
        Step.RELEASE_WHEN_ALL_FAIL: _releases(retention.when_all_failed),
        Step.RELEASE_RESULT: _drops_result(policy),
    }
    return {step for step, happens in seen.items() if happens}


# How Redis is connected to is chosen among three classes, which another test looks at.
_SEEN_HERE = [step for step in Step if step is not Step.REDIS_CONTEXT_MANAGER]


@pytest.mark.parametrize("step", _SEEN_HERE)
def test_a_step_that_is_on_alone_does_its_own_thing_and_no_other(step: Step) -> None:
    settings = Settings.from_env({"SYSTEM_RELEASE": "1.0.0", "SYSTEM_STEPS_ON": step})
    assert _effects(settings.policy) == {step}


@pytest.mark.parametrize("step", _SEEN_HERE)
def test_a_step_that_is_off_alone_leaves_all_the_others(step: Step) -> None:
    settings = Settings.from_env({"SYSTEM_RELEASE": "1.1.0", "SYSTEM_STEPS_OFF": step})
    assert _effects(settings.policy) == {*_SEEN_HERE} - {step}


def test_collections_at_fixed_times_are_a_setting() -> None:
    assert Settings.from_env({}).collect_seconds is None
    assert Settings.from_env({"COLLECT_SECONDS": "600"}).collect_seconds == 600
    service = service_with()
    timed = service_with()
    timed.settings = replace(timed.settings, collect_seconds=600)

    async def jobs() -> list[set[str]]:
        names = []
        for each in (service, timed):
            each.start()
            names.append(each.timetable.names())
            await each.aclose()
        return names

    without, with_it = asyncio.run(jobs())
    assert with_it - without == {"collect"}
