"""What fanning out costs a check: made here, and by a worker of a cluster on this machine.

The check is of an empty workload, 50 iterations without memray: what it takes is nearly all the
harness. The difference of the two is the way there and back, and the helper that a worker starts.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from leakcheck.check import Settings, check
from leakcheck.elsewhere.checking import Heard, check_on_cluster
from leakcheck.fanout.cluster import Cluster
from leakcheck.model.errors import LeakcheckError
from leakcheck.model.options import Options
from leakcheck.model.plan import Profiler
from tests.process.town import town_in

TARGET: Final = "os:getpid"
SHORT: Final = Options(exact_iterations=50, profiler=Profiler.NONE)
ROUNDS: Final = 5


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return a cluster of one worker."""
    with (
        town_in(tmp_path_factory.mktemp("town"), workers=1) as town,
        Cluster(town.address) as cluster,
    ):
        yield cluster


@pytest.mark.elsewhere
def bench_a_check_here(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Check the empty workload in a child of this process."""
    settings = Settings(out=tmp_path, commanded=SHORT)

    found = benchmark.pedantic(  # type: ignore[no-untyped-call]
        lambda: check([TARGET], settings), rounds=ROUNDS, warmup_rounds=1
    )

    assert len(found) == 1


@pytest.mark.elsewhere
def bench_a_check_by_a_worker(
    benchmark: BenchmarkFixture, tmp_path: Path, cluster: Cluster
) -> None:
    """Have a worker check it, and store its record here."""
    settings = Settings(out=tmp_path, commanded=SHORT)
    failures: list[LeakcheckError] = []
    heard = Heard(
        observe=lambda _: None,
        done=lambda *_: None,
        failed=lambda _, error: failures.append(error),
        again=lambda *_: None,
    )

    def one() -> int:
        found = check_on_cluster(
            cluster, [TARGET], settings, heard=heard, interrupted=threading.Event()
        )
        return len(found)

    number = benchmark.pedantic(  # type: ignore[no-untyped-call]
        one, rounds=ROUNDS, warmup_rounds=1
    )
    assert number == 1
    assert failures == []
