"""Whether neighbours disturb a verdict: the same checks alone, many at once, and beside hogs.

`python -m bench.neighbours` prints a row for each check. The time limit is what ends most of them:
before it counted a child's own time, a busy machine meant fewer iterations.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.check import Settings, check
from leakcheck.model.options import Options
from leakcheck.model.run_record import RunRecord

WORKLOADS: Final = Path(__file__).with_name("workloads") / "neighbours.py"
NAMES: Final = ("clean", "leak", "small_leak")
_HOG: Final = "while True: pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How many checks run at a time, and beside how many processes that only compute."""

    jobs: int
    hogs: int

    def __str__(self) -> str:
        return f"--jobs {self.jobs}" + (f", {self.hogs} hogs" if self.hogs else "")


def measured(setting: Setting, time_limit_s: float) -> tuple[list[RunRecord], float]:
    """Return the records of each workload as often as there are jobs, and the seconds it took."""
    targets = [f"{WORKLOADS}:{name}" for name in NAMES]
    # A target is checked as often as there are jobs, so that all of them are busy to the end.
    wanted = [target for target in targets for _ in range(setting.jobs)]
    options = Options(time_limit_s=time_limit_s, iterations=1_000_000)
    with tempfile.TemporaryDirectory() as out, hogs(setting.hogs):
        began_s = time.monotonic()
        settings = Settings(out=Path(out), jobs=setting.jobs, commanded=options)
        records = [one.record for one in check(wanted, settings)]
        return records, time.monotonic() - began_s


@contextlib.contextmanager
def hogs(number: int) -> Iterator[None]:
    """Have so many processes compute meanwhile."""
    running = [subprocess.Popen([sys.executable, "-c", _HOG]) for _ in range(number)]  # noqa: S603
    try:
        yield
    finally:
        for one in running:
            one.kill()
            one.wait()


def lines(setting: Setting, records: Sequence[RunRecord], took_s: float) -> Iterator[str]:
    """Yield a row for each record."""
    for record in records:
        judgement, measurement = record.judgement, record.measurement
        growth = judgement.growth
        rate = f"{growth.estimate:9.2f} ({growth.low:.2f} .. {growth.high:.2f})" if growth else "-"
        yield (
            f"{setting!s:20} {record.plan.target.rpartition(':')[2]:12} {judgement.verdict:13}"
            f" {measurement.iterations:7,} in {measurement.elapsed_s:5.1f} s  {rate}"
        )
    yield f"{setting!s:20} took {took_s:.0f} s in all"


def main() -> None:
    """Print the rows of every setting that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.neighbours", description=__doc__)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2, 4, 8], metavar="N")
    parser.add_argument("--hogs", type=int, nargs="+", default=[0, 4], metavar="N")
    parser.add_argument("--time-limit", type=float, default=10.0, metavar="S")
    given = parser.parse_args()
    for beside in given.hogs:
        for jobs in given.jobs if not beside else given.jobs[:1]:
            setting = Setting(jobs=jobs, hogs=beside)
            for line in lines(setting, *measured(setting, given.time_limit)):
                print(line, flush=True)  # noqa: T201 -- a command of its own


if __name__ == "__main__":
    main()
