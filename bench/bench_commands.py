"""What the command line itself takes before it does anything, in a process of its own."""

import subprocess
import sys
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

_ROUNDS: Final = 10
_ROUGH_ROUNDS: Final = 3


@pytest.mark.elsewhere
@pytest.mark.parametrize("command", ["--version", "watch", "why", "run", "--help"])
def bench_start(benchmark: BenchmarkFixture, command: str, *, is_rough: bool) -> None:
    """Start it with a command and nothing more, which it answers or refuses at once."""
    line = [sys.executable, "-m", "leakcheck", command]

    def start() -> int:
        return subprocess.run(line, check=False, capture_output=True).returncode  # noqa: S603

    rounds = _ROUGH_ROUNDS if is_rough else _ROUNDS
    code = benchmark.pedantic(start, rounds=rounds, warmup_rounds=1)  # type: ignore[no-untyped-call]

    assert code == (0 if command.startswith("-") else 2)
