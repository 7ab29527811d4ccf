"""Each option of each command, and each key of the configuration, is in an example that runs."""

import argparse
import shlex
import tomllib
from collections.abc import Iterator

import pytest

from leakcheck.cli.commands import build_parser
from leakcheck.cli.layout import commands_in
from leakcheck.configuration.table import FILE_NAME, KINDS
from tests.docs.fences import Command, File, Step, steps_of
from tests.docs.pages import ROOT, pages

STEPS: list[Step] = [step for page in pages() for step in steps_of(ROOT / page)]
PARSER = build_parser()
COMMANDS = commands_in(PARSER)
ENDS = {"|", "||", "&&", ";", ">", ">>"}


def actions_of(parser: argparse.ArgumentParser) -> list[tuple[str, ...]]:
    """Return what each option may be typed as, but for the help."""
    found = {tuple(action.option_strings) for action in parser._actions if action.option_strings}
    return sorted(names for names in found if "--help" not in names)


def typed() -> Iterator[tuple[str, str]]:
    """Yield each command that an example runs with each of the options that it is given."""
    for step in STEPS:
        if isinstance(step, Command):
            yield from typed_in(step.text.replace("\\\n", " "))


def typed_in(text: str) -> Iterator[tuple[str, str]]:
    words = iter(shlex.split(text, comments=True))
    for word in words:
        if word == "leakcheck" and (command := next(words, "")):
            yield command, command
            for more in words:
                if more in ENDS:
                    break
                yield command, more.partition("=")[0]


SHOWN = set(typed())
ALL = [(name, names) for name, parser in COMMANDS.items() for names in actions_of(parser)]


@pytest.mark.parametrize(
    ("command", "names"), ALL, ids=[f"{command} {names[0]}" for command, names in ALL]
)
def test_an_option_is_in_an_example_that_runs(command: str, names: tuple[str, ...]) -> None:
    shown = [name for name in names if (command, name) in SHOWN]

    assert shown, f"leakcheck {command} {' or '.join(names)}: found in no example of any page"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_in_an_example_that_runs(command: str) -> None:
    text = "\n".join(step.text for step in STEPS if isinstance(step, Command))

    assert f"leakcheck {command}" in text


def test_the_options_of_no_command_are_in_an_example_too() -> None:
    assert {("--version", "--version"), ("--help", "--help")} <= SHOWN


@pytest.mark.parametrize("key", KINDS)
def test_a_key_of_the_configuration_is_in_an_example_that_runs(key: str) -> None:
    tables = [
        tomllib.loads(step.text)["tool"]["leakcheck"]
        for step in STEPS
        if isinstance(step, File) and step.name.endswith(FILE_NAME)
    ]

    assert any(key in table for table in tables), f"{key}: found in no pyproject.toml of any page"


def test_a_command_line_is_read_up_to_its_end() -> None:
    line = "leakcheck report --format=text -o - | grep -c leakcheck # --out"

    assert set(typed_in(line)) == {
        ("report", "report"),
        ("report", "--format"),
        ("report", "-o"),
        ("report", "-"),
    }
