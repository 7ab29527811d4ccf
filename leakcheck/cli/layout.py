"""How help is laid out: one screen a command, one line an option."""

import argparse
from typing import Final

_HELP_AT: Final = 25
"""The column that help texts begin in, at most: right of ``--exact-iterations N``."""
_NAME: Final = 14
"""How wide the names of commands are, with their indent, which argparse does not count."""

Commands = argparse._SubParsersAction  # noqa: SLF001 -- argparse has no public name for it


class Layout(argparse.RawDescriptionHelpFormatter):
    """Help whose texts begin early, and whose examples stay as they are."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=_HELP_AT)
        self._action_max_length = _NAME


def add_command(
    commands: "Commands[argparse.ArgumentParser]",
    name: str,
    *,
    usage: str,
    does: str,
    more: str,
) -> argparse.ArgumentParser:
    """Return the parser of a new command: `usage` follows its name, `more` ends its help.

    Its ``--help`` takes no line of the help: whoever reads that has found it.
    """
    parser = commands.add_parser(
        name,
        prog=f"leakcheck {name}",
        usage=f"leakcheck {name} {usage}",
        help=does,
        description=f"{does[0].upper()}{does[1:]}.",
        epilog=more,
        formatter_class=Layout,
        add_help=False,
    )
    parser.add_argument("-h", "--help", action="help", help=argparse.SUPPRESS)
    return parser


def commands_in(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command, by its name."""
    found = (one for one in parser._actions if isinstance(one, Commands))  # noqa: SLF001 -- see below
    return {name: each for one in found for name, each in one.choices.items()}


def options_in(parser: argparse.ArgumentParser) -> list[str]:
    """Return every option that `parser` takes, as it is typed."""
    return list(parser._option_string_actions)  # noqa: SLF001 -- argparse lists them nowhere else
