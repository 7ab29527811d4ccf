"""How long a history of 100,000 benchmark rows takes: to be read, judged, and drawn as a site."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.history.__main__ import main
from bench.history.database import history_url, opened
from bench.history.facts import Commit, Figure, Kind, Machine, Metric, Result, Run
from bench.history.simulated import LEVEL, NOISES, with_drift, with_step
from bench.history.store import History

RUNS: Final = 1_000
SUBJECTS: Final = 100
_FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MACHINE: Final = Machine(facts={"cpu": "simulated"})
_KINDS: Final = ("normal", "heavy tails", "odd runs", "neighbours alike, 0.5")


def runs() -> list[Run]:
    """Return 1,000 runs of 100 benchmarks: a tenth of them with a step, a tenth with a drift."""
    random = np.random.default_rng(1)
    times = np.empty((SUBJECTS, RUNS))
    for subject in range(SUBJECTS):
        quiet = NOISES[_KINDS[subject % len(_KINDS)]](random, RUNS)
        if subject % 10 == 0:
            quiet = with_step(quiet, int(random.integers(100, 900)), 0.3)
        if subject % 10 == 1:
            quiet = with_drift(quiet, 0.3)
        times[subject] = LEVEL * np.exp(quiet)
    return [_run(number, times[:, number].tolist()) for number in range(RUNS)]


def _run(number: int, times: list[float]) -> Run:
    at = _FIRST + timedelta(hours=number)
    return Run(
        source=f"simulated:{number}",
        kind=Kind.BENCHMARK,
        started_at=at,
        commit=Commit(id=f"{number:040x}", committed_at=at),
        machine=_MACHINE,
        results=tuple(
            Result(
                subject=f"bench/bench_{subject // 10}.py::bench_{subject}",
                figures={
                    Metric.TIME: Figure(value=value, low=0.9 * value, high=1.1 * value),
                    Metric.PEAK: Figure(value=1e6 * (1 + subject)),
                    Metric.ALLOCATIONS: Figure(value=1_000.0 * (1 + subject) + number % 3),
                },
            )
            for subject, value in enumerate(times)
        ),
    )


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of a history of 100,000 rows, each of three figures."""
    found = f"sqlite:///{tmp_path_factory.mktemp('history') / 'history.sqlite'}"
    with opened(history_url({}, found)) as engine:
        History(engine).add(runs())
    return found


def bench_trend_of_100_000_rows(
    benchmark: BenchmarkFixture, url: str, tmp_path: Path, *, is_rough: bool
) -> None:
    """Read the history, find what changed in its 300 tracks, and write the site."""
    site = tmp_path / "site"
    command = ["trend", "--as-it-is", "--url", url, "-o", str(site)]

    rounds = 1 if is_rough else 3
    code = benchmark.pedantic(main, args=(command,), rounds=rounds)  # type: ignore[no-untyped-call]

    assert code == 1
    assert len(list(site.glob("subjects/*.html"))) == SUBJECTS
    benchmark.extra_info["rows"] = RUNS * SUBJECTS
    benchmark.extra_info["site_mib"] = round(
        sum(one.stat().st_size for one in site.rglob("*")) / 2**20
    )


def bench_import_of_a_run(benchmark: BenchmarkFixture, url: str) -> None:
    """Keep one run of 100 benchmarks in a history that is long."""
    run = runs()[-1]
    numbers = iter(range(1 << 30))
    with opened(history_url({}, url)) as engine:
        history = History(engine)

        def add() -> object:
            return history.add([replace(run, source=f"fresh:{next(numbers)}")])

        assert benchmark.pedantic(add, rounds=10)  # type: ignore[no-untyped-call]
