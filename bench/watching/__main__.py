"""`python -m bench.watching`: watches every service by every rule and prints who was right."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.watching.study import QUICK, Extent, Scores, study
from bench.watching.table import right, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study as the arguments say; 1 where the watch was wrong more often than it may be."""
    given = _parser().parse_args(arguments)
    extent = QUICK if given.quick else Extent(seeds=given.seeds, days=given.days)
    errors, began_s = Console(stderr=True), time.monotonic()
    scores: Scores = {}
    for name, scores in study(extent):  # noqa: B007 -- the last scores are all of them
        errors.print(f"{time.monotonic() - began_s:5.0f} s  {name}", highlight=False)
    text = table(scores, extent, date=given.date, command=_command(given))
    sys.stdout.write(text)
    if given.write is not None:
        given.write.write_text(text, encoding="utf-8")
    return 0 if right(scores) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.watching", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two seeds, in two minutes")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="of each (default 5)")
    parser.add_argument("--days", type=float, default=21.0, metavar="D", help="(default 21)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="where the table goes too")
    today = datetime.now(UTC).date().isoformat()
    parser.add_argument("--date", default=today, help="of the table (default: today)")
    return parser


def _command(given: argparse.Namespace) -> str:
    more = " --quick" if given.quick else f" --seeds {given.seeds} --days {given.days:g}"
    return f"python -m bench.watching{more}"


if __name__ == "__main__":
    sys.exit(main())
