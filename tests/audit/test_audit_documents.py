"""The page and the documents: they are what the results say, and what they show can be run."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bench.audit.documents import TEMPLATES, fill, filled, values
from bench.audit.plan import FULL, QUICK
from bench.audit.results import from_json
from leakcheck.cli.arguments import parse
from leakcheck.cli.running import Command
from system.settings import Settings
from tests.audit.made import results

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
NAMES = sorted(file.name for file in TEMPLATES.glob("*.md"))
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[str, str]]:
    """The name of each document and the text of each block of that language in it."""
    return [
        (name, found["text"])
        for name in NAMES
        for found in BLOCK.finditer((TEMPLATES / name).read_text())
        if found["language"] == language
    ]


COMMANDS = sorted(
    {line[2:] for _, text in blocks("console") for line in text.splitlines() if line[:2] == "$ "}
)


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_what_the_committed_results_say(name: str) -> None:
    measured = from_json((DOCS / "audit" / "results.json").read_text())

    assert (DOCS / name).read_text() == filled(measured)[name], "python -m bench.audit --render"


@pytest.mark.parametrize("extent", [FULL, QUICK], ids=["full", "quick"])
def test_every_place_of_every_template_is_filled(extent: object) -> None:
    for text in filled(results(extent)).values():  # type: ignore[arg-type]
        assert "{{" not in text
        assert text.endswith("\n")


def test_no_figure_is_typed_into_a_template() -> None:
    """Units stand only where a value does, but for what is claimed, set or assumed."""
    figure = re.compile(r"\d[\d.,]* (?:ms|MB|KiB|MiB|KB|B|s)\b")
    found = {
        match for name in NAMES for match in figure.findall(_prose((TEMPLATES / name).read_text()))
    }

    assert found <= {"20 KB", "50 MiB"}


def test_a_place_without_a_value_is_refused() -> None:
    with pytest.raises(KeyError, match="no-such"):
        fill("{{ no-such }}", dict(values(results())))


@pytest.mark.parametrize(("name", "text"), blocks("python"))
def test_a_snippet_runs(name: str, text: str) -> None:
    assert "assert " in text, "a snippet shows what it claims"
    exec(compile(text, name, "exec"), {"__name__": name})  # noqa: S102 -- the document's own lines


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_can_be_given(command: str) -> None:
    words = shlex.split(command)
    variables = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    program, *arguments = (word for word in words if not re.match(r"[A-Z_]+=", word))

    Settings.from_env(variables)
    if program == "nox":
        assert arguments[1] in sessions()
    elif program == "leakcheck":
        assert isinstance(parse(arguments).command, Command)
    else:
        assert [program, *arguments] == ["python", "-m", "system"]
        assert importlib.util.find_spec("system.__main__") is not None


@pytest.mark.slow
@pytest.mark.parametrize("command", [one for one in COMMANDS if "leakcheck run" in one])
def test_what_the_quick_start_shows_is_what_happens(command: str, tmp_path: Path) -> None:
    leaks = "SYSTEM_RELEASE=current" not in command
    variables = dict(word.split("=", 1) for word in shlex.split(command) if "=" in word)
    arguments = shlex.split(command)[len(variables) + 1 :]
    # A busy machine takes longer than the document lets it.
    patiently = [*arguments, "--time-limit", "60", "--out", str(tmp_path)]
    answer = subprocess.run(
        [sys.executable, "-m", "leakcheck", *patiently],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[-1] == ("1 LEAK" if leaks else "1 CLEAN")


def sessions() -> set[str]:
    return set(
        re.findall(r"^@nox\.session.*\ndef (\w+)", (ROOT / "noxfile.py").read_text(), re.MULTILINE)
    )


def _prose(text: str) -> str:
    return BLOCK.sub("", text)
