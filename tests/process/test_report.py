"""`leakcheck report`, and `leakcheck run --html`: a page whole, or one line on why not."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from leakcheck.cli import main
from leakcheck.record.store import RecordStore
from tests.process.command import QUICK, Desk, workload
from tests.unit.records import leak_record

GOLDEN = Path(__file__).parents[1] / "golden"
Said = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a leak's record in the default place, where this test stands."""
    monkeypatch.chdir(tmp_path)
    store = RecordStore(Path(".leakcheck"))
    store.prepare()
    return store.save(leak_record()).parent


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_without_arguments_the_newest_record_gets_a_page_beside_it(
    folder: Path, capsys: Said
) -> None:
    assert main(["report"]) == 0

    assert capsys.readouterr().out == f"wrote {folder}/report.html\n"
    assert files(folder) == ["record.json", "report.html"]
    assert "jobs.py:tick" in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("how", ["id", "folder", "file"])
def test_a_record_is_named_by_its_id_its_folder_or_its_file(folder: Path, how: str) -> None:
    named = {"id": folder.name, "folder": str(folder), "file": str(folder / "record.json")}

    assert main(["report", named[how]]) == 0
    assert (folder / "report.html").is_file()


@pytest.mark.parametrize(
    ("name", "file", "begins"),
    [
        ("html", "report.html", b"<!DOCTYPE html>"),
        ("markdown", "report.md", b"# "),
        ("text", "report.txt", b"\nLEAK"),
        ("png", "report.png", b"\x89PNG"),
    ],
)
def test_each_format_has_a_file_of_its_own(
    folder: Path, name: str, file: str, begins: bytes
) -> None:
    assert main(["report", "--format", name]) == 0
    assert (folder / file).read_bytes().startswith(begins)


def test_a_report_goes_to_standard_output_or_to_a_file_if_told_to(
    folder: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["report", "--format", "markdown", "-o", "-"]) == 0
    assert main(["report", "--format", "markdown", "-o", "summary.md"]) == 0

    out = capsysbinary.readouterr().out
    assert out == Path("summary.md").read_bytes() + b"wrote summary.md\n"
    assert files(folder) == ["record.json"]


def test_several_records_make_one_page_in_the_folder_of_records(folder: Path) -> None:
    golden = sorted(map(str, GOLDEN.glob("*/*")))

    assert main(["report", folder.name, *golden]) == 0
    assert "3 workloads: " in Path(".leakcheck/report.html").read_text(encoding="utf-8")


def test_memrays_pages_are_linked_from_wherever_the_report_lies(folder: Path) -> None:
    (folder / "growth.html").touch()

    assert main(["report"]) == 0
    assert main(["report", "-o", "a.html"]) == 0
    assert '<a href="growth.html">' in (folder / "report.html").read_text(encoding="utf-8")
    assert f'<a href="{folder.as_posix()}/growth.html">' in Path("a.html").read_text("utf-8")


# -- what is refused ---------------------------------------------------------------------------


def damaged(folder: Path, **changes: object) -> None:
    file = folder / "record.json"
    file.write_text(json.dumps({**json.loads(file.read_bytes()), **changes}), encoding="utf-8")


def truncate(folder: Path) -> None:
    os.truncate(folder / "record.json", 300)


def replace_by_another_programs(folder: Path) -> None:
    (folder / "record.json").write_text('{"benchmarks": []}', encoding="utf-8")


def make_newer(folder: Path) -> None:
    damaged(folder, schema_version=99)


def make_hostile(folder: Path) -> None:
    damaged(folder, id="../../../etc/passwd")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (truncate, "found text that is no JSON"),
        (replace_by_another_programs, "wanted a whole number"),
        (make_newer, "written by a newer leakcheck (schema 99, this one reads up to 2)"),
        (make_hostile, "wanted an id"),
    ],
    ids=["truncated", "foreign", "newer", "hostile"],
)
@pytest.mark.parametrize("name", ["html", "png"])
def test_a_record_that_is_none_gives_one_line_and_no_page(
    folder: Path, capsys: Said, spoil: Callable[[Path], None], said: str, name: str
) -> None:
    spoil(folder)

    assert main(["report", "--format", name]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert "record.json" in line
    assert files(folder) == ["record.json"]


def test_one_bad_record_of_several_leaves_nothing_behind(folder: Path, capsys: Said) -> None:
    bad = folder.with_name("bad.json")
    bad.write_text("{", encoding="utf-8")

    assert main(["report", folder.name, str(bad), "-o", "all.html"]) == 2
    assert not Path("all.html").exists()
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_page_that_was_there_stays_if_a_new_one_cannot_be_written(
    folder: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "report.html").write_text("the old one", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["report"]) == 4
    assert "No space left on device" in capsys.readouterr().err
    assert (folder / "report.html").read_text(encoding="utf-8") == "the old one"
    assert files(folder) == ["record.json", "report.html"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "pdf"], "--format: found 'pdf', wanted html or markdown or png or text"),
        (["-o", "no/such/folder.html"], "no/such/folder.html cannot be written"),
        (["--out", "nowhere"], "nowhere: found no run record there"),
        (["20260101T000000Z-none-000000"], "found no such record"),
    ],
)
def test_what_is_no_format_no_file_and_no_record_is_refused(
    folder: Path, capsys: Said, arguments: list[str], said: str
) -> None:
    assert main(["report", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert files(folder) == ["record.json"]


# -- of a run ----------------------------------------------------------------------------------


def test_a_run_with_html_writes_the_page_and_names_it_below_the_row(desk: Desk) -> None:
    ran = desk.run(workload("nothing"), *QUICK, "--html", "--allow-inconclusive")

    assert f"record records/{ran.record.id}  (report.html)" in ran.out
    page = desk.store.folder(ran.record.id) / "report.html"
    assert ran.record.id in page.read_text(encoding="utf-8")
