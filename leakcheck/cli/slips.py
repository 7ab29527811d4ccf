"""What is answered to a command line with a slip in it: one line, and what may have been meant."""

import argparse
import difflib
import sys
from collections.abc import Iterable
from typing import NoReturn

from leakcheck.cli.layout import commands_in, options_in


def given_to(parser: argparse.ArgumentParser, typed: list[str]) -> argparse.Namespace:
    """Return the arguments in `typed`, the command among them and its own parser as ``parser``.

    Nothing typed shows the overview; that, and any slip, ends with exit code 2.
    """
    names = list(commands_in(parser))
    if not typed:
        parser.print_help(sys.stderr)
        parser.exit(2)
    if not typed[0].startswith("-") and typed[0] not in names:
        _refuse_command(parser, typed[0], names)
    given, unknown = parser.parse_known_args(typed)
    if unknown:
        _refuse_options(given.parser, unknown)
    return given


def _refuse_command(parser: argparse.ArgumentParser, name: str, names: list[str]) -> NoReturn:
    wanted = ", ".join(names)
    parser.error(f"there is no command {name!r}{meant(name, names)}, wanted one of {wanted}")


def _refuse_options(parser: argparse.ArgumentParser, unknown: Iterable[str]) -> NoReturn:
    known = options_in(parser)
    said = (f"{one}{meant(one.partition('=')[0], known)}" for one in unknown)
    parser.error(f"unrecognized arguments: {' '.join(said)}")


def meant(name: str, known: Iterable[str]) -> str:
    """Return what may have been meant, in brackets; nothing where nothing is near.

    >>> meant("--treshold", ["--threshold", "--json"]), meant("--zzz", ["--json"])
    (' (did you mean --threshold?)', '')
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""
