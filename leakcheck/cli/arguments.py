"""From the command line's arguments to a command that can be carried out."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leakcheck.cli.commands import PARTS, build_parser
from leakcheck.cli.slips import given_to
from leakcheck.configuration.table import Configuration, read_configuration

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A command as it was asked for, and what carries it out and returns the exit code."""

    command: Any
    do: "Callable[[Screen, Screen], int]"


def parse(arguments: list[str] | None) -> Asked:
    """Return what the command line and the nearest configuration ask for.

    Raises:
        UsageError: if a value is none of its kind. argparse itself exits with 2.
    """
    typed = sys.argv[1:] if arguments is None else arguments
    given = given_to(build_parser(_named(typed)), typed)
    part = PARTS[given.command]()
    folder = Path.cwd()
    found = read_configuration(folder) if part.is_configured else Configuration(folder=folder)
    command = part.read(given, found)
    return Asked(command=command, do=partial(part.do, command))


def _named(typed: list[str]) -> Iterable[str]:
    """Return the commands whose arguments can matter: those of all others are not even loaded."""
    if typed[:1] == ["--version"]:
        return ()
    return typed[:1] if typed and typed[0] in PARTS else PARTS
