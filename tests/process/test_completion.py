"""Real shells complete what is typed after `leakcheck`."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from leakcheck.cli.commands import build_parser
from leakcheck.cli.completing import SHELLS, completion_script

RECORD = "20261123T120000Z-tick-1a2b3c"
BASH = """
source ./script
COMP_WORDS=({words})
COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
$(complete -p leakcheck | sed 's/.*-F \\([^ ]*\\).*/\\1/') leakcheck "${{COMP_WORDS[-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
FISH = "source ./script; complete -C {line}"
ZSH = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'autoload -Uz compinit; compinit -u -d ./dump; eval "$(<./script)"'
zpty -w shell 'show() {{ print -r -- "<$BUFFER>"; }}; zle -N show; bindkey "^X" show; echo rea""dy'
zpty -r shell reply '*ready*'
zpty -n -w shell {line}$'\\t\\C-x'
zpty -r shell reply '*<*>*'
print -r -- "$reply"
zpty -d shell
"""
"""Its completion works in an editor only: so a line is typed, completed and shown."""


@pytest.fixture(scope="module", params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    if shutil.which(request.param) is None:
        pytest.skip(f"no {request.param} here")
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, shell: str) -> Path:
    (tmp_path / "jobs.py").touch()
    (tmp_path / "reports").mkdir()
    (tmp_path / ".leakcheck" / RECORD).mkdir(parents=True)
    (tmp_path / "script").write_text(completion_script(build_parser(), shell), encoding="utf-8")
    return tmp_path


def completed(folder: Path, shell: str, line: str) -> str:
    """Return what the shell offers after `line`."""
    quoted = f"'{line}'"
    words = " ".join(f"'{word}'" for word in line.split(" "))
    text = {"bash": BASH, "zsh": ZSH, "fish": FISH}[shell].format(line=quoted, words=words)
    done = subprocess.run(
        [shell, "-c", text],
        cwd=folder,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(folder),
            "TERM": "dumb",
            "LANG": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert not done.stderr
    return done.stdout


ASKED = {
    "leakcheck ve": "verify-fix",
    "leakcheck run --count": "--count-threshold",
    "leakcheck run --profiler m": "memray",
    "leakcheck run jo": "jobs.py",
    "leakcheck run jobs.py:tick --json jo": "jobs.py",
    "leakcheck run jobs.py:tick --out re": "reports",
    "leakcheck judge 2026": RECORD,
    "leakcheck compare 2026": RECORD,
    "leakcheck completion f": "fish",
}


@pytest.mark.parametrize(("line", "offered"), ASKED.items())
def test_a_shell_completes(shell: str, folder: Path, line: str, offered: str) -> None:
    assert offered in completed(folder, shell, line)


def test_folders_are_completed_to_folders(shell: str, folder: Path) -> None:
    assert "jobs.py" not in completed(folder, shell, "leakcheck run x --out jo").replace(
        "--out jo", ""
    )
