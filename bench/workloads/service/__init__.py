"""Workloads over the service, named to `leakcheck` as `bench.workloads.service:market_tick`.

`SYSTEM_RELEASE` chooses the release, `SYSTEM_STEPS_ON` and `SYSTEM_STEPS_OFF` single steps of it,
`REDIS_URL` and `DATABASE_URL` real servers. Without them each workload starts servers of its own.
"""

from __future__ import annotations

from bench.workloads.service.api import api_request
from bench.workloads.service.failing import (
    manual_report_erring,
    manual_report_failing,
    manual_report_retried,
)
from bench.workloads.service.outages import (
    commit_unanswered,
    database_lost_between_saves,
    database_lost_in_a_save,
    disk_full,
    quotes_failing,
    quotes_garbage,
    quotes_silent,
    quotes_slow,
    redis_refusing,
    redis_restarted,
)
from bench.workloads.service.reports import report_cycle, save_database
from bench.workloads.service.soak import service_soak, service_soak_with_faults
from bench.workloads.service.ticks import market_tick, service_day

__all__ = [
    "api_request",
    "commit_unanswered",
    "database_lost_between_saves",
    "database_lost_in_a_save",
    "disk_full",
    "manual_report_erring",
    "manual_report_failing",
    "manual_report_retried",
    "market_tick",
    "quotes_failing",
    "quotes_garbage",
    "quotes_silent",
    "quotes_slow",
    "redis_refusing",
    "redis_restarted",
    "report_cycle",
    "save_database",
    "service_day",
    "service_soak",
    "service_soak_with_faults",
]
