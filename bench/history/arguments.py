"""The history's command line."""

import argparse
import math
from enum import StrEnum, unique
from pathlib import Path
from typing import Final

from bench.history.database import PROJECT

OUT: Final = PROJECT / "reports" / "out"
RECORDS: Final = PROJECT / ".leakcheck"
BENCHMARKS: Final = OUT / "bench.json"
_ABOUT: Final = "Keep the figures of benchmarks and checked workloads, and say what changed."


@unique
class Command(StrEnum):
    """What there is to do."""

    IMPORT = "import"
    TREND = "trend"
    DASHBOARD = "dashboard"
    FALSE_ALARMS = "false-alarms"


def share(text: str) -> float:
    """Return the share that `text` names, such as 10% or 0.1."""
    number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if not 0 < number < math.inf:
        msg = f"found {text}, wanted a share, such as 10%"
        raise ValueError(msg)
    return number


def parser() -> argparse.ArgumentParser:
    """Return the parser; each command's own options are of the namespace it returns."""
    made = argparse.ArgumentParser(prog="python -m bench.history", description=_ABOUT)
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    imports = commands.add_parser("import", help="keep benchmark files and run records")
    imports.set_defaults(command=Command.IMPORT)
    imports.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    imports.add_argument("--commit", metavar="COMMIT", help="the commit of the records among them")
    trend = commands.add_parser("trend", help="say what changed, and end with 1 on a regression")
    trend.set_defaults(command=Command.TREND, output=OUT / "trend")
    dashboard = commands.add_parser("dashboard", help="write runs and trends as a static site")
    dashboard.set_defaults(command=Command.DASHBOARD, output=OUT / "site")
    for command in (trend, dashboard):
        command.add_argument("-o", "--output", type=Path, metavar="DIR", help="where the pages go")
        command.add_argument(
            "--records",
            type=Path,
            nargs="+",
            default=[RECORDS],
            metavar="DIR",
            help="folders of run records (default .leakcheck)",
        )
        command.add_argument(
            "--benchmarks",
            type=Path,
            default=BENCHMARKS,
            metavar="FILE",
            help="the newest benchmark file (default reports/out/bench.json)",
        )
        command.add_argument("--share", type=share, help="the least change that counts, as 10%%")
        command.add_argument("--since", metavar="COMMIT", help="regressions up to it are known")
        command.add_argument("--as-it-is", action="store_true", help="import nothing before")
    for command in (imports, trend, dashboard):
        command.add_argument("--url", help="the database (default: the environment's, or a file)")
    counted = commands.add_parser("false-alarms", help="count on histories whose truth is known")
    counted.set_defaults(command=Command.FALSE_ALARMS)
    counted.add_argument("--histories", type=int, default=1000, metavar="N")
    counted.add_argument("--seed", type=int, default=1, metavar="N")
    return made
