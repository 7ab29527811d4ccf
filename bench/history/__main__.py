"""The history's command: `python -m bench.history`, from the folder that holds `bench`.

It ends with 2 where something given to it cannot be used, and imports nothing then.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.history.commits import commit_before, commit_named
from bench.history.database import PROJECT, history_url, opened
from bench.history.gather import CommitAt, runs_in
from bench.history.store import History
from leakcheck.model.errors import LeakcheckError

USAGE: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    given = _parser().parse_args(arguments)
    console, errors = Console(), Console(stderr=True)
    try:
        code: int = given.do(given, console)
    except LeakcheckError as error:
        _say(errors, f"history: {error}")
        return USAGE
    return code


def _say(console: Console, line: str) -> None:
    console.print(line, soft_wrap=True, markup=False, highlight=False)


def _import(given: argparse.Namespace, console: Console) -> int:
    """Import what was given, all of it or nothing."""
    runs = runs_in(given.paths, _commit_at(given.commit))
    with opened(history_url(os.environ, given.url)) as engine:
        added = History(engine).add(runs)
    _say(console, f"{added.new} new in the history, {added.known} known before")
    return 0


def _commit_at(name: str | None) -> CommitAt:
    if name is None:
        return lambda moment: commit_before(moment, PROJECT)
    named = commit_named(name, PROJECT)
    return lambda _: named


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    imports = commands.add_parser("import", help="keep benchmark files and run records")
    imports.set_defaults(do=_import)
    imports.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    imports.add_argument("--commit", metavar="COMMIT", help="the commit of the records among them")
    for command in (imports,):
        command.add_argument("--url", help="the database (default: the environment's, or a file)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
