"""`leakcheck judge`: saved records judged anew, and records that cannot be."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from leakcheck.cli import main
from leakcheck.model.measurement import Ending
from leakcheck.model.run_record import SCHEMA_VERSION, RunRecord
from leakcheck.model.verdict import Judgement, Verdict
from leakcheck.record.store import RecordStore
from tests.process.command import Desk, workload
from tests.unit.records import leak_record

ID = "20261123T120000Z-tick-1a2b3c"


def leaking() -> RunRecord:
    """Return the record of a leak that no container explains."""
    record = leak_record()
    return replace(record, measurement=replace(record.measurement, census=None))


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A folder with one saved record, and `leakcheck judge` in it."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    @property
    def store(self) -> RecordStore:
        return RecordStore(self.folder / ".leakcheck")

    def save(self, **changes: object) -> RunRecord:
        record = replace(leaking(), **changes)  # type: ignore[arg-type]
        self.store.save(record)
        return record

    def judge(self, *arguments: str) -> tuple[int, str, str]:
        code = main(["judge", *arguments])
        said = self.capture.readouterr()
        return code, said.out, said.err

    def refused(self, *arguments: str) -> str:
        code, out, err = self.judge(*arguments)
        assert (code, out) == (2, "")
        (line,) = err.splitlines()
        return line


@pytest.fixture
def bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Bench:
    monkeypatch.chdir(tmp_path)
    return Bench(folder=tmp_path, capture=capsys)


# -- the verdict -----------------------------------------------------------------------------


@pytest.mark.parametrize("named", [ID, f".leakcheck/{ID}", f".leakcheck/{ID}/record.json"])
def test_a_record_is_judged_by_its_id_its_folder_or_its_file(bench: Bench, named: str) -> None:
    bench.save()
    code, out, err = bench.judge(named)

    assert code == 1
    assert out.startswith("LEAK          jobs.py:tick   +108 B/iteration (")
    assert f"record .leakcheck/{ID}" in out
    assert out.endswith("\n1 LEAK\n")
    assert "differs" not in out
    assert err == ""


def test_the_stored_verdict_is_not_what_decides(bench: Bench) -> None:
    lie = Judgement(verdict=Verdict.CLEAN, reason="all is well")
    bench.save(judgement=lie, leakcheck="0.0.7")
    code, out, _ = bench.judge(ID)

    assert code == 1
    assert "differs: leakcheck 0.0.7 said CLEAN: all is well\n" in out


def test_another_threshold_gives_another_verdict_and_leaves_the_record_alone(bench: Bench) -> None:
    record = bench.save()
    code, out, _ = bench.judge(ID, "--threshold", "1KiB")

    assert code == 0
    assert "differs: leakcheck 0.1.0 said LEAK at 4.0 B and 0.001 an iteration: " in out
    assert bench.store.load(ID) == record


def test_the_thresholds_of_the_run_hold_unless_others_are_given(bench: Bench) -> None:
    plan = leak_record().plan
    bench.save(plan=replace(plan, thresholds=replace(plan.thresholds, bytes_per_iteration=1024)))

    assert bench.judge(ID)[0] == 0
    assert bench.judge(ID, "--threshold", "4B")[0] == 1


def test_the_json_is_that_of_run_with_the_new_verdict_and_threshold(bench: Bench) -> None:
    bench.save()
    bench.judge(ID, "--threshold", "2B", "--json", "v.json")
    document: dict[str, Any] = json.loads((bench.folder / "v.json").read_bytes())

    (verdict,) = document["verdicts"]
    assert document["schema_version"] == 1
    assert (verdict["verdict"], verdict["record"]) == ("LEAK", ID)
    assert verdict["threshold_bytes_per_iteration"] == 2
    assert verdict["growth_bytes_per_iteration"]["estimate"] == pytest.approx(108)
    assert verdict["held_by"] == ["jobs.SEEN (module global) -> dict -> jobs.Tick"]


def test_several_records_share_an_exit_code_as_several_workloads_do(bench: Bench) -> None:
    bench.save()
    other = "20261123T120001Z-tock-1a2b3c"
    failed = replace(leak_record().measurement, ending=Ending.FAILED, failure="it raised")
    bench.save(id=other, measurement=failed)

    assert bench.judge(ID, other)[1].endswith("\n1 LEAK, 1 ERROR\n")
    assert [bench.judge(*names)[0] for names in ([other], [ID, other])] == [4, 1]
    assert bench.judge(ID, "--warn-only")[0] == 0


def test_the_configuration_says_where_records_are_and_what_is_forgiven(bench: Bench) -> None:
    bench.save()
    (bench.folder / "kept").mkdir()
    (bench.folder / ".leakcheck" / ID).rename(bench.folder / "kept" / ID)
    (bench.folder / "pyproject.toml").write_text(
        '[tool.leakcheck]\nout = "kept"\nwarn-only = true\njson = "of-the-run.json"\n',
        encoding="utf-8",
    )

    assert bench.judge(ID)[0] == 0
    assert not (bench.folder / "of-the-run.json").exists()


def test_what_run_recorded_is_judged_as_run_judged_it(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = desk.run("--exact-iterations", "2000", workload("nothing"))
    code = main(["judge", str(desk.store.folder(ran.record.id))])
    row = capsys.readouterr().out.splitlines()[0]

    assert code == ran.code
    assert row == ran.out.splitlines()[0]


# -- records that cannot be judged -----------------------------------------------------------


def _damage(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:200])


def _newer(file: Path) -> None:
    document = json.loads(file.read_bytes())
    file.write_text(json.dumps({**document, "schema_version": SCHEMA_VERSION + 1}))


def _negative(file: Path) -> None:
    document = json.loads(file.read_bytes())
    document["measurement"]["iterations"] = -5
    file.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_damage, "record: found text that is no JSON"),
        (_newer, f"written by a newer leakcheck (schema {SCHEMA_VERSION + 1}, this one reads up"),
        (_negative, "record.measurement.iterations: found -5, wanted 0 or more"),
        (Path.unlink, "record.json: cannot be read (No such file or directory), wanted a run"),
    ],
)
def test_a_record_that_cannot_be_read_is_told_in_one_line(
    bench: Bench, spoil: Callable[[Path], object], said: str
) -> None:
    bench.save()
    spoil(bench.store.file_of(ID))
    line = bench.refused(ID)

    assert line.startswith(f"leakcheck: .leakcheck/{ID}/record.json: ")
    assert said in line


@pytest.mark.parametrize("named", [ID, "nowhere", "a\x00b", "x" * 300])
def test_a_record_that_is_not_there_is_told_with_where_it_was_looked_for(
    bench: Bench, named: str
) -> None:
    assert "found no such record in .leakcheck and no such path" in bench.refused(named)


def test_one_record_that_is_not_there_and_none_is_judged(bench: Bench) -> None:
    bench.save()
    assert "'nowhere'" in bench.refused(ID, "nowhere")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--threshold", "much"), "--threshold: found 'much', wanted a size above 0"),
        (("--threshold", "0"), "--threshold: found '0', wanted a size above 0"),
        (("--count-threshold", "nan"), "--count-threshold: found nan, wanted more than 0"),
        (("--json", "nowhere/v.json"), "--json: nowhere/v.json cannot be written"),
    ],
)
def test_an_option_of_judge_that_cannot_be_used_is_told_in_one_line(
    bench: Bench, arguments: tuple[str, ...], said: str
) -> None:
    bench.save()
    assert said in bench.refused(ID, *arguments)


def test_the_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["judge", "--help"])

    assert ended.value.code == 0
    assert "leakcheck judge .leakcheck/2* --threshold 64B" in capsys.readouterr().out
