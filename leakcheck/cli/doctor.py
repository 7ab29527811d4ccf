"""`leakcheck doctor`: what can be measured here, and what cannot."""

import argparse
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakcheck.analysis.health import health_of
from leakcheck.cli.ending import terminated_as_interrupted
from leakcheck.cli.exit_codes import EXIT_CLEAN, EXIT_LEAK
from leakcheck.cli.layout import Commands, add_command
from leakcheck.cli.screen import say
from leakcheck.cli.writing import write_text
from leakcheck.configuration.options import python_of
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import writable
from leakcheck.model.health import Health
from leakcheck.run.trial import try_out

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen

DOCTOR_SCHEMA_VERSION: Final = 1
_HELP: Final = "say what can be measured here, and whether CLEAN can be said"
_EXAMPLES: Final = """\
examples:
  leakcheck doctor
  leakcheck doctor --python ../shop/.venv/bin/python
  leakcheck doctor --json doctor.json

It runs an empty workload for a moment: its process keeps and frees known bytes,
a descriptor, a thread and a task, and each must show. What shows is proved,
what does not is blind.

exit codes: 0 CLEAN can be said here, 1 it cannot, and the last line says why,
            2 wrong arguments, or no usable interpreter, 130 interrupted
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorCommand:
    """A `leakcheck doctor`: of which interpreter, and where to write it."""

    python: Path
    json: Path | None = None


def add_doctor(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck doctor`."""
    parser = add_command(commands, "doctor", usage="[options]", does=_HELP, more=_EXAMPLES)
    parser.add_argument(
        "--python", metavar="PATH", help="the interpreter to look at (default: as for run)"
    )
    parser.add_argument("--json", metavar="FILE", help="write what was found as JSON")


def doctor_command(given: argparse.Namespace, configuration: Configuration) -> DoctorCommand:
    """Return what the arguments ask for; the interpreter is the one that a run would take.

    Raises:
        UsageError: if there is no such interpreter, or the file cannot be written.
    """
    python = python_of(given.python, configuration)
    file = writable("json", Path(given.json)) if given.json is not None else None
    return DoctorCommand(python=python, json=file)


def examine(command: DoctorCommand, console: "Screen", _: "Screen") -> int:
    """Say what was found, and return the exit code.

    Raises:
        UsageError: if there is no usable interpreter.
    """
    with terminated_as_interrupted():
        health = health_of(try_out(command.python, os.environ))
    for line in lines_of(health):
        say(console, line)
    if command.json is not None:
        write_text(command.json, health_text(health))
    return EXIT_CLEAN if health.reason is None else EXIT_LEAK


def lines_of(health: Health) -> list[str]:
    """Return the table of facts as lines, and a last one that says what they come to.

    >>> lines_of(Health(facts=(), reason=None))
    ['CLEAN can be said here']
    """
    width = max((len(fact.name) for fact in health.facts), default=0)
    table = [
        f"{fact.name:<{width}}  {fact.value}{f'   ({fact.remark})' if fact.remark else ''}"
        for fact in health.facts
    ]
    return [*table, _closing(health)]


def health_text(health: Health) -> str:
    """Return the facts as JSON text."""
    document = {
        "schema_version": DOCTOR_SCHEMA_VERSION,
        "clean_can_be_said": health.reason is None,
        "reason": health.reason,
        "facts": [asdict(fact) for fact in health.facts],
    }
    return json.dumps(document, allow_nan=False, indent=1) + "\n"


def _closing(health: Health) -> str:
    if health.reason is None:
        return "CLEAN can be said here"
    return f"CLEAN cannot be said here: {health.reason}"
