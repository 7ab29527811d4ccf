"""How often `leakcheck compare` is wrong: pairs of simulated runs whose truth is known.

`python -m bench.calibration.comparing` prints the table of docs/decisions/0021, in four minutes.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console

from bench.calibration import clean, leaks
from bench.calibration.scene import Make
from bench.calibration.trial import Trial, measured
from leakcheck import __version__
from leakcheck.analysis.comparison import difference
from leakcheck.analysis.decision import judge
from leakcheck.model.comparison import Word
from leakcheck.model.run_record import Machine, RunRecord

RATE: Final = 108.0
"""Bytes an iteration of the first run's leak."""
SECOND: Final = {"as leaky": 1.0, "10 % more": 1.1, "twice as much": 2.0, "half as much": 0.5}
"""By how much the second run's leak is larger."""
_FIRST_SEED: Final = 1_000
_SECOND_SEED: Final = 5_000
_NOWHERE: Final = Machine(python="", memray=None, libc="", platform="", cpu_count=1, memory_bytes=0)


def words(first: Make, second: Make, pairs: int) -> Counter[Word]:
    """Return the words on so many pairs, each run with random numbers of its own."""
    return Counter(
        difference(
            _record(first, _FIRST_SEED + number), _record(second, _SECOND_SEED + number)
        ).word
        for number in range(pairs)
    )


def rows(pairs: int) -> Iterator[str]:
    """Yield the table in markdown, `pairs` of each kind of leak and of each clean workload."""
    shown = (Word.WORSE, Word.BETTER, Word.MIXED, Word.SAME, Word.NOT_SURE)
    yield f"| second run | pairs | {' | '.join(shown)} |"
    yield f"|---|{'---|' * (len(shown) + 1)}"
    for name, found in _counted(pairs):
        yield f"| {name} | {found.total()} | {' | '.join(str(found[word]) for word in shown)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code, once the table is printed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.calibration.comparing", description=__doc__
    )
    parser.add_argument("--pairs", type=int, default=12, metavar="N", help="of each kind")
    for line in rows(parser.parse_args(arguments).pairs):
        Console().print(line, highlight=False, soft_wrap=True, markup=False)
    return 0


def _counted(pairs: int) -> Iterator[tuple[str, Counter[Word]]]:
    kinds = [make for name, make in leaks.KINDS.items() if name != leaks.LATE]
    for name, times in SECOND.items():
        found = Counter[Word]()
        for make in kinds:
            found += words(_at(make, RATE), _at(make, RATE * times), pairs)
        yield name, found
    found = Counter[Word]()
    for quiet in clean.KINDS.values():
        found += words(quiet, quiet, pairs)
    yield "clean workloads", found


def _at(make: leaks.MakeLeak, rate: float) -> Make:
    return lambda rng: make(rng, rate)


def _record(make: Make, seed: int) -> RunRecord:
    trial = Trial()
    measurement = measured(make(random.Random(seed)), trial)  # noqa: S311 -- no secret
    return RunRecord(
        id="",
        started_at="",
        leakcheck=__version__,
        plan=trial.plan,
        machine=_NOWHERE,
        measurement=measurement,
        judgement=judge(measurement, trial.plan.thresholds),
    )


if __name__ == "__main__":
    sys.exit(main())
