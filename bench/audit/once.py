"""What is looked at once: what a collection costs, what is compatible, the release's own tests."""

import asyncio
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, text

from bench.audit.children import PROJECT, AuditError, answer_of
from bench.audit.claims import SERVICE
from bench.audit.plan import FIRST, OPTIMIZED, Variant
from bench.audit.results import Collections, Compatibility, Suite
from bench.audit.servers import forget_turns
from system.api.app import create_app
from system.memory.policy import policy_for
from system.model import RunStatus
from system.service import Service, running_service
from system.settings import Settings
from system.sizes import TINY

__all__ = ["TESTS", "collection_costs", "compatibility", "suite"]

TESTS: Final = "tests/system/test_memory_optimization.py"
_HEAPS: Final = (10_000, 30_000, 100_000, 300_000, 1_000_000)
_REPORTS_A_RELEASE: Final = 3


def collection_costs(largest: int) -> tuple[Collections, ...]:
    """Return what a collection costs in heaps up to the largest, and in the service's process."""
    heaps = (size for size in _HEAPS if size <= largest)
    return (*(_collections(f"{size:,} lists", size) for size in heaps), _collections(SERVICE, 0))


def _collections(where: str, objects: int) -> Collections:
    found = answer_of("bench.audit.collections_child", [objects])
    return Collections(where=where, objects=found["objects"], cpu_s=tuple(found["cpu_s"]))


def compatibility() -> Compatibility:
    """Return what 1.0.0 and 1.1.0 have in common, tried with one database for both."""
    with tempfile.TemporaryDirectory(prefix="leakcheck-audit-") as folder:
        data = [Path(folder) / name for name in ("first", "optimized")]
        for place in data:
            place.mkdir()
        ids = asyncio.run(_there_and_back(data))
        return Compatibility(
            same_api=_api(FIRST) == _api(OPTIMIZED),
            same_schema=_schema(data[0]) == _schema(data[1]),
            written=2 * _REPORTS_A_RELEASE,
            carried=ids,
        )


def _settings(variant: Variant, data: Path | None = None) -> Settings:
    policy = policy_for(variant.release)
    return replace(Settings(sizes=TINY), release=str(variant.release), policy=policy, data_dir=data)


def _api(variant: Variant) -> dict[str, object]:
    return create_app(_settings(variant)).openapi()


def _schema(data: Path) -> list[tuple[object, ...]]:
    (file,) = data.glob("*.sqlite")
    engine = create_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as connection:
            rows = connection.execute(text("select type, name, sql from sqlite_master order by 2"))
            return [tuple(row) for row in rows]
    finally:
        engine.dispose()


async def _there_and_back(data: list[Path]) -> int:
    """Return how many reports the other release read as they were written."""
    async with running_service(_settings(FIRST, data[0])) as service:
        first = await _write(service)
    async with running_service(_settings(OPTIMIZED, data[0])) as service:
        carried = await _unchanged(service, first)
        second = await _write(service)
    async with running_service(_settings(FIRST, data[0])) as service:
        carried += await _unchanged(service, second)
    async with running_service(_settings(OPTIMIZED, data[1])):
        pass  # its tables are all that is wanted
    return carried


async def _write(service: Service) -> dict[str, object]:
    """Return reports as they are stored, by their ids."""
    found: dict[str, object] = {}
    for _ in range(_REPORTS_A_RELEASE):
        facts = await service.reports.create_manual_report()
        if facts.status is not RunStatus.SAVED:
            msg = f"a report for the other release to read: {facts.status}, wanted saved"
            raise AuditError(msg)
        found[facts.run_id] = await service.adapters.store.get(facts.run_id)
    return found


async def _unchanged(service: Service, written: dict[str, object]) -> int:
    read = [await service.adapters.store.get(report_id) for report_id in written]
    return sum(a == b and a is not None for a, b in zip(written.values(), read, strict=True))


def suite(variant: Variant, *, strictly: bool) -> Suite:
    """Return how the release's own tests go against that release, and with warnings as errors.

    Raises:
        AuditError: they could not be run at all.
    """
    passed = _tested(variant, "default")
    return Suite(
        release=variant,
        passed=passed,
        strictly=all(_tested(variant, "error").values()) if strictly else None,
    )


def _tested(variant: Variant, warnings: str) -> dict[str, bool]:
    """Return which tests passed, by name, with that done about warnings."""
    forget_turns()
    with tempfile.TemporaryDirectory(prefix="leakcheck-audit-") as folder:
        junit = Path(folder) / "suite.xml"
        own = [
            f"--junitxml={junit}",
            "-o",
            f"cache_dir={folder}",
            "-o",
            f"filterwarnings={warnings}",
        ]
        answer = subprocess.run(  # noqa: S603  our own tests, in our own interpreter
            [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *own, TESTS],
            cwd=PROJECT,
            env={**os.environ, **variant.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        cases = list(ET.parse(junit).iter("testcase")) if junit.is_file() else []  # noqa: S314  ours
    if not cases:
        msg = f"{TESTS} at {variant}: did not run\n{answer.stdout[-2000:]}"
        raise AuditError(msg)
    # A case that passed has no child that says otherwise.
    return {
        str(case.get("name")): case.find("failure") is None and case.find("error") is None
        for case in cases
    }
