"""Other interpreters: those that can be used are, and those that cannot are told apart."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.command import QUICK, Desk, Here, workload

NOTHING = workload("nothing")
OTHERS = [f"3.{minor}" for minor in (11, 12, 13) if minor != sys.version_info.minor]
ANSWER = '{"python": "3.8.2", "memray": null, "libc": "glibc 2.36", "platform": "Linux"}'


def script(desk: Desk, *lines: str) -> str:
    """Write an executable that stands in for an interpreter, and return its name."""
    file = desk.folder / "python"
    file.write_text("\n".join(["#!/bin/sh", *lines]), encoding="utf-8")
    file.chmod(0o755)
    return "./python"


def environment(folder: Path, python: str = sys.executable, *, pip: bool = False) -> Path:
    """Make a virtual environment with nothing but `pip` in it, and return its interpreter."""
    bare = [] if pip else ["--without-pip"]
    command = [python, "-m", "venv", *bare, str(folder / "env")]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "env" / "bin" / "python"


def pretend(python: Path, name: str, version: str) -> None:
    """Have a distribution seem to be installed beside an interpreter."""
    (site,) = python.parent.parent.glob("lib/python*/site-packages")
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ((f"echo '{ANSWER}'",), "found Python 3.8.2, wanted 3.11 or later"),
        (("exit 3",), "found no interpreter that answers (it ended with 3), wanted a Python"),
        (("echo hello",), "found no interpreter that answers (JSONDecodeError)"),
        (("echo 5",), "found no interpreter that answers (TypeError)"),
        (("echo '{}'",), "found no interpreter that answers (KeyError)"),
    ],
)
def test_what_is_no_usable_interpreter_is_told_in_one_line(
    here: Here, lines: tuple[str, ...], complaint: str
) -> None:
    refused = here.refused("--python", script(here.desk, *lines), NOTHING)

    assert f"{here.desk.folder}/python: {complaint}" in refused


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("./nowhere/python", "nowhere/python: found no interpreter that answers (No such file"),
        (".", "found no '.' on PATH, wanted an interpreter"),
        ("./", "found no interpreter that answers (Permission denied)"),
        ("", "found no '' on PATH, wanted an interpreter"),
    ],
)
def test_a_path_that_leads_to_no_interpreter_is_told(here: Here, path: str, complaint: str) -> None:
    assert complaint in here.refused("--python", path, NOTHING)


def test_an_interpreter_without_memray_is_told_how_to_get_it(here: Here) -> None:
    python = environment(here.desk.folder)
    refused = here.refused("--python", str(python), NOTHING)

    assert f"{python}: found no memray, wanted 1.20 or later: install it there" in refused


def test_an_older_memray_is_refused_before_anything_runs(here: Here) -> None:
    python = environment(here.desk.folder)
    pretend(python, "memray", "1.19.3")

    assert "found memray 1.19.3, wanted 1.20 or later" in here.refused(
        "--python", str(python), NOTHING
    )


def test_without_a_profiler_an_empty_environment_will_do(desk: Desk) -> None:
    python = environment(desk.folder)
    desk.write("mine.py", "import leakcheck\n@leakcheck.workload\ndef tick(): pass")
    ran = desk.run(*QUICK, "--python", str(python), "mine.py:tick")

    assert ran.code == 3
    assert ran.record.measurement.iterations == 300
    assert ran.record.machine.memray is None


def test_a_site_that_prints_as_it_starts_does_not_disturb(desk: Desk) -> None:
    desk.write("sitecustomize.py", "print('good morning')")
    ran = desk.run(*QUICK, NOTHING, variables={"PYTHONPATH": str(desk.folder)})

    assert ran.code == 3, ran.err


def _interpreter(version: str) -> str | None:
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = sorted(root.glob(f"versions/{version}.*/bin/python"))
    return str(found[-1]) if found else shutil.which(f"python{version}")


def _cannot(why: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


@pytest.mark.slow
@pytest.mark.parametrize("version", OTHERS)
def test_a_workload_runs_in_another_python_with_the_memray_of_its_own(
    desk: Desk, version: str
) -> None:
    found = _interpreter(version)
    if found is None:
        _cannot(f"no Python {version} here")
    python = environment(desk.folder, str(found), pip=True)
    install = [str(python), "-m", "pip", "install", "-q", "memray>=1.20"]
    if subprocess.run(install, check=False, capture_output=True).returncode:
        _cannot(f"memray could not be installed for Python {version}")
    ran = desk.run("--python", str(python), "--exact-iterations", "2100", workload("leak"))

    assert ran.code == 1, ran.err
    assert ran.record.machine.python.startswith(version)
    assert ran.record.judgement.sites[0].function == "leak"
    assert ran.record.measurement.probes.unavailable == ()
