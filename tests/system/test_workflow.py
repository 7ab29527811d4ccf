from __future__ import annotations

import asyncio
import logging

import pytest

from system.errors import QuotesUnavailableError, StoreUnavailableError
from system.memory.policy import policy_for
from system.model import ReportKind, RunStatus
from system.service import Service
from system.workflow.registry import EveryRun, RecentRuns, RunFacts
from tests.system.doubles import CannedQuotes, FrozenClock, MemoryStore, service_with

_AWAY = StoreUnavailableError("away")


def _make(service: Service, *, times: int = 1) -> RunFacts:
    async def make() -> RunFacts:
        for _ in range(times - 1):
            await service.reports.create_manual_report()
        return await service.reports.create_manual_report()

    return asyncio.run(make())


def _kept_bytes(service: Service) -> int:
    """What the finished runs' states still hold."""
    finished = service.registry._finished
    assert isinstance(finished, EveryRun)
    return sum(run.state.large_bytes() for run in finished._runs.values())


def test_a_report_is_fetched_written_translated_and_saved() -> None:
    store = MemoryStore()
    facts = _make(service_with(store=store))
    report = store.reports[facts.run_id]
    assert facts.status is RunStatus.SAVED
    assert facts.progress == 1.0
    assert "gestiegen" in report.html_content
    assert "risen" in report.html_content_en


def test_the_first_release_keeps_every_state_it_saved() -> None:
    service = service_with(policy_for("1.0.0"))
    _make(service)
    one = _kept_bytes(service)
    _make(service)
    assert one > 10_000
    assert _kept_bytes(service) > 1.5 * one


def test_the_second_release_keeps_its_runs_but_not_their_large_fields() -> None:
    # Sixty collections of all that pytest holds would take most of a minute, and release nothing.
    service = service_with(policy_for("1.1.0").without("collect-after-commit"))
    _make(service, times=60)
    assert len(service.registry) == 60
    assert _kept_bytes(service) == 0


@pytest.mark.parametrize(
    ("step", "errors"),
    [
        ("release-state-after-commit", []),
        ("release-on-retry", [_AWAY]),
        ("release-when-all-fail", [_AWAY] * 3),
    ],
)
def test_each_way_out_is_released_by_its_own_step_alone(
    step: str, errors: list[StoreUnavailableError]
) -> None:
    with_it = service_with(policy_for("1.0.0").with_(step), store=MemoryStore(errors))
    without_it = service_with(policy_for("1.1.0").without(step), store=MemoryStore(errors))
    _make(with_it)
    _make(without_it)
    assert _kept_bytes(with_it) == 0
    assert _kept_bytes(without_it) > 10_000


@pytest.mark.parametrize(("steps", "released"), [([], False), (["release-on-error"], True)])
def test_an_unexpected_error_is_released_by_its_own_step(
    *, steps: list[str], released: bool
) -> None:
    store = MemoryStore([KeyError("unexpected")])
    service = service_with(policy_for("1.0.0").with_(*steps), store=store)
    with pytest.raises(KeyError):
        _make(service)
    assert (_kept_bytes(service) == 0) is released


def test_a_save_is_tried_again_after_waits_that_double() -> None:
    service = service_with(store=MemoryStore([_AWAY, _AWAY]))
    facts = _make(service)
    clock = service.adapters.clock
    assert isinstance(clock, FrozenClock)
    assert facts.status is RunStatus.SAVED
    assert clock.waits == [0.5, 1.0]


def test_a_run_whose_every_save_fails_has_failed_at_its_last_node() -> None:
    facts = _make(service_with(store=MemoryStore([_AWAY] * 3)))
    assert facts.status is RunStatus.FAILED
    assert facts.node == "save_database"
    assert facts.progress == 0.75
    assert facts.error == "StoreUnavailableError: away"


def test_a_run_without_data_has_failed_at_its_first_node() -> None:
    source = CannedQuotes(QuotesUnavailableError("down"))
    facts = _make(service_with(source=source))
    assert (facts.status, facts.node) == (RunStatus.FAILED, "fetch_data")


def test_the_current_registry_answers_for_the_newest_fifty_runs() -> None:
    service = service_with()
    first = _make(service)
    last = _make(service, times=50)
    assert len(service.registry) == 50
    assert isinstance(service.registry._finished, RecentRuns)
    assert service.registry.get(first.run_id) is None
    assert service.registry.get(last.run_id) == last


def test_ids_are_long_and_never_the_same() -> None:
    service = service_with()
    ids = {service.registry.open(ReportKind.MANUAL).facts.run_id for _ in range(100)}
    assert len(ids) == 100
    assert min(map(len, ids)) >= 22


@pytest.mark.parametrize(("release", "kept"), [("1.0.0", True), ("1.1.0", False)])
def test_the_last_result_is_kept_or_dropped(
    *, release: str, kept: bool, caplog: pytest.LogCaptureFixture
) -> None:
    service = service_with(policy_for(release))
    with caplog.at_level(logging.INFO, logger="system"):
        _make(service)
    assert (service.reports.last_result(ReportKind.MANUAL) is not None) is kept
    assert ("memory cleanup completed" in caplog.messages) is not kept


@pytest.mark.parametrize(("release", "kept"), [("1.0.0", True), ("1.1.0", False)])
def test_fetched_data_stays_bound_or_is_dropped(*, release: str, kept: bool) -> None:
    service = service_with(policy_for(release))
    asyncio.run(service.indices.tick())
    assert (service.indices.fetched is not None) is kept
    assert asyncio.run(service.indices.get_market_indices()) is not None
