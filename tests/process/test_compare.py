"""`leakcheck compare`: two records, lines on what moved, a word last, and an exit code."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from leakcheck.cli import main
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Judgement, Verdict
from leakcheck.record.store import RecordStore
from tests.unit.records import leak_record

Said = pytest.CaptureFixture[str]


def saved(record: RunRecord, token: str) -> str:
    """Return the id of the record, stored where this test stands."""
    store = RecordStore(Path(".leakcheck"))
    named = replace(record, id=f"{record.id[:-6]}{token}")
    store.save(named)
    return named.id


def judged(verdict: Verdict) -> RunRecord:
    record = leak_record()
    trends = {
        signal: replace(trend, growth=replace(trend.growth, low=-600.0), verdict=verdict)
        for signal, trend in record.judgement.trends.items()
    }
    judgement = Judgement(verdict=verdict, reason="a reason", trends=trends)
    return replace(record, judgement=judgement)


@pytest.fixture
def ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the ids of records of one workload: fast and slow leaks, and other verdicts."""
    monkeypatch.chdir(tmp_path)
    return {
        "leak": saved(leak_record(), "000001"),
        "slow": saved(leak_record(bytes_per_iteration=40), "000002"),
        "clean": saved(judged(Verdict.CLEAN), "000003"),
        "open": saved(judged(Verdict.INCONCLUSIVE), "000004"),
        "failed": saved(judged(Verdict.ERROR), "000005"),
    }


@pytest.mark.parametrize(
    ("before", "after", "code", "word"),
    [
        ("leak", "leak", 0, "same: "),
        ("leak", "slow", 0, "better: "),
        ("slow", "leak", 1, "worse: "),
        ("leak", "clean", 0, "better: "),
        ("clean", "leak", 1, "worse: "),
        ("leak", "open", 3, "not sure: "),
        ("leak", "failed", 4, "not comparable: "),
    ],
)
def test_the_last_line_is_the_answer_and_so_is_the_exit_code(
    ids: dict[str, str], capsys: Said, before: str, after: str, code: int, word: str
) -> None:
    assert main(["compare", ids[before], ids[after]]) == code
    assert capsys.readouterr().out.splitlines()[-1].startswith(word)


def test_both_rows_the_readings_and_the_lines_are_told(ids: dict[str, str], capsys: Said) -> None:
    main(["compare", ids["leak"], ids["slow"]])

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("A  LEAK          jobs.py:tick   +108 B/iteration")
    assert lines[1].startswith("B  LEAK          jobs.py:tick   +40.0 B/iteration")
    assert lines[2] == "slower   heap  108 B (107 B .. 109 B) -> 40.0 B (39.4 B .. 40.7 B)"
    assert lines[-1] == (
        "better: heap in use: 108 B -> 40.0 B an iteration (39.4 B .. 40.7 B); still LEAK"
    )


def test_the_json_holds_word_numbers_and_both_records(ids: dict[str, str]) -> None:
    main(["compare", ids["leak"], ids["slow"], "--json", "compare.json"])

    document = json.loads(Path("compare.json").read_bytes())
    assert document["schema_version"] == 1
    assert document["word"] == "better"
    assert [document[name]["record"] for name in ("before", "after")] == [ids["leak"], ids["slow"]]
    assert document["signals"]["heap"]["move"] == "slower"
    assert document["signals"]["heap"]["change_per_iteration"]["high"] < -60
    (line,) = document["lines"]
    assert (line["function"], line["line"]) == ("tick", 12)


def test_a_report_of_both_opens_with_what_changed(ids: dict[str, str]) -> None:
    assert main(["compare", ids["leak"], ids["slow"], "-o", "compare.html"]) == 0

    text = Path("compare.html").read_text(encoding="utf-8")
    assert text.index("better: heap in use") < text.index("Verdicts") < text.index('id="run-2"')


def test_on_standard_output_the_report_is_alone(ids: dict[str, str], capsys: Said) -> None:
    assert main(["compare", ids["slow"], ids["leak"], "--format", "markdown", "-o", "-"]) == 1
    assert capsys.readouterr().out.startswith("# worse: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--json", "no/such/folder.json"], "cannot be written"),
        (["-o", "a.png", "--format", "png"], "found 2 records, wanted one"),
        (["-o", "a.pdf", "--format", "pdf"], "found 'pdf', wanted"),
    ],
)
def test_what_cannot_be_written_is_refused(
    ids: dict[str, str], capsys: Said, arguments: list[str], said: str
) -> None:
    assert main(["compare", ids["leak"], ids["slow"], *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert list(Path().glob("a.*")) == []


def test_a_record_that_cannot_be_read_is_refused(ids: dict[str, str], capsys: Said) -> None:
    Path("bad.json").write_text("{}", encoding="utf-8")

    assert main(["compare", ids["leak"], "bad.json"]) == 2
    assert "bad.json: record.schema_version: found" in capsys.readouterr().err
