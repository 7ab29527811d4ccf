"""How long leakcheck and its peers take over the same calls of one workload, beside each other.

Each answers for one clean workload of the corpus in a process of its own, start to answer; the
calls that it made and its word are in `extra_info`. psleak chooses itself how often it calls. The
peers have an environment that `nox -s accuracy -- --tools all` makes; without it they are skipped.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.accuracy.answer import Answer, Tool, Word
from bench.accuracy.case import Case, chosen, small_cases
from bench.accuracy.peers.environment import is_installed
from bench.accuracy.peers.peer import CALLS
from bench.accuracy.process import Running
from bench.accuracy.tools import NAMES, OURS, make

CASE: Final = "recent_five_thousand"
SEED: Final = 1
ROUNDS: Final = 3


@pytest.mark.elsewhere
@pytest.mark.parametrize("name", NAMES)
def bench_answer(benchmark: BenchmarkFixture, tmp_path: Path, name: str, *, is_rough: bool) -> None:
    """Ask a tool of a workload that keeps what it is meant to keep."""
    if is_rough:
        pytest.skip("takes a minute, and rough figures are wanted")
    if name != OURS and not is_installed():
        pytest.skip("the peers are not installed here")
    tool = make(name, Running(), ("--exact-iterations", str(CALLS)))

    answer = benchmark.pedantic(_asking(tool, tmp_path), rounds=ROUNDS)  # type: ignore[no-untyped-call]

    assert answer.word is not Word.ERROR, answer.reason
    benchmark.extra_info["calls"] = answer.calls
    benchmark.extra_info["word"] = str(answer.word)
    benchmark.extra_info["cpu_s"] = round(answer.cpu_s, 2)


def _asking(tool: Tool, folder: Path) -> Callable[[], Answer]:
    case, numbers = _case(), iter(range(1 << 30))

    def ask() -> Answer:
        scratch = folder / str(next(numbers))
        scratch.mkdir()
        return tool.verdict(case, SEED, scratch)

    return ask


def _case() -> Case:
    (found,) = (one for one in chosen(small_cases(), ["core"], [CASE]) if one.name == CASE)
    return found
