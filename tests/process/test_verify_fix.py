"""`leakcheck verify-fix`: the workload of a leak run again, after all kinds of fixes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from leakcheck.cli import main
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Judgement, Verdict
from leakcheck.record.store import RecordStore
from tests.process.command import Desk
from tests.unit.records import leak_record

LENGTH = ("--profiler", "none", "--exact-iterations", "2100", "--threshold", "8B")
START = "import os\nKEPT = []\n"
LEAKING = f"{START}def tick():\n    KEPT.append(bytes(64))\n"
OPENING = f"{START}def tick():\n    KEPT.append(os.open(os.devnull, os.O_RDONLY))\n"
NOTHING = f"{START}def tick():\n    pass\n"


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A `leakcheck verify-fix` that has ended."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> str:
        """Return the last line, which says what the fix was worth."""
        return self.out.splitlines()[-1]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A folder with the record of a leak in it, and the file that leaked."""

    folder: Path
    before: RunRecord

    @property
    def store(self) -> RecordStore:
        return RecordStore(self.folder / "records")

    @property
    def newest(self) -> RunRecord:
        """Return the record that was added."""
        (name,) = set(self.store.ids()) - {self.before.id}
        return self.store.load(name)

    def start(self, source: str | None, *arguments: str) -> "subprocess.Popen[str]":
        """Put `source` in the leaking file's place, and start `leakcheck verify-fix`."""
        if source is not None:
            (self.folder / "jobs.py").write_text(source, encoding="utf-8")
        return subprocess.Popen(
            [*(sys.executable, "-m", "leakcheck", "verify-fix"), *arguments],
            cwd=self.folder,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def verify(self, source: str | None, *arguments: str) -> Verified:
        """Put `source` in the leaking file's place, and verify that fix."""
        command = self.start(source, *(arguments or ("--out", "records", self.before.id)))
        out, err = command.communicate(timeout=300)
        assert "Traceback" not in err
        return Verified(code=command.returncode, out=out, err=err)


def recorded(folder: Path, source: str) -> Bench:
    """Run a leak, and return the folder in which it was recorded."""
    desk = Desk(folder=folder)
    target = f"{desk.write('jobs.py', source)}:tick"
    ran = desk.run(*LENGTH, target)
    assert ran.code == 1, ran.out
    return Bench(folder=folder, before=ran.record)


@pytest.fixture(scope="module")
def leak(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return recorded(tmp_path_factory.mktemp("leak"), LEAKING)


@pytest.fixture
def bench(leak: Bench, tmp_path: Path) -> Bench:
    """Return a copy of that folder, for one test to work in."""
    shutil.copytree(leak.folder / "records", tmp_path / "records")
    return Bench(folder=tmp_path, before=leak.before)


# -- what a fix is worth ---------------------------------------------------------------------


def test_a_fixed_leak_is_fixed_with_the_old_rate_and_the_new_bound(bench: Bench) -> None:
    told = bench.verify(NOTHING, "--out", "records", "--json", "after.json", bench.before.id)
    document = json.loads((bench.folder / "after.json").read_bytes())
    (verdict,) = document["verdicts"]

    assert told.code == 0, told.out
    assert told.out.startswith("CLEAN         jobs.py:tick   ")
    assert told.answer.startswith("fixed: 1")
    assert " -> below " in told.answer
    assert told.answer.endswith(" B an iteration (at 99 %)")
    assert (verdict["verdict"], verdict["record"]) == ("CLEAN", bench.newest.id)


def test_it_runs_as_the_record_says_and_leaves_that_record_alone(bench: Bench) -> None:
    marked = (
        f"import leakcheck\n{START}"
        "@leakcheck.workload(exact_iterations=40)\ndef tick():\n    pass\n"
    )
    bench.verify(marked)

    assert bench.newest.plan == bench.before.plan
    assert bench.newest.measurement.iterations == 2100
    assert bench.store.load(bench.before.id) == bench.before


def test_what_still_leaks_as_much_is_not_fixed(bench: Bench) -> None:
    told = bench.verify(LEAKING)

    assert told.code == 1, told.out
    assert told.out.startswith("LEAK ")
    assert told.answer.startswith("not fixed: 1")
    assert told.answer.endswith(")")


def test_what_leaks_much_less_is_better_and_not_fixed(bench: Bench) -> None:
    told = bench.verify(LEAKING.replace("64", "1"))

    assert told.code == 1, told.out
    assert told.answer.startswith("better, not fixed: 1")


def test_another_leak_in_its_place_is_named_as_new(bench: Bench) -> None:
    told = bench.verify(f"{START}def tick():\n    os.open(os.devnull, os.O_RDONLY)\n")

    assert told.code == 1, told.out
    assert told.answer.startswith("not fixed: 1")
    assert "new: 1 descriptors an iteration (" in told.answer


def test_what_cannot_be_decided_is_not_sure_and_says_why(bench: Bench) -> None:
    short = replace(bench.before, plan=replace(bench.before.plan, iterations=300))
    bench.store.save(short)
    told = bench.verify(NOTHING)

    assert told.code == 3, told.out
    assert told.answer.startswith("not sure: 1")
    assert "CLEAN needs 2,000" in told.answer


def test_what_cannot_be_measured_says_why(bench: Bench) -> None:
    told = bench.verify(f"{START}def tick():\n    raise ValueError\n")

    assert told.code == 4, told.out
    assert told.answer.startswith("not measured: raised ValueError at iteration 1")


def test_a_leak_of_descriptors_is_told_in_descriptors(tmp_path: Path) -> None:
    bench = recorded(tmp_path, OPENING)
    closing = OPENING.replace("KEPT.append(", "os.close(")
    told = bench.verify(closing)

    assert told.code == 0, told.out
    assert "1 -> below 0.001 descriptors an iteration (at 99 %)" in told.answer


# -- where it runs, and what it refuses ------------------------------------------------------


def test_the_new_record_goes_where_the_old_one_is(bench: Bench) -> None:
    told = bench.verify(NOTHING, f"records/{bench.before.id}/record.json")

    assert told.code == 0, told.err
    assert bench.newest.judgement.verdict is Verdict.CLEAN
    assert not (bench.folder / ".leakcheck").exists()


def test_ctrl_c_ends_it_with_its_own_exit_code_and_says_nothing_of_the_fix(bench: Bench) -> None:
    slow = f"{START}import time\ndef tick():\n    os.mkdir('under-way')\n    time.sleep(60)\n"
    command = bench.start(slow, "--out", "records", bench.before.id)
    deadline_s = time.monotonic() + 60
    while not (bench.folder / "under-way").exists():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=60)

    assert command.returncode == 130, out + err
    assert "leakcheck: interrupted" in err
    assert "fixed" not in out


def test_a_target_that_is_not_here_is_told_with_who_named_it(bench: Bench) -> None:
    told = bench.verify(None)
    (line,) = told.err.splitlines()

    assert (told.code, told.out) == (2, "")
    assert "jobs.py: found no such file" in line
    assert f"({bench.before.id} names jobs.py:tick, looked for from {bench.folder})" in line


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """`leakcheck verify-fix` in this process, for what it refuses before anything runs."""

    store: RecordStore
    capture: pytest.CaptureFixture[str]

    def save(self, **changes: object) -> RunRecord:
        record = replace(leak_record(), **changes)  # type: ignore[arg-type]
        self.store.save(record)
        return record

    def of(self, *arguments: str) -> str:
        assert main(["verify-fix", *arguments]) == 2
        said = self.capture.readouterr()
        assert said.out == ""
        (line,) = said.err.splitlines()
        return line


@pytest.fixture
def refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Refusal:
    monkeypatch.chdir(tmp_path)
    return Refusal(store=RecordStore(tmp_path / ".leakcheck"), capture=capsys)


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.LEAK])
def test_a_record_that_was_no_leak_is_refused(refusal: Refusal, verdict: Verdict) -> None:
    record = refusal.save(judgement=Judgement(verdict=verdict, reason="so it was"))

    assert refusal.of(record.id) == (
        f"leakcheck: {record.id}: found {verdict}, wanted the record of a LEAK: "
        "there is no fix to verify"
    )


def test_a_record_that_is_not_there_is_told(refusal: Refusal) -> None:
    assert "found no such record in .leakcheck and no such path" in refusal.of("nowhere")


def test_an_interpreter_that_is_gone_is_told_with_the_way_out(refusal: Refusal) -> None:
    gone = Path("/nowhere/bin/python")
    record = refusal.save(plan=replace(leak_record().plan, python=gone))

    assert refusal.of(record.id) == (
        f"leakcheck: {gone}: found no interpreter there, which {record.id} names, "
        "wanted --python PATH"
    )
    assert "found no interpreter that answers" in refusal.of(record.id, "--python", "./nothing")


def test_a_file_that_cannot_be_written_is_told_before_anything_runs(refusal: Refusal) -> None:
    record = refusal.save(plan=replace(leak_record().plan, python=Path(sys.executable)))

    assert "--json: no/where.json cannot be written" in refusal.of(
        record.id, "--json", f"no{os.sep}where.json"
    )


def test_the_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify-fix", "--help"])

    assert ended.value.code == 0
    assert "leakcheck verify-fix 20261123T120000Z-tick-1a2b3c" in capsys.readouterr().out
