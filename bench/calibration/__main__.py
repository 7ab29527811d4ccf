"""`python -m bench.calibration`: runs the study, shows its progress and writes the report."""

import argparse
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.calibration.plots import draw_all
from bench.calibration.report import About, report, summary
from bench.calibration.study import QUICK, QUICK_MINUTES, Extent, Made, cases, make_all
from leakcheck import __version__

DOCS: Final = Path(__file__).parents[2] / "docs"
_EVERY_S: Final = 10.0


def main(arguments: list[str] | None = None) -> int:
    """Run the study as the arguments say and return the exit code."""
    given = _parser().parse_args(arguments)
    began_s = time.monotonic()
    extent = replace(QUICK if given.quick else Extent(), seed=given.seed)
    console = Console(stderr=True)
    minutes = QUICK_MINUTES if given.quick and given.minutes is None else given.minutes
    made = _made(extent, given.jobs, minutes, console)
    about = About(
        date=given.date,
        version=__version__,
        command=_command(given),
        elapsed_s=time.monotonic() - began_s,
    )
    for line in summary(made):
        Console().print(line, highlight=False, soft_wrap=True)
    if given.quick and given.docs is None:
        return 0
    _write(made, report(made, extent, about), given.docs or DOCS, given.date, console)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="in two minutes; writes no report")
    parser.add_argument("--seed", type=int, default=1, help="of all random numbers (default 1)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (default 1)")
    parser.add_argument("--minutes", type=float, metavar="M", help="tell of what there is by then")
    parser.add_argument("--docs", type=Path, metavar="DIR", help="where the report goes")
    today = datetime.now(UTC).date().isoformat()
    parser.add_argument("--date", default=today, help="of the report (default: today)")
    return parser


def _made(extent: Extent, jobs: int, minutes: float | None, console: Console) -> tuple[Made, ...]:
    wanted = list(cases(extent))
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=len(wanted))
        teller = _Teller(console, len(wanted), minutes)

        def until(one: Made) -> bool:
            progress.update(task, advance=1, description=f"{one.case.part}: {one.case.kind}")
            return teller.told_enough()

        return make_all(wanted, jobs, until)


class _Teller:
    """Tells of the progress in lines now and then, where there is no terminal."""

    def __init__(self, console: Console, total: int, minutes: float | None) -> None:
        self._console = console
        self._total = total
        self._number = 0
        self._began_s = self._told_s = time.monotonic()
        self._most_s = math.inf if minutes is None else 60 * minutes

    def told_enough(self) -> bool:
        """Count one more trial; return whether the time is up."""
        self._number += 1
        now_s = time.monotonic()
        if not self._console.is_terminal and now_s - self._told_s > _EVERY_S:
            self._told_s = now_s
            self._console.print(f"{self._number:,} of {self._total:,} runs", highlight=False)
        return now_s - self._began_s > self._most_s


def _write(made: Sequence[Made], text: str, docs: Path, date: str, console: Console) -> None:
    docs.mkdir(parents=True, exist_ok=True)
    file = docs / f"calibration-{date}.md"
    file.write_text(text, encoding="utf-8")
    for written in (file, *draw_all(made, docs / "calibration")):
        console.print(f"wrote {written}", highlight=False, soft_wrap=True)


def _command(given: argparse.Namespace) -> str:
    quick = " --quick" if given.quick else ""
    minutes = "" if given.minutes is None else f" --minutes {given.minutes:g}"
    return f"python -m bench.calibration{quick} --seed {given.seed}{minutes}"


if __name__ == "__main__":
    sys.exit(main())
