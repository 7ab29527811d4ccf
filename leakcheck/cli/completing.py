"""`leakcheck completion`: a script with which a shell completes commands, options and values."""

import argparse
from dataclasses import dataclass
from typing import Any, Final

from leakcheck.cli.layout import Commands, add_command, commands_in
from leakcheck.configuration.table import Configuration

SHELLS: Final = ("bash", "zsh", "fish")
"""Those that the tests ask for completions; shtab knows of two more."""
_HELP: Final = "print a script with which a shell completes all of this"
_EXAMPLES: Final = """\
examples:
  eval "$(leakcheck completion bash)"       # in ~/.bashrc
  eval "$(leakcheck completion zsh)"        # in ~/.zshrc, after compinit
  leakcheck completion fish > ~/.config/fish/completions/leakcheck.fish

exit codes: 0 printed, 2 wrong arguments
"""
_RECORDS: Final = {
    "bash": """\
_leakcheck_records() {
  compgen -W "$(command ls .leakcheck 2>/dev/null)" -- "$1"
  compgen -d -- "$1"
}""",
    "zsh": """\
_leakcheck_records() {
  local -a ids
  ids=(.leakcheck/2*(N/:t))
  compadd -a ids
  _files -/
}""",
    "fish": """\
function _leakcheck_records
  command ls .leakcheck 2>/dev/null
  __fish_complete_directories (commandline -ct)
end""",
}
"""A record is named by its id in the usual place, or by its folder."""
_RECORD: Final = {
    "bash": "_leakcheck_records",
    "zsh": "_leakcheck_records",
    "fish": "(_leakcheck_records)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionCommand:
    """A `leakcheck completion`: for which shell."""

    shell: str


def add_completion(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck completion`."""
    parser = add_command(commands, "completion", usage="SHELL", does=_HELP, more=_EXAMPLES)
    parser.add_argument(
        "shell", metavar="SHELL", choices=SHELLS, help=f"{', '.join(SHELLS[:-1])} or {SHELLS[-1]}"
    )


def completion_command(given: argparse.Namespace, _: Configuration) -> CompletionCommand:
    """Return what the arguments ask for."""
    return CompletionCommand(shell=given.shell)


def completion_script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script for `shell`; what a value is completed to follows from its metavar."""
    import shtab  # noqa: PLC0415 -- no other command needs it

    kinds: dict[str, Any] = {
        "TARGET": shtab.FILE,
        "FILE": shtab.FILE,
        "PATH": shtab.FILE,
        "DIR": shtab.DIRECTORY,
        **dict.fromkeys(("RECORD", "BEFORE", "A", "B"), _RECORD),
    }
    for one in (parser, *commands_in(parser).values()):
        for action in one._actions:  # noqa: SLF001 -- argparse has no public list of them
            if action.metavar in kinds:
                action.complete = kinds[action.metavar]  # type: ignore[attr-defined] # shtab's way
            if isinstance(action, argparse._HelpAction):  # noqa: SLF001 -- likewise
                action.help = "show help"
    return shtab.complete(parser, shell, preamble=_RECORDS[shell])
