"""What a report of a run of 10,000 iterations costs, in a process of its own: its start as well.

Where rough figures are wanted the run has 1,000.

`extra_info` has the size of the file and the CPU seconds. A page is to stay below 2 MB and 3 s,
most of which goes into importing matplotlib.
"""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

PROJECT: Final = Path(__file__).parent.parent
_TARGET: Final = "bench.workloads.controls:leak_task"
_ITERATIONS: Final = 10_000
_ROUGH_ITERATIONS: Final = 1_000
_LARGEST_BYTES: Final = 2_000_000
_ROUNDS: Final = 5


def leakcheck(*arguments: str, folder: Path) -> None:
    """Run the command line with records in a folder; 1 is a LEAK, and no failure here."""
    command = [sys.executable, "-m", "leakcheck", *arguments, "--out", str(folder)]
    done = subprocess.run(command, cwd=PROJECT, check=False, stdout=subprocess.DEVNULL)  # noqa: S603
    assert done.returncode in {0, 1}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory, *, is_rough: bool) -> Path:
    """Return the folder of the record of one long run: a leak at several call sites."""
    folder = tmp_path_factory.mktemp("records")
    iterations = _ROUGH_ITERATIONS if is_rough else _ITERATIONS
    length = ("--exact-iterations", str(iterations), "--time-limit", "900")
    leakcheck("run", _TARGET, *length, "--warn-only", folder=folder)
    return folder


@pytest.fixture
def cost(benchmark: BenchmarkFixture) -> Iterator[None]:
    """Note the CPU time of the processes that a benchmark starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    yield
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    rounds = benchmark.stats["rounds"] if benchmark.stats else 1
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    benchmark.extra_info["cpu_s"] = round(spent / rounds, 3)


@pytest.mark.usefixtures("cost")
@pytest.mark.parametrize("name", ["html", "markdown", "text", "png"])
def bench_report(
    benchmark: BenchmarkFixture, records: Path, tmp_path: Path, name: str, *, is_rough: bool
) -> None:
    """Write the report of one run."""
    file = tmp_path / "report"
    benchmark.pedantic(  # type: ignore[no-untyped-call]
        leakcheck,
        ("report", "--format", name, "-o", str(file)),
        {"folder": records},
        rounds=1 if is_rough else _ROUNDS,
    )
    benchmark.extra_info["bytes"] = file.stat().st_size

    assert file.stat().st_size < _LARGEST_BYTES
