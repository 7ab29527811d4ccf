"""The service as every workload sets it up: in simulated time, with its bounded containers full."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

from system.adapters.backends import Backends, running_backends
from system.memory.policy import RECENT_RUNS
from system.model import Report, ReportKind
from system.service import Adapters, Service, running_service
from system.settings import Settings
from system.simulation import TimeDriver, simulated_time
from system.sizes import DOCUMENTED, ReportSizes

__all__ = [
    "Iteration",
    "Stage",
    "as_set",
    "as_they_are",
    "backends_of_the_environment",
    "small_report",
    "staged",
]

Iteration: TypeAlias = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The running service, and what moves its time."""

    service: Service
    time: TimeDriver


def as_they_are(adapters: Adapters) -> Adapters:
    """Return the adapters the service made."""
    return adapters


def as_set(settings: Settings) -> Settings:
    """Return the settings of the environment."""
    return settings


@asynccontextmanager
async def backends_of_the_environment() -> AsyncIterator[Backends]:
    """Yield the servers the environment names, and embedded ones in place of the others."""
    async with running_backends(Settings.from_env(os.environ)) as backends:
        yield backends


@asynccontextmanager
async def staged(
    *,
    sizes: ReportSizes = DOCUMENTED,
    report_seconds: int = 3600,
    adapt: Callable[[Adapters], Adapters] = as_they_are,
    change: Callable[[Settings], Settings] = as_set,
    fills_store: bool = False,
) -> AsyncIterator[Stage]:
    """Yield the service the environment asks for, and stop it at the end.

    The registry, and the store where `fills_store`, begin at their limits: a container that is
    still filling grows like a leak. `adapt` puts others in place of the service's adapters, and
    `change` changes its settings.
    """
    logging.getLogger("system").setLevel(logging.ERROR)  # a failure expected is no news
    settings = replace(Settings.from_env(os.environ), sizes=sizes, report_seconds=report_seconds)
    with simulated_time() as time:
        async with running_service(change(settings), clock=time, adapt=adapt) as service:
            _fill_registry(service)
            if fills_store:
                await _fill_store(service)
            yield Stage(service=service, time=TimeDriver(time, service.timetable))


def _fill_registry(service: Service) -> None:
    for _ in range(RECENT_RUNS):
        service.registry.close(service.registry.open(ReportKind.MANUAL))


async def _fill_store(service: Service) -> None:
    # Three times over: dictionaries behind the connections grow once more on the way.
    for position in range(3 * service.settings.stored_reports):
        await service.adapters.store.save(small_report(service, position))


def small_report(service: Service, position: int) -> Report:
    """Return a report without content, whose id no other of that position has."""
    now = service.adapters.clock.now()
    return Report(
        report_id=f"set-up-{os.getpid()}-{position}",
        kind=ReportKind.MANUAL,
        created_at=now,
        title="set-up",
        html_content="",
        css_content="",
        js_content="",
        html_content_en="",
        js_content_en="",
    )
