"""`leakcheck doctor`: what it finds here, and in places where something is missing."""

import ctypes.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leakcheck.cli import main
from leakcheck.model.errors import TargetError
from leakcheck.run.launch import Launch
from tests.process.test_interpreters import environment, pretend

JEMALLOC = ctypes.util.find_library("jemalloc")
Said = tuple[int, list[str], str]


@pytest.fixture
def doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """Return `leakcheck doctor` in this process: its exit code, lines and complaints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LD_PRELOAD", raising=False)

    def run(*arguments: str) -> Said:
        code = main(["doctor", *arguments])
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    return run


def of(lines: list[str], name: str) -> str:
    """Return what the line about `name` says of it."""
    (found,) = [line for line in lines if line.startswith(f"{name} ")]
    return found.removeprefix(name).strip()


def test_here_every_probe_is_proved_and_nothing_is_left_behind(
    doctor: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    code, lines, err = doctor()
    signals = ("heap", "rss", "descriptors", "threads", "tasks", "children")

    assert (code, err, lines[-1]) == (0, "", "CLEAN can be said here")
    assert {of(lines, name) for name in signals} == {"proved"}
    assert of(lines, "interpreter") == f"Python {sys.version.split()[0]}, {sys.executable}"
    assert of(lines, "allocator") == "that of the C library"
    assert list(tmp_path.iterdir()) == [temporary]
    assert list(temporary.iterdir()) == []


def test_the_json_says_the_same_as_the_lines(doctor: Callable[..., Said], tmp_path: Path) -> None:
    code, lines, _ = doctor("--json", "doctor.json")
    document: dict[str, Any] = json.loads((tmp_path / "doctor.json").read_bytes())
    told = {fact["name"]: fact["value"] for fact in document["facts"]}

    assert code == 0
    assert (document["schema_version"], document["clean_can_be_said"]) == (1, True)
    assert document["reason"] is None
    assert told == {name: of(lines, name) for name in told}
    assert len(told) == len(lines) - 1


def test_an_interpreter_without_memray_is_examined_all_the_same(
    doctor: Callable[..., Said], tmp_path: Path
) -> None:
    python = environment(tmp_path)
    code, lines, _ = doctor("--python", str(python))

    assert code == 1
    assert of(lines, "memray").startswith(f"none   ({python}: found no memray, wanted 1.20")
    assert of(lines, "heap") == "proved"
    assert lines[-1].endswith("; or run with --profiler none")


def test_an_older_memray_is_told_with_its_version(
    doctor: Callable[..., Said], tmp_path: Path
) -> None:
    python = environment(tmp_path)
    pretend(python, "memray", "1.19.3")
    code, lines, _ = doctor("--python", str(python))

    assert code == 1
    assert of(lines, "memray").startswith("1.19.3   (")


@pytest.mark.skipif(JEMALLOC is None, reason="needs a jemalloc to preload")
def test_the_allocator_of_another_child_of_the_same_parent_is_not_the_workloads(
    doctor: Callable[..., Said],
) -> None:
    beside = {**os.environ, "LD_PRELOAD": str(JEMALLOC)}
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=beside):
        _, lines, _ = doctor()

    assert of(lines, "allocator") == "that of the C library"


@pytest.mark.skipif(JEMALLOC is None, reason="needs a jemalloc to preload")
def test_another_allocator_blinds_the_heap_and_is_named(
    doctor: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_PRELOAD", str(JEMALLOC))
    code, lines, _ = doctor()

    assert code == 1
    assert of(lines, "allocator").startswith(f"{JEMALLOC} (preloaded)   (")
    assert of(lines, "heap").startswith("blind   (")
    assert lines[-1].startswith("CLEAN cannot be said here: heap in use can be read, and does not")


def test_a_trial_that_cannot_be_run_is_the_reason(
    doctor: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        msg = "its process ended while it was started"
        raise TargetError(msg)

    monkeypatch.setattr(Launch, "run", refuse)
    code, lines, _ = doctor()

    assert code == 1
    assert lines[-1] == (
        "CLEAN cannot be said here: an empty workload could not be measured: "
        "its process ended while it was started"
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--python", "./nothing"), "nothing: found no interpreter that answers (No such file"),
        (("--json", f"no{os.sep}where.json"), "--json: no/where.json cannot be written"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    doctor: Callable[..., Said], arguments: tuple[str, ...], complaint: str
) -> None:
    code, lines, err = doctor(*arguments)

    assert (code, lines) == (2, [])
    assert complaint in err
    assert err.count("\n") == 1


def test_the_interpreter_of_the_configuration_is_the_one_that_is_examined(
    doctor: Callable[..., Said], tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.leakcheck]\npython = "./env/python"\n')
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "python").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "env" / "python").chmod(0o755)

    assert f"{tmp_path}/env/python: found no interpreter that answers" in doctor()[2]


def test_a_module_of_the_users_with_the_trials_name_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "os.py").write_text("raise SystemExit('not this one')\n")
    command = [sys.executable, "-P", "-m", "leakcheck", "doctor"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--help"])

    assert ended.value.code == 0
    assert "leakcheck doctor --python ../shop/.venv/bin/python" in capsys.readouterr().out
