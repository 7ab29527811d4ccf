"""What the files of the repository may be: short, and at home anywhere."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 400
FOREIGN = {
    "a path of one machine": re.compile(r"(?<![\w.}~-])/(?:work|root|home/\w+|Users/\w+)/"),
    "a registry's host": re.compile("|".join((r"pypi\.o" + "rg", r"deb\.debian\.o" + "rg"))),
    "an issue's number": re.compile(r"(?i)\bissue #\d"),
}


def committed() -> list[Path]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    try:
        found = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [ROOT / name for name in found.stdout.split("\0") if name and (ROOT / name).is_file()]


FILES = committed()
needs_git = pytest.mark.skipif(not FILES, reason="no git here, or no repository")


@needs_git
def test_no_python_file_is_long() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for file in FILES
        if file.suffix == ".py"
    }

    assert {name: length for name, length in lengths.items() if length >= LONGEST} == {}


@needs_git
@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_names(what: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for file in FILES
        for number, line in enumerate(
            file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        )
        if FOREIGN[what].search(line)
    ]

    assert found == []


def test_what_ci_runs_can_be_run() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
