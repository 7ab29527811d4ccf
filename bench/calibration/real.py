"""The smallest leak in real runs: `python -m bench.calibration.real`.

Runs the noisy workloads as a user would, with a leak of so many bytes an iteration beside each,
and prints what was found as a table.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.calibration.study import SENSITIVE_ITERATIONS, SENSITIVE_THRESHOLD_BYTES
from leakcheck.check import Settings, check
from leakcheck.model.options import Options
from leakcheck.model.units import format_bytes
from leakcheck.model.verdict import Judgement, Verdict

MODULE: Final = "bench.calibration.workloads"
WORKLOADS: Final = (
    "documents",
    "sessions",
    "table",
    "memoised",
    "feed",
    "texts",
    "log",
    "queue",
    "frames",
    "mapped",
)
RATES_BYTES: Final = (0.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One real run and what was said of it."""

    workload: str
    rate: float
    judgement: Judgement

    @property
    def text(self) -> str:
        """Return the verdict, its length, its rate and whether the leak's own line is named."""
        growth = self.judgement.growth
        parts = [str(self.judgement.verdict), f"{self.judgement.iterations:,}"]
        if growth is not None and self.judgement.verdict is Verdict.LEAK:
            parts.append(format_bytes(growth.estimate))
            sites = self.judgement.sites
            parts.append("line" if sites and sites[0].function == "grow" else "no line")
        return ", ".join(parts)


def main() -> int:
    """Run all and print the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibration.real", description=__doc__)
    parser.add_argument("workloads", nargs="*", default=WORKLOADS, metavar="WORKLOAD")
    parser.add_argument("--rates", type=float, nargs="+", default=RATES_BYTES, metavar="BYTES")
    parser.add_argument("--seed", default="0", help="of the workloads' sizes (default 0)")
    given = parser.parse_args()
    screen, progress = Console(), Console(stderr=True)
    runs = []
    for one in runs_of(given.workloads, given.rates, given.seed):
        progress.print(f"{one.workload} {one.rate:g} B: {one.text}", highlight=False)
        runs.append(one)
    for line in table(runs):
        screen.print(line, highlight=False, markup=False, soft_wrap=True)
    return 0


def runs_of(workloads: Sequence[str], rates: Sequence[float], seed: str) -> Iterator[Run]:
    """Yield a real run of each workload at each rate."""
    for workload in workloads:
        for rate in rates:
            yield Run(workload=workload, rate=rate, judgement=_judged(workload, rate, seed))


def table(runs: Sequence[Run]) -> Iterator[str]:
    """Yield the lines of a table, a row for each workload."""
    rates = dict.fromkeys(one.rate for one in runs)
    yield f"| workload | {' | '.join(f'{rate:g} B' for rate in rates)} |"
    yield f"|{'---|' * (len(rates) + 1)}"
    for workload in dict.fromkeys(one.workload for one in runs):
        cells = [one.text for one in runs if one.workload == workload]
        yield f"| {workload} | {' | '.join(cells)} |"


def _judged(workload: str, rate: float, seed: str) -> Judgement:
    variables = {
        **os.environ,
        "CALIBRATION_LEAK_BYTES": str(rate),
        "CALIBRATION_SEED": seed,
    }
    options = Options(iterations=SENSITIVE_ITERATIONS, threshold_bytes=SENSITIVE_THRESHOLD_BYTES)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(out=Path(folder), commanded=options, variables=variables)
        (checked,) = check([f"{MODULE}:{workload}"], settings)
    return checked.record.judgement


if __name__ == "__main__":
    sys.exit(main())
