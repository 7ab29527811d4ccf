"""`python -m bench.history trend` and `dashboard`: what they say, write, and end with."""

import subprocess
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bench.history.__main__ import main
from bench.history.commits import commit_before, commit_named
from bench.history.database import history_url, opened
from bench.history.facts import HistoryError, Kind, Metric, Run
from bench.history.pages.cells import page_name
from bench.history.pages.record_pages import pages_beside
from bench.history.store import History
from leakcheck.record.store import RecordStore
from tests.history.made import run
from tests.unit.records import leak_record

Call = Callable[..., int]
NONE = ("--benchmarks", "none.json")
STEP = [run(k, value=1.0 if k < 15 else 2.0) for k in range(30)]


@pytest.fixture
def called(tmp_path: Path) -> Call:
    """Return the function that runs a command on a history of some runs."""

    def call(name: str, runs: Iterable[Run], *options: str) -> int:
        url = f"sqlite:///{tmp_path / 'h.sqlite'}"
        with opened(history_url({}, url)) as engine:
            History(engine).add(runs)
        return main([name, "--as-it-is", "--url", url, "-o", str(tmp_path / "site"), *options])

    return call


def test_a_confirmed_regression_ends_the_trend_with_1_and_is_named(
    called: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called("trend", STEP) == 1
    told = capsys.readouterr().out
    assert "1 confirmed regression," in told
    assert "regression: bench_a time +100.0 %" in told


@pytest.mark.parametrize(
    ("runs", "options"),
    [
        ([], []),
        (STEP[:15], []),
        (STEP[:17], []),
        (STEP, ["--share", "150%"]),
        (STEP, ["--since", f"{16:040x}"]),
        ([run(k, value=2.0 if k < 15 else 1.0) for k in range(30)], []),
    ],
    ids=["nothing", "quiet", "too new", "too small", "known", "improved"],
)
def test_anything_else_ends_it_with_0(called: Call, runs: list[Run], options: list[str]) -> None:
    assert called("trend", runs, *options) == 0


def test_the_dashboard_shows_a_regression_and_ends_with_0(called: Call, tmp_path: Path) -> None:
    assert called("dashboard", STEP) == 0
    assert "+100.0 %" in (tmp_path / "site" / "index.html").read_text()


def test_a_site_takes_the_place_of_an_earlier_one_and_of_nothing_else(
    called: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    assert called("dashboard", STEP) == 0
    (site / "subjects" / "old.html").touch()
    assert called("dashboard", STEP) == 0
    assert [file.name for file in site.glob("subjects/*")] == [page_name("bench_a")]

    (site / ".leakcheck-site").unlink()
    assert called("dashboard", STEP) == 2
    assert "found other files in it, wanted a new folder" in capsys.readouterr().err
    assert (site / "index.html").exists()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["h.sqlite", "site"]


def test_a_damaged_record_keeps_the_earlier_site_and_costs_one_line(
    called: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called("dashboard", STEP) == 0
    before = (tmp_path / "site" / "index.html").read_text()
    file = RecordStore(tmp_path / "records").save(leak_record(50))
    file.write_text(file.read_text()[:-40])
    capsys.readouterr()

    url = f"sqlite:///{tmp_path / 'h.sqlite'}"
    options = ["--records", str(tmp_path / "records"), *NONE, "--url", url]
    assert main(["dashboard", *options, "-o", str(tmp_path / "site")]) == 2
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "is no JSON" in told.err
    assert (tmp_path / "site" / "index.html").read_text() == before


def test_records_that_are_known_are_not_read_again(called: Call, tmp_path: Path) -> None:
    file = RecordStore(tmp_path / "records").save(leak_record(50))
    url = f"sqlite:///{tmp_path / 'h.sqlite'}"
    command = ["dashboard", "--records", str(tmp_path / "records"), *NONE, "--url", url]
    assert main([*command, "-o", str(tmp_path / "site")]) == 0
    file.write_text("no record any more")

    assert main([*command, "-o", str(tmp_path / "site")]) == 0
    assert called("trend", []) == 0
    assert "jobs.py:tick" in (tmp_path / "site" / "index.html").read_text()


def test_a_site_that_cannot_be_written_is_refused_with_one_line(
    called: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site").write_text("a file")

    assert called("trend", STEP) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert (tmp_path / "site").read_text() == "a file"


class _Outside(HTMLParser):
    found: list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"src", "href", "xlink:href"} and "//" in (value or ""):
                self.found.append(f"{tag} {value}")


def test_no_page_names_another_host_and_each_forbids_what_it_does_not_need(
    called: Call, tmp_path: Path
) -> None:
    called("dashboard", [*STEP, run(1, subject="//example.invalid/a", source="x")])
    parser = _Outside()
    parser.found = []
    for page in (tmp_path / "site").rglob("*.html"):
        text = page.read_text()
        parser.feed(text)
        assert "default-src &#39;none&#39;" in text
        assert "unsafe" not in text
    assert parser.found == []


def test_a_page_too_large_or_linked_elsewhere_is_left(tmp_path: Path) -> None:
    record = leak_record(20)
    folder = RecordStore(tmp_path).save(record).parent
    (folder / "growth.html").write_text("x")
    (folder / "flamegraph.html").symlink_to("/etc/hostname")
    with (folder / "leaks.html").open("w") as large:
        large.truncate(65 << 20)

    found = pages_beside([tmp_path], [record.id, "20260101T000000Z-none-000000"])
    assert found.links() == {record.id: [("growth flamegraph", f"records/{record.id}/growth.html")]}


def test_subjects_whose_names_look_alike_have_pages_of_their_own() -> None:
    names = ["a/b", "a_b", "a b", "", ".", "..", "x" * 900, "x" * 901]

    assert len({page_name(name) for name in names}) == len(names)
    assert all("/" not in page_name(name) and not page_name(name).startswith(".") for name in names)


def _git(folder: Path, *arguments: str) -> str:
    at = {"GIT_COMMITTER_DATE": "2026-01-02T00:00:00Z", "GIT_AUTHOR_DATE": "2026-01-02T00:00:00Z"}
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env={**_ENVIRONMENT, **at}
    ).stdout.strip()


_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": "/nowhere"}


def test_a_record_is_of_the_commit_that_stood_when_it_started(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    head = _git(tmp_path, "rev-parse", "HEAD")
    made_at = datetime(2026, 1, 2, tzinfo=UTC)

    found = commit_before(datetime(2026, 1, 3, tzinfo=UTC), tmp_path)
    assert found is not None
    assert (found.id, found.committed_at) == (head, made_at)
    assert commit_before(datetime(2026, 1, 1, tzinfo=UTC), tmp_path) is None
    assert commit_before(datetime(2026, 1, 3, tzinfo=UTC), tmp_path / "none") is None
    assert commit_named(head[:8], tmp_path).id == head
    for bad in ("nothing", "--help", ""):
        with pytest.raises(HistoryError, match="wanted a commit that git knows"):
            commit_named(bad, tmp_path)


def test_a_workload_that_was_clean_and_leaks_now_is_a_regression_of_its_growth(
    called: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [
        run(k, value=0.2 if k < 20 else 9.0, metric=Metric.GROWTH, kind=Kind.RECORD, verdict="LEAK")
        for k in range(30)
    ]

    assert called("trend", runs) == 1
    assert "growth +8.8 B an iteration (8.8 B to 8.8 B at 99 %)" in capsys.readouterr().out
