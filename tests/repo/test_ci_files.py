"""The ready-made files for CI servers: valid by their schemas, and with commands that parse."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from leakcheck.cli.arguments import parse
from leakcheck.cli.running import Command

FOLDER = Path(__file__).parents[2] / "docs" / "ci"
SCHEMAS = {
    "github-workflow.yml": "vendor.github-workflows",
    "gitlab-job.yml": "vendor.gitlab-ci",
}


def lines_of(value: object) -> Iterator[str]:
    """Yield every line of every text in a document."""
    if isinstance(value, str):
        yield from value.splitlines()
    elif isinstance(value, dict):
        for one in value.values():
            yield from lines_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from lines_of(one)


def document(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def test_each_file_has_a_schema() -> None:
    assert {file.name for file in FOLDER.glob("*.yml")} == set(SCHEMAS)


@pytest.mark.parametrize(("name", "schema"), SCHEMAS.items())
def test_the_file_is_valid(name: str, schema: str) -> None:
    command = ["check_jsonschema", "--builtin-schema", schema, str(FOLDER / name)]
    ran = subprocess.run(
        [sys.executable, "-m", *command], check=False, capture_output=True, text=True
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("name", SCHEMAS)
def test_its_command_lines_are_ours(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = [line for line in lines_of(document(name)) if line.startswith("leakcheck ")]

    assert commands
    for command in commands:
        parsed = parse(shlex.split(command)[1:]).command
        assert isinstance(parsed, Command)
        assert parsed.files.json == Path("verdicts.json")


def test_actions_are_pinned_to_a_major_version_and_get_no_more_than_they_need() -> None:
    workflow = document("github-workflow.yml")
    (job,) = workflow["jobs"].values()
    uses = [step["uses"] for step in job["steps"] if "uses" in step]

    assert all(one.rpartition("@")[2].strip("v").isdigit() for one in uses)
    assert workflow["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "security-events": "write"}


def test_what_is_uploaded_is_what_is_written() -> None:
    job = document("gitlab-job.yml")["leakcheck"]
    command = next(line for line in job["script"] if line.startswith("leakcheck "))
    (steps,) = (one["steps"] for one in document("github-workflow.yml")["jobs"].values())
    sarif = next(step["with"] for step in steps if "upload-sarif" in step.get("uses", ""))
    run = next(step["run"] for step in steps if "leakcheck run" in step.get("run", ""))

    assert f"--junit {job['artifacts']['reports']['junit']}" in command
    assert f"--code-quality {job['artifacts']['reports']['codequality']}" in command
    assert f"--sarif {sarif['sarif_file']}" in run
