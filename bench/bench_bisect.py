"""What a step of a bisection costs beyond its run: its environment or its checkout, made and kept.

Offline: the package is a wheel in a folder, the repository lies beside it.
"""

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from leakcheck.bisecting.cache import Cache
from leakcheck.bisecting.environments import Environments, Index, Wanted
from leakcheck.bisecting.git import Git
from leakcheck.bisecting.interpreters import facts_of, loan_for, pip_of
from leakcheck.bisecting.steps import Candidate
from leakcheck.bisecting.trees import Trees
from leakcheck.run.interpreter import own_interpreter

_ROUNDS: Final = 5
_ROUGH_ROUNDS: Final = 1
_FILES: Final = 200
_WANTED: Final = Wanted(requirements=("shop==1.0",))
_IDENTITY: Final = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")


def _still() -> None:
    """Say nothing while a program runs."""


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """Return an empty cache."""
    cache = Cache(tmp_path / "cache")
    cache.prepare()
    return cache


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Return a folder with one release of a small package."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    info, kind = "shop-1.0.dist-info", "Root-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(folder / "shop-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("shop.py", "")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: bench\n{kind}")
        wheel.writestr(f"{info}/RECORD", "")
    return folder


def _environments(installer: str, cache: Cache, wheels: Path) -> Environments:
    python, uv = own_interpreter(), shutil.which("uv")
    if installer == "uv" and uv is None:
        pytest.skip("there is no uv here")
    facts = facts_of(python, os.environ, _still)
    return Environments(
        cache=cache,
        facts=facts,
        index=Index(find_links=(wheels,), no_index=True),
        variables=os.environ,
        loan=loan_for(facts, cache),
        uv=uv if installer == "uv" else None,
        pip=pip_of(facts, python, os.environ, _still),
    )


@pytest.mark.elsewhere
@pytest.mark.parametrize("installer", ["uv", "pip"])
def bench_environment_made(
    benchmark: BenchmarkFixture, cache: Cache, wheels: Path, installer: str, *, is_rough: bool
) -> None:
    """Make the environment of a version."""
    environments = _environments(installer, cache, wheels)
    made = cache.room("environments") / environments.key(_WANTED)
    _timed(
        benchmark,
        lambda: environments.get(_WANTED, _still),
        before=lambda: shutil.rmtree(made, ignore_errors=True),
        is_rough=is_rough,
    )
    assert (made / "bin" / "python").exists()


@pytest.mark.elsewhere
def bench_environment_kept(
    benchmark: BenchmarkFixture, cache: Cache, wheels: Path, *, is_rough: bool
) -> None:
    """Find the environment of a version that was asked before."""
    environments = _environments("pip", cache, wheels)
    made = environments.get(_WANTED, _still)
    _timed(benchmark, lambda: environments.get(_WANTED, _still), before=_still, is_rough=is_rough)

    assert made.exists()


@pytest.fixture
def trees(tmp_path: Path, cache: Cache) -> tuple[Trees, Candidate]:
    """Return the checkouts of a repository of 200 files, and its one commit."""
    top = tmp_path / "repository"
    top.mkdir()
    for number in range(_FILES):
        (top / f"part_{number}.py").write_text(f"NUMBER = {number}\n" * 100, encoding="utf-8")
    git = Git(folder=top, variables=os.environ)
    git.out("init", "--quiet", tick=_still)
    git.out("add", "--all", tick=_still)
    subprocess.run(  # noqa: S603 -- our own command
        ["git", *_IDENTITY, "commit", "--quiet", "--message", "Begin"],  # noqa: S607 -- on PATH
        cwd=top,
        check=True,
    )
    key = git.out("rev-parse", "HEAD", tick=_still)
    return Trees(cache=cache, git=git, top=top), Candidate(key=key, name=key[:9])


@pytest.mark.elsewhere
@pytest.mark.parametrize("state", ["made", "kept"])
def bench_checkout(
    benchmark: BenchmarkFixture,
    trees: tuple[Trees, Candidate],
    cache: Cache,
    state: str,
    *,
    is_rough: bool,
) -> None:
    """Check a commit out into a clone of its own, or find it there."""
    found, commit = trees

    def check_out() -> None:
        with found.checked_out(commit, _still) as folder:
            assert (folder / "part_0.py").exists()

    def forget() -> None:
        if state == "made":
            shutil.rmtree(cache.room("trees"))

    check_out()
    _timed(benchmark, check_out, before=forget, is_rough=is_rough)


def _timed(
    benchmark: BenchmarkFixture,
    action: Callable[[], object],
    *,
    before: Callable[[], object],
    is_rough: bool,
) -> None:
    """Time `action`, each time after `before`, which is not timed."""

    def prepared() -> None:
        before()

    benchmark.pedantic(  # type: ignore[no-untyped-call]
        action, setup=prepared, rounds=_ROUGH_ROUNDS if is_rough else _ROUNDS
    )
