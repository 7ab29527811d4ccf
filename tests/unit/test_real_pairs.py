"""The pairs of leaky and fixed releases: their names, their environments' names, their counts."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.corpus.real import environments
from bench.corpus.real.cases import CASES, FOLDER, Case, Kind, Side
from bench.corpus.real.environments import EnvironmentUnavailableError
from bench.corpus.real.verify import INDEX, Counted, problems, read_count

INFRASTRUCTURE = {"__init__", "brute", "cases", "environments", "verify"}
CASE = Case(
    name="shop_orders",
    package="shop",
    leaky=("shop==1.0",),
    fixed=("shop==1.1",),
    reference="example/shop#1",
    kind=Kind.NATIVE,
    python=f"{sys.version_info.major}.{sys.version_info.minor}",
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda _: None)
    return tmp_path / "leakcheck-corpus"


class Installer:
    """Stands for the commands that make an environment; counts them, and fails where told to."""

    def __init__(self, *, complaint: str | None = None) -> None:
        self.commands: list[list[str]] = []
        self._complaint = complaint

    def __call__(self, command: list[str], **_: Any) -> None:
        self.commands.append(command)
        Path(command[-1] if "venv" in command else "/tmp").mkdir(parents=True, exist_ok=True)  # noqa: S108
        if self._complaint is not None and "install" in command:
            raise subprocess.CalledProcessError(1, command, stderr=self._complaint)


def test_every_file_of_the_folder_is_a_pair_and_every_pair_has_its_file() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - INFRASTRUCTURE

    assert files == {case.name for case in CASES}


def test_pairs_have_names_of_their_own_in_alphabetical_order() -> None:
    names = [case.name for case in CASES]

    assert names == sorted(set(names))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_sides_of_a_pair_are_exact_releases_of_its_package(case: Case) -> None:
    assert case.leaky[0].startswith(f"{case.package}==")
    assert case.fixed[0].startswith(f"{case.package}==")
    assert case.leaky[0] != case.fixed[0]
    assert case.leaky[1:] == case.fixed[1:]
    assert all("==" in requirement for requirement in case.leaky)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_where_a_container_of_the_package_keeps_it_all_that_is_named(case: Case) -> None:
    assert (case.holder is not None) == (case.kind is Kind.REGISTRY)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_pairs_file_says_what_leaks_where_it_was_reported_and_has_a_workload(case: Case) -> None:
    tree = ast.parse(case.file.read_text(encoding="utf-8"))
    text = ast.get_docstring(tree) or ""
    functions = {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert f"{case.leaky[0].partition('==')[2]}:" in text.splitlines()[0]
    assert case.reference in text
    assert "workload" in functions


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_index_holds_the_counts_of_every_pair_as_it_is_now(case: Case) -> None:
    entry = json.loads(INDEX.read_text(encoding="utf-8"))[case.name]

    for side in Side:
        assert tuple(entry[side]["requirements"]) == case.requirements(side)
        assert entry[side]["iterations"] == case.counted_iterations
    sides = (read(entry["leaky"]), read(entry["fixed"]))
    assert problems(case, *sides) == ()


def read(side: dict[str, Any]) -> Counted:
    return read_count({name: value for name, value in side.items() if name != "requirements"})


def test_a_leaky_side_that_stops_growing_makes_no_pair() -> None:
    counted = counts(heap_bytes=(100.0, 90.0, 2.0))

    assert problems(CASE, counted, counts(heap_bytes=(0.0, 0.0, 0.0))) == (
        "the leaky side grew by 2.000 in a stretch, wanted 16 or more",
    )


def test_a_fixed_side_that_still_grows_makes_no_pair() -> None:
    leaky, fixed = counts(heap_bytes=(100.0, 100.0)), counts(heap_bytes=(10.0, 60.0))

    assert problems(CASE, leaky, fixed) == (
        "the fixed side still grew by 60.000 in its last stretch",
    )


def counts(*, heap_bytes: tuple[float, ...]) -> Counted:
    none = (0.0,) * len(heap_bytes)
    return Counted(
        heap_bytes=heap_bytes,
        rss_bytes=none,
        descriptors=none,
        threads=none,
        gc_objects=none,
        iterations=100,
        microseconds=1.0,
    )


def test_environments_of_other_requirements_or_interpreters_have_other_keys(tmp_path: Path) -> None:
    keys = {
        environments.key(("a==1",), tmp_path / "python3.11"),
        environments.key(("a==2",), tmp_path / "python3.11"),
        environments.key(("a==1", "b==1"), tmp_path / "python3.11"),
        environments.key(("a==1",), tmp_path / "python3.12"),
    }

    assert len(keys) == 4


def test_the_two_sides_of_a_pair_live_in_the_cache_under_names_that_say_so(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subprocess.run", Installer())

    leaky, fixed = (environments.environment(CASE, side) for side in Side)

    assert leaky.parents[2] == fixed.parents[2] == cache
    assert leaky.parents[1].name.startswith("shop_orders-leaky-")
    assert fixed.parents[1].name.startswith("shop_orders-fixed-")


def test_an_environment_is_made_once_with_the_releases_of_its_side_and_memray(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installer = Installer()
    monkeypatch.setattr("subprocess.run", installer)

    first = environments.environment(CASE, Side.LEAKY)
    again = environments.environment(CASE, Side.LEAKY)

    assert first == again
    assert first.is_relative_to(cache)
    assert len(installer.commands) == 2
    assert installer.commands[1][-2:] == ["shop==1.0", "memray>=1.20"]
    assert capsys.readouterr().err == ("installing shop==1.0 memray>=1.20 for shop_orders, leaky\n")


def test_what_cannot_be_installed_is_said_with_its_side_and_leaves_nothing_half_made(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installer = Installer(complaint="WARNING: retrying\nERROR: no route to the index\n")
    monkeypatch.setattr("subprocess.run", installer)

    with pytest.raises(EnvironmentUnavailableError) as caught:
        environments.environment(CASE, Side.FIXED)

    assert "shop_orders, fixed" in str(caught.value)
    assert "ERROR: no route to the index" in str(caught.value)
    assert "wanted a package index that answers" in str(caught.value)
    assert not any(path.is_dir() for path in cache.iterdir())


def test_a_version_of_python_that_is_not_there_is_said(
    cache: Path,  # noqa: ARG001 -- nothing is on its PATH
) -> None:
    with pytest.raises(EnvironmentUnavailableError, match=r"found no python3\.7"):
        environments.base_interpreter("3.7")


def test_uv_is_used_where_it_is_and_pip_where_it_is_not() -> None:
    with_uv = environments.install_commands("/bin/uv", Path("/e"), Path("/p"), ("a==1",))
    without = environments.install_commands(None, Path("/e"), Path("/p"), ("a==1",))

    assert [command[0] for command in with_uv] == ["/bin/uv", "/bin/uv"]
    assert [command[0] for command in without] == ["/p", "/p"]
    for commands in (with_uv, without):
        assert commands[1][-3:] == ["--only-binary", ":all:", "a==1"]
