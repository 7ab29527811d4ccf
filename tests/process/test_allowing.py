"""Known leaks and the outputs for CI at the command line: in judge, in run, and in baseline."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from leakcheck.cli import main
from leakcheck.model.run_record import RunRecord
from leakcheck.model.sites import SiteTable
from leakcheck.model.verdict import Judgement, Verdict
from leakcheck.record.store import RecordStore
from tests.process.command import Desk, Here, workload
from tests.unit.records import leak_record

ID = "20261123T120000Z-tick-1a2b3c"
SITE = "project/jobs.py:12"


def leaking() -> RunRecord:
    """Return the record of a leak at one line, with marks enough to be judged anew."""
    record = leak_record()
    table = record.measurement.sites
    assert table is not None
    marks = tuple(range(0, 4000, 40))
    site = replace(
        table.sites[0], live_bytes=tuple(108 * mark for mark in marks), live_objects=marks
    )
    rest = replace(table.remainder, live_bytes=(9,) * 100, live_objects=(1,) * 100)
    table = SiteTable(marks=tuple(map(float, marks)), sites=(site,), remainder=rest)
    return replace(record, measurement=replace(record.measurement, census=None, sites=table))


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A folder with the saved record of a leak, and commands in it."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def allow(self, *entries: str, more: str = "") -> None:
        lines = "".join(f"  {json.dumps(entry)},\n" for entry in entries)
        text = f"[tool.leakcheck]\nallow = [\n{lines}]\n{more}"
        (self.folder / "pyproject.toml").write_text(text, encoding="utf-8")

    def do(self, *arguments: str) -> tuple[int, list[str], list[str]]:
        code = main(list(arguments))
        said = self.capture.readouterr()
        return code, said.out.splitlines(), said.err.splitlines()

    def judge(self, *arguments: str) -> tuple[int, list[str], list[str]]:
        return self.do("judge", ID, *arguments)

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_bytes())


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shop:
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    RecordStore(tmp_path / ".leakcheck").save(leaking())
    return Shop(folder=tmp_path, capture=capsys)


def test_an_allowed_leak_stays_a_leak_and_passes(shop: Shop) -> None:
    shop.allow(f"{SITE} = 110B until 2999-01-31 # ticket 12")
    code, out, err = shop.judge("--json", "v.json")
    allowed = shop.read("v.json")["verdicts"][0]["allowed"]

    assert (code, err) == (0, [])
    assert out[0].startswith("LEAK ")
    assert out[0].endswith("   allowed until 2999-01-31")
    assert any(line.strip().startswith(f"allowed: {SITE} +108 B/iteration") for line in out)
    assert out[-1] == "1 LEAK (1 allowed)"
    assert allowed["passes"] is True
    assert allowed["entries"] == [
        {
            "site": SITE,
            "rate_per_iteration": 110.0,
            "unit": "bytes",
            "until": "2999-01-31",
            "reason": "ticket 12",
            "state": "allowed",
        }
    ]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (f"{SITE} = 64B until 2999-01-31 # x", f"exceeded: {SITE} +108 B/iteration, 108 B or"),
        (f"{SITE} = 110B until 2020-01-31 # x", f"expired: {SITE} +108 B/iteration; allowed were"),
        (
            "jobs.py:99 = 110B until 2999-01-31 # x",
            "vanished: nothing grew at jobs.py:99 in this run; allow may lose 'jobs.py:99 = ",
        ),
    ],
)
def test_what_is_worse_too_old_or_elsewhere_fails_and_is_told(
    shop: Shop, entry: str, said: str
) -> None:
    shop.allow(entry)
    code, out, _ = shop.judge()

    assert code == 1
    assert sum(line.strip().startswith(said) for line in out) == 1
    assert out[-1] == "1 LEAK"


def test_an_entry_that_vanished_fails_nothing(shop: Shop) -> None:
    shop.allow(f"{SITE} = 110B until 2999-01-31 # x", "gone.py:1 = 1B until 2020-01-31 # y")
    code, out, _ = shop.judge()

    assert code == 0
    assert out[-2].startswith("vanished: nothing grew at gone.py:1 in this run;")


@pytest.mark.parametrize("command", [("judge", ID), ("run", "jobs.py:tick"), ("baseline",)])
def test_a_mistake_in_an_entry_ends_with_2_before_anything_runs(
    shop: Shop, command: tuple[str, ...]
) -> None:
    shop.allow("jobs.py:4 = 64B")
    code, out, err = shop.do(*command)

    if command == ("baseline",):
        assert code == 0  # it replaces what is there
        return
    assert (code, out) == (2, [])
    assert "[tool.leakcheck] allow: 'jobs.py:4 = 64B': found no last day" in err[0]


def test_a_baseline_allows_what_it_came_from(shop: Shop) -> None:
    code, out, err = shop.do("baseline", "--until", "2999-01-31", "--reason", 'ticket "12"')
    text = "\n".join(["[tool.leakcheck]", *out, ""])
    (shop.folder / "pyproject.toml").write_text(text, encoding="utf-8")

    assert (code, err) == (0, [])
    assert out == [
        "allow = [",
        '  "project/jobs.py:12 = 108B until 2999-01-31 # ticket \\"12\\"",',
        "]",
    ]
    assert shop.judge()[0] == 0


def test_what_is_no_leak_has_no_baseline_and_that_is_told(shop: Shop) -> None:
    record = replace(leak_record(), judgement=Judgement(verdict=Verdict.CLEAN, reason=""))
    RecordStore(shop.folder / ".leakcheck").save(record)
    code, out, err = shop.do("baseline", ID)

    assert (code, out) == (0, ["allow = []"])
    assert err == [f"leakcheck: {ID}: found CLEAN, wanted a LEAK: it has nothing to allow"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--until", "soon"), "--until: found 'soon', wanted a day as YYYY-MM-DD, "),
        (("--until", "2020-01-01"), "--until: found '2020-01-01', wanted a day as YYYY-MM-DD, "),
        (("--until", "29990101"), "--until: found '29990101', wanted a day"),
        (("--reason", " "), "--reason: found ' ', wanted a text on one line"),
        (("--reason", "a\nb"), "--reason: found 'a\\nb', wanted a text on one line"),
        (("nowhere",), "nowhere"),
        (("--out", "empty"), "empty: found no run record there, wanted RECORD or a folder"),
    ],
)
def test_a_baseline_that_cannot_be_made_is_refused_in_one_line(
    shop: Shop, arguments: tuple[str, ...], complaint: str
) -> None:
    code, out, err = shop.do("baseline", *arguments)

    assert (code, out, len(err)) == (2, [], 1)
    assert complaint in err[0]


# -- outputs ---------------------------------------------------------------------------------


def test_judge_writes_sarif_and_badges(shop: Shop) -> None:
    assert shop.judge("--sarif", "s.sarif", "--badge", "b.json")[0] == 1
    assert shop.judge("--badge", "b.svg")[0] == 1

    assert shop.judge("--code-quality", "q.json")[0] == 1

    assert shop.read("q.json")[0]["severity"] == "critical"
    assert shop.read("s.sarif")["version"] == "2.1.0"
    assert shop.read("b.json")["message"] == "leak"
    assert "leakcheck: leak" in (shop.folder / "b.svg").read_text(encoding="utf-8")


WRONG = {
    ("--code-quality", "nowhere/q.json"): "--code-quality: nowhere/q.json cannot be written (No",
    ("--sarif", "nowhere/s.sarif"): "--sarif: nowhere/s.sarif cannot be written (No such file",
    ("--badge", "."): "--badge: found '.', wanted a file that ends in .svg or .json",
    ("--badge", "b.png"): "--badge: found 'b.png', wanted a file that ends in .svg or .json",
}


@pytest.mark.parametrize(("arguments", "complaint"), WRONG.items(), ids=" ".join)
def test_a_file_that_cannot_be_used_is_told_before_anything_runs(
    here: Here, arguments: tuple[str, str], complaint: str
) -> None:
    assert complaint in here.refused(*arguments, workload("nothing"))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("sarif = 'nowhere/s'", "[tool.leakcheck] sarif = 'nowhere/s': "),
        ("badge = 'b.gif'", "wanted a file that ends in .svg or .json"),
        ("github = 'yes'", "[tool.leakcheck] github = 'yes', wanted true or false"),
    ],
)
def test_so_is_one_of_the_configuration(here: Here, line: str, complaint: str) -> None:
    here.desk.write("pyproject.toml", f"[tool.leakcheck]\n{line}\n")

    assert complaint in here.refused(workload("nothing"))


def test_github_is_told_where_asked_and_the_closing_line_stays_the_last(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(shop.folder / "summary.md"))
    (shop.folder / "summary.md").write_text("# before\n", encoding="utf-8")
    _, out, err = shop.judge("--github")

    assert err == []
    assert out[-2].startswith("::error file=")
    assert out[-1] == "1 LEAK"
    text = (shop.folder / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("# before\n## leakcheck: 1 LEAK\n")
    assert "```mermaid" in text


def test_a_summary_that_cannot_be_written_is_one_line_and_changes_no_verdict(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(shop.folder / "nowhere" / "summary.md"))
    code, out, err = shop.judge("--github")

    assert (code, out[-1]) == (1, "1 LEAK")
    assert err == ["leakcheck: the job's summary was not written (No such file or directory)"]


@pytest.mark.parametrize(
    ("arguments", "told"), [((), False), (("--github",), True), (("--no-github",), False)]
)
def test_a_record_that_is_judged_again_tells_github_nothing_unless_asked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], *, told: bool
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    _, out, _ = shop.judge(*arguments)

    assert any(line.startswith("::error ") for line in out) is told


LEAKS = """\
SEEN = []

def tick():
    SEEN.append(bytearray(4000))
"""
QUICK = ("--exact-iterations", "400")


@pytest.mark.slow
def test_a_run_passes_what_its_baseline_allows_and_tells_github_by_itself(desk: Desk) -> None:
    target = f"{desk.write('jobs.py', LEAKS)}:tick"
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(desk.folder / "summary.md")}
    first = desk.run(target, *QUICK, variables=github)
    desk.write(
        "pyproject.toml",
        "[tool.leakcheck]\ngithub = true\nsarif = 's.sarif'\n"
        'allow = ["jobs.py:4 = 4.5KB until 2999-01-31 # ticket 12"]\n',
    )
    second = desk.run(target, *QUICK, "--junit", "j.xml", "--no-github", variables=github)
    third = desk.run(target, *QUICK, "--junit", "j.xml")

    assert (first.code, second.code, third.code) == (1, 0, 0)
    assert "::error file=jobs.py,line=4,title=LEAK%3A jobs.py%3Atick::" in first.out
    assert "::" not in second.out
    assert "::warning file=jobs.py,line=4,title=LEAK (allowed)%3A " in third.out
    assert third.out.splitlines()[-1] == "1 LEAK (1 allowed)"
    assert '<skipped type="leak" message="allowed: jobs.py:4 ' in (desk.folder / "j.xml").read_text(
        encoding="utf-8"
    )
    assert desk.json("s.sarif")["runs"][0]["results"][0]["suppressions"]
    assert (desk.folder / "summary.md").read_text(encoding="utf-8").count("## leakcheck: ") == 1
