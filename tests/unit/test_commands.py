"""Each command loads what it stands on, and no more."""

import subprocess
import sys

import pytest

from leakcheck.cli.commands import PARTS, build_parser
from leakcheck.cli.layout import commands_in

LOADED = """
import sys
from leakcheck.cli.arguments import parse
from leakcheck.model.errors import UsageError
try:
    parse(sys.argv[1:])
except (SystemExit, UsageError):
    pass  # nothing of that name is there
print(*sys.modules, file=sys.stderr, sep=chr(10))
"""


def loaded_by(*typed: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, *typed], capture_output=True, text=True, check=True
    )
    return set(ran.stderr.split())


HEAVY = {"check", "record", "run", "watch", "bisecting", "matrix"}


@pytest.mark.parametrize(
    ("typed", "needed"),
    [
        (["--version"], set()),
        (["completion", "bash"], set()),
        (["watch", "1"], {"watch"}),
        (["run", "jobs.py:tick"], {"check", "record", "run"}),
        (["judge", "x"], {"check", "record", "run"}),
        (["bisect", "jobs.py:tick", "--good", "v1"], {"check", "record", "run", "bisecting"}),
        (["matrix", "jobs.py:tick"], {"check", "record", "run", "matrix"}),
    ],
)
def test_a_command_loads_what_it_needs_and_not_what_only_others_do(
    typed: list[str], needed: set[str]
) -> None:
    loaded = loaded_by(*typed)

    assert {part for part in HEAVY if f"leakcheck.{part}" in loaded} == needed


@pytest.mark.parametrize("name", PARTS)
def test_a_command_alone_has_the_arguments_it_has_among_all(name: str) -> None:
    alone = commands_in(build_parser([name]))[name]

    assert alone.format_help() == commands_in(build_parser())[name].format_help()
