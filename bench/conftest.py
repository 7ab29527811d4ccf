"""What holds for all benchmarks: each tells its memory too, and which packages it ran with."""

import math
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.history.benchmark_json import ROUGH_BELOW_S
from bench.memory import RememberingBenchmark

collect_ignore_glob: Final = ["history/migrations/*"]  # alembic runs those, with its context
ELSEWHERE: Final = "elsewhere"
"""The mark of a benchmark whose work another process does: memray would count nothing of it."""
LONGEST_ROUGH_S: Final = 1.0
"""A longer round is not counted where rough figures are wanted: under memray it takes a while."""
PACKAGES: Final = ("memray", "psutil", "rich", "sqlalchemy", "fastapi", "redis", "aiohttp")
"""Those whose versions may change a figure, kept with each run."""


@pytest.fixture
def benchmark(
    benchmark: BenchmarkFixture, request: pytest.FixtureRequest, *, is_rough: bool
) -> BenchmarkFixture | RememberingBenchmark:
    """Return the fixture of pytest-benchmark, which counts memory in a round of its own."""
    if request.node.get_closest_marker(ELSEWHERE) is not None:
        return benchmark
    return RememberingBenchmark.over(benchmark, LONGEST_ROUGH_S if is_rough else math.inf)


@pytest.fixture(scope="session")
def is_rough(pytestconfig: pytest.Config) -> bool:
    """Return whether rough figures are wanted: then a benchmark of many seconds has one round."""
    return float(pytestconfig.getoption("benchmark_max_time")) < ROUGH_BELOW_S


def pytest_benchmark_update_machine_info(
    config: pytest.Config, machine_info: dict[str, Any]
) -> None:
    """Add the versions of packages, which the history tells at a change."""
    del config
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    machine_info["packages"] = found
