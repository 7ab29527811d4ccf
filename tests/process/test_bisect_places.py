"""`leakcheck bisect` in real environments and real commits, where a few calls stand in for a run.

Nothing comes from a network.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from leakcheck.bisecting import measuring
from leakcheck.cli import main
from tests.process.bisect_desk import desk, repository
from tests.process.releases import (
    BACKEND,
    CLEAN,
    JOBS,
    LEAKY,
    PROJECT,
    QUIET,
    Repository,
    write_wheel,
)
from tests.process.standing_in import called

__all__ = ["desk", "repository"]
Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _calls_stand_in_for_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "check", called)


def wheels(folder: Path, first_leaky: int, count: int) -> Path:
    for number in range(count):
        source = LEAKY if number >= first_leaky else CLEAN
        write_wheel(folder / "wheels", f"1.{number}.0", source)
    return folder / "wheels"


def bisect(*arguments: str, out: Printed) -> tuple[int, list[str]]:
    """Return the exit code and the lines on standard output."""
    code = main(["bisect", "jobs.py:tick", *QUIET, *arguments])
    return code, out.readouterr().out.splitlines()


OFFLINE = ("--package", "shop", "--find-links", "wheels", "--no-index")
TWO = (*OFFLINE, "--versions", "1.0.0,1.1.0", "--good", "1.0.0")
"""Two releases, without asking which there are: that takes pip longer than all else."""


def test_the_version_that_began_to_leak_is_found_and_remembered(
    desk: Path, capsys: Printed
) -> None:
    wheels(desk, 3, 6)
    write_wheel(desk / "wheels", "1.6.0rc1", LEAKY)
    code, lines = bisect(*OFFLINE, "--good", "1.0", "--json", "found.json", out=capsys)

    assert code == 0
    assert "jobs.py:tick leaks since shop 1.3.0 (1.2.0 is CLEAN), 4 steps" in lines
    assert [line.split()[:3] for line in lines[:4]] == [
        ["LEAK", "shop", "1.5.0"],  # not the pre-release
        ["CLEAN", "shop", "1.0.0"],
        ["CLEAN", "shop", "1.2.0"],
        ["LEAK", "shop", "1.3.0"],
    ]
    document = json.loads((desk / "found.json").read_bytes())
    assert document["outcome"] == "found"
    assert document["first"]["key"] == "1.3.0"

    records = len(list((desk / ".leakcheck").iterdir()))
    code, again = bisect(*OFFLINE, "--good", "1.0", out=capsys)
    assert code == 0
    assert all(line.endswith("(measured before)") for line in again[:4])
    assert len(list((desk / ".leakcheck").iterdir())) == records


def test_a_pre_release_is_asked_where_it_is_wanted(desk: Path, capsys: Printed) -> None:
    wheels(desk, 9, 1)
    write_wheel(desk / "wheels", "1.1.0rc1", LEAKY)
    code, lines = bisect(*OFFLINE, "--good", "1.0", "--pre", out=capsys)

    assert code == 0
    assert lines[2].startswith("jobs.py:tick leaks since shop 1.1.0rc1 (1.0.0 is CLEAN)")


def test_without_uv_pip_installs_and_a_release_that_does_not_install_is_passed_over(
    desk: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    assert shutil.which("uv") is None
    folder = wheels(desk, 2, 1)
    write_wheel(folder, "1.1.0", LEAKY, requires="nowhere-to-be-found")
    write_wheel(folder, "1.2.0", LEAKY)
    given = ("--versions", "1.0.0,1.1.0,1.2.0", "--good", "1.0.0", "--bad", "1.2")
    code, lines = bisect(*OFFLINE, *given, out=capsys)

    assert code == 3
    (untestable,) = [line for line in lines if line.startswith("UNTESTABLE")]
    assert "shop 1.1.0   it does not install: " in untestable
    assert "nowhere-to-be-found" in untestable
    assert "leaks since shop 1.2.0, or since one of 1 before it that cannot tell" in lines[3]


def test_an_environment_has_what_is_required_besides_and_only_its_own_version(
    desk: Path, capsys: Printed
) -> None:
    wheels(desk, 1, 2)
    write_wheel(desk / "wheels", "2.0", "SEEN = 1\n", name="more")
    (desk / "needed.txt").write_text("more\n", encoding="utf-8")
    (desk / "jobs.py").write_text(f"import more, sys\n{JOBS}", encoding="utf-8")
    code, lines = bisect(*TWO, "--with", "more==2.0", out=capsys)
    assert (code, lines[2].split(",")[-1]) == (0, " 2 steps")

    code, lines = bisect(*TWO, "-r", "needed.txt", out=capsys)
    assert (code, lines[2].split(",")[-1]) == (0, " 2 steps")

    code, lines = bisect(*TWO, out=capsys)
    assert code == 4
    assert "No module named 'more'" in lines[0]


def test_a_module_here_that_hides_the_package_is_told(desk: Path, capsys: Printed) -> None:
    wheels(desk, 1, 2)
    (desk / "shop").mkdir()
    code, lines = bisect(*TWO, out=capsys)

    assert code == 4
    assert "desk/shop would be imported instead of shop's own" in lines[0]


def test_the_commit_that_began_to_leak_is_found_and_the_checkout_stays(
    repository: Repository, capsys: Printed
) -> None:
    before = repository.git("status", "--porcelain=v2", "--branch"), repository.git("for-each-ref")
    code, lines = bisect("--good", "v0", "--json", "found.json", "--out", "../records", out=capsys)

    assert code == 0
    (answer,) = [line for line in lines if line.startswith("jobs.py:tick leaks since ")]
    assert '"Change 5" (' in answer
    assert any(line.startswith("UNTESTABLE") and "no_such_module" in line for line in lines)
    (repository.folder / "found.json").unlink()
    assert before == (
        repository.git("status", "--porcelain=v2", "--branch"),
        repository.git("for-each-ref"),
    )
    assert repository.git("worktree", "list").count("\n") == 0


def test_a_workload_of_each_commits_own_is_another_question(
    repository: Repository, capsys: Printed
) -> None:
    own = "import shop\nKEPT = []\n\n\ndef tick():\n    KEPT.append(bytearray(500))\n"
    repository.commit("Add a workload", {"jobs.py": JOBS, "shop.py": CLEAN})
    repository.commit("Keep in the workload", {"jobs.py": own})
    ends = ("--good", "HEAD~1", "--bad", "HEAD")
    code, lines = bisect(*ends, out=capsys)
    assert code == 2
    assert "the good end, leaks too" in lines[-2]
    assert "--target-from commit" in lines[-1]

    code, lines = bisect(*ends, "--target-from", "commit", out=capsys)
    assert code == 0
    assert '"Keep in the workload" (' in lines[2]

    code, lines = bisect("--good", "v0", "--target-from", "commit", out=capsys)
    assert code == 4
    assert "jobs.py is not in it" in lines[-1]


def test_a_module_is_the_commits_own_and_a_project_is_installed(
    tmp_path: Path, desk: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Repository(tmp_path / "project")
    files = {"pyproject.toml": PROJECT, "backend.py": BACKEND}
    made.commit("Begin", {**files, "lib/shop.py": f"{CLEAN}\n\ntick = remember\n"})
    made.commit("Keep", {"lib/shop.py": f"{LEAKY}\n\ntick = remember\n"})
    monkeypatch.chdir(made.folder)
    ends = ("--good", "HEAD~1", "--no-index", "--find-links", str(desk))
    assert main(["bisect", "shop:tick", *QUIET, *ends]) == 0
    assert '"Keep" (' in capsys.readouterr().out

    # Without being installed, a folder of that name is not looked in.
    assert main(["bisect", "shop:tick", *QUIET, *ends, "--no-install"]) == 4
    assert "found no module 'shop'" in capsys.readouterr().out


def test_what_was_put_into_a_commit_is_not_there_for_the_next_question(
    repository: Repository, capsys: Printed
) -> None:
    ends = ("--good", "v4", "--bad", "v5")
    assert bisect(*ends, out=capsys)[0] == 0

    assert main(["bisect", "jobs:tick", *QUIET, *ends]) == 4
    assert "No module named 'jobs'" in capsys.readouterr().out

    repository.commit("Write it down", {"shop.py": f"{LEAKY}\ntick = remember\n"})
    repository.commit("Write more", {"shop.py": f"{LEAKY}\ntick = remember\n# more\n"})
    (repository.folder / "shop.py").write_text(f"{CLEAN}\ntick = remember\n", encoding="utf-8")
    there = ("shop.py:tick", *QUIET, "--good", "HEAD~1")
    assert main(["bisect", *there]) == 2
    assert "the bad end, is CLEAN" in capsys.readouterr().out  # the file of here
    assert main(["bisect", *there, "--target-from", "commit"]) == 2
    assert "the good end, leaks too" in capsys.readouterr().out  # each commit's own


def test_another_repository_is_asked_from_outside_it(
    repository: Repository, desk: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk)
    where = ("--repo", str(repository.folder), "--good", "v4", "--bad", "v5")
    code, lines = bisect(*where, out=capsys)

    assert code == 0
    assert '"Change 5" (' in lines[2]


def test_where_a_merge_is_the_answer_it_says_how_to_look_into_it(
    repository: Repository, capsys: Printed
) -> None:
    repository.git("checkout", "--quiet", "-b", "side", "v4")
    repository.commit("Prepare", {"other.py": ""})
    wrong = repository.commit("Keep all", {"shop.py": f"{LEAKY}# side\n"})
    repository.git("checkout", "--quiet", "-b", "trunk", "v4")
    repository.commit("Go on", {"more.py": ""})
    repository.git("merge", "--quiet", "--no-edit", "--message", "Merge it", "side")
    repository.commit("Release", {"more.py": "# more\n"})
    code, lines = bisect("--good", "v4", out=capsys)
    assert code == 0
    (answer,) = [line for line in lines if line.startswith("jobs.py:tick leaks since ")]
    assert '"Merge it" (' in answer

    hint = lines[-1].partition(" are asked with ")[2]
    asked = repository.git("rev-parse", "HEAD~1^2")
    assert hint.endswith(f"--bad {asked[:12]}")
    base = repository.git("merge-base", "HEAD~1^1", "HEAD~1^2")
    code, lines = bisect("--good", base, "--bad", asked[:12], out=capsys)
    assert code == 0
    assert any(
        line.startswith(f'jobs.py:tick leaks since {wrong[:9]} "Keep all"') for line in lines
    )


def test_a_commit_cannot_have_the_workload_written_elsewhere(
    repository: Repository, tmp_path: Path, capsys: Printed
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "jobs.py").write_text("precious\n", encoding="utf-8")
    (repository.folder / "loads").symlink_to(elsewhere)
    repository.commit("Lead out", {})
    (repository.folder / "loads").unlink()
    repository.commit("Lead in", {"loads/jobs.py": JOBS})
    code = main(["bisect", "loads/jobs.py:tick", *QUIET, "--good", "v0", "--bad", "HEAD~1"])

    assert code == 4
    assert "loads/jobs.py leads out of the commit's own folder" in capsys.readouterr().out
    assert (elsewhere / "jobs.py").read_text(encoding="utf-8") == "precious\n"


def test_what_is_measured_again_is_not_taken_from_before(
    repository: Repository, capsys: Printed
) -> None:
    ends = ("--good", "v4", "--bad", "v5")
    bisect(*ends, out=capsys)
    _, lines = bisect(*ends, "--again", out=capsys)
    assert not any("measured before" in line for line in lines)

    (repository.folder / "jobs.py").write_text(f"{JOBS}# another\n", encoding="utf-8")
    _, lines = bisect(*ends, out=capsys)
    assert not any("measured before" in line for line in lines)


def test_an_environment_that_was_left_half_made_is_made_anew(desk: Path, capsys: Printed) -> None:
    wheels(desk, 1, 2)
    bisect(*TWO, out=capsys)
    made = desk.parent / "caches" / "leakcheck" / "bisect" / "environments"
    for marker in made.glob("*/leakcheck-complete"):
        marker.unlink()
        (marker.parent / "bin" / "python").unlink()
    code, lines = bisect(*TWO, "--again", out=capsys)

    assert code == 0
    assert "leaks since shop 1.1.0" in lines[2]


REFUSED: dict[str, Any] = {
    "--good -x": "--good: expected one argument",
    "--package shop --good=-1.0 --find-links .": "--good: found '-1.0', wanted a version",
    "--package --good 1.0": "--package: expected one argument",
    "--package a;b --good 1.0": "--package: found 'a;b', wanted a package's name",
    "--good=--all": "--good: found '--all', wanted a commit",
    "--bad v1": "--good: found none, wanted the older end",
    "--good v1 --fixed": "--bad: found none, wanted the older end",
    "--good v1 --pre": "--pre: found True, wanted it with --package",
    "--package a --good 1 --repo .": "--repo: found '.', wanted it without --package",
    "--package a --good 1 --no-index": "--no-index: found no --find-links, wanted a folder",
    "--package a --good 1 --find-links nowhere": "nowhere found no such folder, wanted one",
    "--good v1 -r nowhere.txt": "nowhere.txt found no such file, wanted a file of requirements",
    "--good v1 --with=--index-url=x": "--with: found '--index-url=x', wanted a requirement",
    "--good v1": "found no git repository there",
    "--package a --versions 1,2 --good 3": "a 3: found no such version among 2 (newest: 1, 2)",
    "--package a --versions 1,2 --good 1 --cache jobs.py": "cannot be used as a cache (File exists",
    "--good v1 --exact-iterations 0": "--exact-iterations: found 0, wanted 1 or more",
    "--good v1 --json nowhere/x.json": "--json: nowhere/x.json cannot be written",
}


@pytest.mark.parametrize(("typed", "said"), REFUSED.items())
@pytest.mark.usefixtures("desk")
def test_what_cannot_be_asked_is_refused_in_one_line(
    typed: str, said: str, capsys: Printed
) -> None:
    try:
        code: Any = main(["bisect", "jobs.py:tick", *typed.split()])
    except SystemExit as ended:  # argparse's own
        code = ended.code

    assert code == 2
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("desk")
def test_a_target_that_is_not_here_is_refused(capsys: Printed) -> None:
    assert main(["bisect", "nowhere.py:tick", "--good", "v1"]) == 2
    assert "nowhere.py: found no such file" in capsys.readouterr().err
    assert main(["bisect", "tick", "--good", "v1"]) == 2
    assert "'tick' is no target" in capsys.readouterr().err


def test_a_cache_that_others_can_write_is_refused(desk: Path, capsys: Printed) -> None:
    shared = desk / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    given = ("--package", "shop", "--versions", "1,2", "--good", "1", "--cache", "shared")

    assert main(["bisect", "jobs.py:tick", *given]) == 2
    assert "found a folder that others can write" in capsys.readouterr().err


def test_a_cache_of_ones_own_is_made_private(desk: Path, capsys: Printed) -> None:
    wheels(desk, 1, 2)
    code, _ = bisect(*TWO, "--cache", "new/cache", out=capsys)

    assert code == 0
    assert (desk / "new" / "cache").stat().st_mode & 0o777 == 0o700
