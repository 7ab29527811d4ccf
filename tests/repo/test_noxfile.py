"""How `nox -s leakcheck` reads its arguments, and which interpreters the tests run on."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


class Refused(Exception):  # noqa: N818 -- what a session's error is here
    """What a session that ends itself would have said."""


class Session:
    """As much of a nox session as reading its arguments takes."""

    def __init__(self, *posargs: str) -> None:
        self.posargs = list(posargs)

    def error(self, *words: object) -> None:
        raise Refused(*words)


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


def test_the_running_interpreter_is_always_tested(noxfile: ModuleType) -> None:
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in noxfile.PYTHONS
