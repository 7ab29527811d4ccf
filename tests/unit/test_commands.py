"""Each command loads what it stands on, and no more."""

import subprocess
import sys

import pytest

from leakcheck.cli.commands import PARTS, build_parser
from leakcheck.cli.layout import commands_in

LOADED = """
import sys
from leakcheck.cli.arguments import parse
try:
    parse(sys.argv[1:])
except SystemExit:
    pass
print(*sys.modules, file=sys.stderr, sep=chr(10))
"""


def loaded_by(*typed: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, *typed], capture_output=True, text=True, check=True
    )
    return set(ran.stderr.split())


@pytest.mark.parametrize(
    ("typed", "without"),
    [
        (["--version"], {"leakcheck.check", "leakcheck.watch", "leakcheck.record"}),
        (["completion", "bash"], {"leakcheck.check", "leakcheck.watch", "leakcheck.record"}),
        (["watch", "1"], {"leakcheck.check", "leakcheck.record", "leakcheck.run"}),
        (["run", "jobs.py:tick"], {"leakcheck.watch", "leakcheck.bisecting", "http.client"}),
        (["judge", "x"], {"leakcheck.watch", "leakcheck.bisecting", "leakcheck.matrix"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_command_does_not_load_what_only_others_need(typed: list[str], without: set[str]) -> None:
    assert loaded_by(*typed) & without == set()


@pytest.mark.parametrize("name", PARTS)
def test_a_command_alone_has_the_arguments_it_has_among_all(name: str) -> None:
    alone = commands_in(build_parser([name]))[name]

    assert alone.format_help() == commands_in(build_parser())[name].format_help()
