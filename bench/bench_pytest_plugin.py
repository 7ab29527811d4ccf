"""What our plugin for pytest costs a suite that does not use it: 1,000 tests, with it and without.

The two take turns within one run, in processes of their own, and the one that is first does too;
`extra_info` has the CPU seconds of each and by how much the median of the pairs' differences is off
zero, in per cent of the suite.
"""

import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

_TESTS: Final = 1_000
_PAIRS: Final = 15
_ROUGH_PAIRS: Final = 3
_SUITE: Final = """
import pytest

@pytest.mark.parametrize("number", range({tests}))
def test_adds(number):
    assert number + 1 > number
"""


def cpu_s(folder: Path, *arguments: str) -> float:
    """Return the CPU seconds of one session in `folder`, without other installed plugins."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.elsewhere
def bench_a_suite_that_does_not_use_it(
    benchmark: BenchmarkFixture, tmp_path: Path, *, is_rough: bool
) -> None:
    """Time the suite with the plugin; the sessions without it take turns with those."""
    (tmp_path / "test_many.py").write_text(_SUITE.format(tests=_TESTS), encoding="utf-8")
    pairs = _ROUGH_PAIRS if is_rough else _PAIRS
    cpu_s(tmp_path)  # compiles
    without: list[float] = []
    with_it: list[float] = []

    def one() -> None:
        with_it.append(cpu_s(tmp_path, "-p", "leakcheck.pytest_plugin"))

    def between() -> None:
        """Catch up with the sessions with it, and go ahead of every other one."""
        ahead = 1 - len(with_it) % 2
        while len(without) < min(pairs, len(with_it) + ahead):
            without.append(cpu_s(tmp_path))

    benchmark.pedantic(one, setup=between, rounds=pairs)  # type: ignore[no-untyped-call]
    between()
    differences = [here - there for here, there in zip(with_it, without, strict=True)]
    suite_s = statistics.median(without)
    number = len(differences)
    spread_s = statistics.stdev(differences) / number**0.5 if number > 1 else 0.0
    benchmark.extra_info |= {
        "cpu_with_s": round(statistics.median(with_it), 3),
        "cpu_without_s": round(suite_s, 3),
        "difference_percent": round(100 * statistics.median(differences) / suite_s, 2),
        "standard_error_percent": round(100 * spread_s / suite_s, 2),
    }
