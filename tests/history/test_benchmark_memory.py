"""What a benchmark records of its memory, and that its timed rounds are not touched by it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import repeat
from pathlib import Path

from bench.memory import RoundMemory, round_memory

ROOT = Path(__file__).parents[2]
SUITE = """
from itertools import repeat
import pytest
from bench.conftest import benchmark, is_rough

def one_mebibyte(number):
    return [bytes(1 << 10) for _ in range(number)]

def test_call(benchmark):
    assert len(benchmark(one_mebibyte, 1024)) == 1024

def test_pedantic(benchmark):
    seen = []
    benchmark.pedantic(lambda n: [object() for _ in repeat(None, n)],
        setup=lambda: seen.append("up") or ((5000,), {}),
        teardown=lambda n: seen.append("down"), rounds=2)
    assert seen == ["up", "down"] * 3

@pytest.mark.elsewhere
def test_elsewhere(benchmark):
    benchmark(int)
"""


def test_a_round_is_counted_to_the_block_and_to_the_byte() -> None:
    found = fewest(lambda: [bytes(1 << 10) for _ in repeat(None, 1_000)])

    assert 1_000 <= found.allocations <= 1_100
    assert 1_000 * (1 << 10) <= found.peak_bytes <= 1_200 * (1 << 10)


def test_a_round_that_does_nothing_takes_next_to_nothing() -> None:
    assert fewest(lambda: None).allocations < 50


def test_each_benchmark_tells_its_memory_unless_its_work_is_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    command = [
        *(sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", "."),
        *("--benchmark-enable", "--benchmark-max-time=0.05", "--benchmark-json=it.json"),
        *("-p", "no:cacheprovider", "-p", "no:randomly", str(tmp_path / "test_suite.py")),
    ]
    done = subprocess.run(
        command, check=False, cwd=tmp_path, capture_output=True, text=True, env=_with_root()
    )
    assert done.returncode == 0, done.stdout + done.stderr

    call, pedantic, elsewhere = json.loads((tmp_path / "it.json").read_text())["benchmarks"]
    assert call["extra_info"]["peak_bytes"] >= 1 << 20
    assert call["extra_info"]["allocations"] >= 1024
    assert 5_000 <= pedantic["extra_info"]["allocations"] < 5_200
    assert pedantic["stats"]["rounds"] == 2
    assert elsewhere["extra_info"] == {}


def fewest(do: Callable[[], object]) -> RoundMemory:
    """Return the least of a few counts: other threads of the process allocate meanwhile."""
    return min((round_memory(do) for _ in range(5)), key=lambda found: found.allocations)


def _with_root() -> dict[str, str]:
    """Return the environment without what tells pytest-benchmark that it runs under xdist."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**ours, "PYTHONPATH": str(ROOT)}
