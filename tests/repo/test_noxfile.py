"""How `nox -s leakcheck` reads its arguments, and which interpreters the tests run on."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from nox.command import CommandFailed

ROOT = Path(__file__).parents[2]


class Refused(Exception):  # noqa: N818 -- what a session's error is here
    """What a session that ends itself would have said."""


class Session:
    """As much of a nox session as reading its arguments takes."""

    def __init__(self, *posargs: str) -> None:
        self.posargs = list(posargs)

    def error(self, *words: object) -> None:
        raise Refused(*words)

    def warn(self, *words: object) -> None:
        """Say nothing: a warning is for people."""

    def run(self, *command: str) -> None:
        """Run pytest for real."""
        done = subprocess.run(
            [sys.executable, "-m", *command], check=False, stdout=subprocess.DEVNULL
        )
        if done.returncode:
            raise CommandFailed(str(done.returncode))


@pytest.fixture(scope="module")
def noxfile() -> ModuleType:
    """Return the noxfile, loaded once: nox warns of a session that is defined twice."""
    spec = importlib.util.spec_from_file_location("noxfile_under_test", ROOT / "noxfile.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.environ["PATH"])  # importing puts interpreters on it
        spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("posargs", "release", "rest"),
    [
        ([], "current", []),
        (["--release", "1.0.0"], "1.0.0", []),
        (["--jobs", "1", "--release=1.1.0", "a:b"], "1.1.0", ["--jobs", "1", "a:b"]),
    ],
)
def test_the_release_is_parsed_off(
    noxfile: ModuleType, posargs: list[str], release: str, rest: list[str]
) -> None:
    assert noxfile.parse_release(Session(*posargs)) == (release, rest)


@pytest.mark.parametrize("posargs", [["--release"], ["--release", "9.9.9"], ["--release="]])
def test_an_unknown_release_is_refused(noxfile: ModuleType, posargs: list[str]) -> None:
    with pytest.raises(Refused, match=r"wanted 1\.0\.0 or 1\.1\.0 or current"):
        noxfile.parse_release(Session(*posargs))


@pytest.mark.parametrize(
    ("arguments", "targets"),
    [
        (["jobs.py:tick"], ["jobs.py:tick"]),
        (["--threshold", "1KiB", "pkg.mod:name"], ["pkg.mod:name"]),
        (["--out", "odd:folder"], []),
        (["--out=odd:folder", "a:b"], ["a:b"]),
        (["--warn-only", "a:b", "c.py:d"], ["a:b", "c.py:d"]),
    ],
)
def test_targets_are_told_from_the_values_of_options(
    noxfile: ModuleType, arguments: list[str], targets: list[str]
) -> None:
    assert list(noxfile.targets_in(arguments)) == targets


def test_defaults_give_way_to_what_is_given(noxfile: ModuleType) -> None:
    assert noxfile.missing_defaults(["--jobs=1", "--json", "mine.json"]) == []
    assert noxfile.missing_defaults(["--json", "mine.json"]) == ["--jobs", "2"]


def test_a_quick_soak_is_shorter_and_what_is_given_comes_last(noxfile: ModuleType) -> None:
    long = noxfile.soak_arguments(["--out", "there"])
    quick = noxfile.soak_arguments(["--quick", "--out", "there"])
    assert "--time-limit" not in long
    assert long[:2] == ["--profiler", "none"]
    assert "--quick" not in quick
    assert quick[:2] == ["--time-limit", "50"]
    assert long[-2:] == quick[-2:] == ["--out", "there"]


def test_the_running_interpreter_is_always_tested(noxfile: ModuleType) -> None:
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in noxfile.PYTHONS


HALF_BROKEN = """
from pathlib import Path
SEEN = Path(__file__).with_name("seen")
def test_fails_the_first_time():
    first = not SEEN.exists()
    SEEN.touch()
    assert not first
def test_counts():
    with Path(__file__).with_name("counted").open("a") as counted:
        counted.write("x")
"""


def test_a_test_that_fails_once_runs_once_more_alone(noxfile: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_half.py").write_text(HALF_BROKEN)

    noxfile.run_all(Session(), alone(tmp_path))

    assert (tmp_path / "counted").read_text() == "x"


def test_a_test_that_fails_twice_fails_the_session(noxfile: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("def test_broken():\n    assert False\n")

    with pytest.raises(CommandFailed):
        noxfile.run_all(Session(), alone(tmp_path))


def test_a_run_that_does_not_get_to_its_tests_is_not_repeated(
    noxfile: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text(
        "from pathlib import Path\n"
        "with Path(__file__).with_name('tries').open('a') as tries:\n    tries.write('x')\n"
        "raise SystemExit(3)\n"
    )

    with pytest.raises(CommandFailed):
        noxfile.run_all(Session(), alone(tmp_path))

    assert (tmp_path / "tries").read_text() == "x"


def alone(folder: Path) -> list[str]:
    """Return arguments for the tests of one folder, without this project's settings."""
    return ["-c", os.devnull, "--rootdir", str(folder), str(folder)]


def test_the_lowest_interpreter_runs_all_tests_and_each_other_what_runs_in_a_child(
    noxfile: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noxfile, "PYTHONS", ["3.11", "3.12", "3.13"])
    middle, highest = noxfile.tests_for("3.12"), noxfile.tests_for("3.13")

    assert noxfile.tests_for("3.11") == ()
    places = [place for place in (*middle, *highest) if not place.startswith("--")]
    assert all((ROOT / place).exists() for place in places)
    assert {"tests/unit/test_containers.py", "tests/process/test_holders.py"} <= {*middle}
    assert "tests/unit/test_watch_growth.py" not in middle
    assert {"tests/unit", "tests/process/test_failures.py"} <= {*highest}
