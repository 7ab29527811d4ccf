"""A matrix of checks: what is in it, what is run, and what is run after an interruption."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.check import Checked, Settings
from leakcheck.cli import main
from leakcheck.matrix import journal as journals
from leakcheck.matrix import running
from leakcheck.matrix.cells import Cell, Matrix, shown_value, variables_of
from leakcheck.matrix.document import matrix_text
from leakcheck.matrix.entry import Entry
from leakcheck.matrix.journal import Journal, locked, read_journal
from leakcheck.matrix.running import Running, Standing, Told, seconds_left
from leakcheck.model.errors import TargetError, UsageError
from leakcheck.model.measurement import Ending
from leakcheck.model.options import Options
from leakcheck.model.verdict import Growth, Verdict
from leakcheck.wording.matrix import duration, exception_lines, plan_lines, table_lines, tally
from tests.unit.records import leak_record

FIVE_HUNDRED = Matrix(
    targets=tuple(f"jobs.py:job_{number}" for number in range(10)),
    pythons=("python3.11", "python3.12"),
    variables={"RELEASE": tuple(f"1.{number}" for number in range(25))},
)
WORDS = st.text(alphabet="abc=,. ", min_size=1, max_size=6)
ENTRY = Entry(
    record="20261128T120000Z-tick-1a2b3c",
    verdict=Verdict.LEAK,
    reason="it grows",
    growth=Growth(estimate=100.0, low=99.0, high=101.0),
    where="jobs.py:3",
    seconds=2.0,
)


def test_five_hundred_checks_are_five_hundred_cells_that_differ() -> None:
    cells = FIVE_HUNDRED.cells

    assert len(cells) == 500
    assert len({cell.key for cell in cells}) == 500
    assert len({cell.label for cell in cells}) == 500


@given(
    targets=st.lists(WORDS, min_size=1, max_size=4, unique=True),
    pythons=st.lists(WORDS, min_size=1, max_size=3, unique=True),
    values=st.dictionaries(
        st.sampled_from("XYZ"), st.lists(WORDS, min_size=1, max_size=3, unique=True), max_size=3
    ),
)
def test_no_two_cells_share_a_key(
    targets: list[str], pythons: list[str], values: dict[str, list[str]]
) -> None:
    matrix = Matrix(
        targets=tuple(targets),
        pythons=tuple(pythons),
        variables={name: tuple(found) for name, found in values.items()},
    )

    assert len({cell.key for cell in matrix.cells}) == len(matrix.cells)


def test_the_order_of_workloads_changes_no_key_and_an_option_changes_each() -> None:
    turned = replace(FIVE_HUNDRED, targets=FIVE_HUNDRED.targets[::-1])
    other = replace(FIVE_HUNDRED, options=Options(time_limit_s=5.0))
    keys = {cell.key for cell in FIVE_HUNDRED.cells}

    assert {cell.key for cell in turned.cells} == keys
    assert not {cell.key for cell in other.cells} & keys


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("RELEASE", "1.0.0", "1.0.0"),
        ("API_KEY", "s3cret", "***1"),
        ("DB_PASSWORD", "s3cret", "***1"),
        ("DATABASE", "postgresql://me:s3cret@host/db", "***1"),
        ("RELEASE", "a\x1b[31m", "a?[31m"),
    ],
)
def test_a_value_that_may_be_a_secret_is_shown_by_its_number(
    name: str, value: str, shown: str
) -> None:
    assert shown_value(name, value, [value]) == shown


def test_a_secret_is_in_no_label_no_json_and_no_journal(tmp_path: Path) -> None:
    matrix = Matrix(targets=("a:b",), variables=variables_of(["API_TOKEN=s3cret,0ther"]))
    journal, standing = Journal(tmp_path), Standing(matrix=matrix)
    for cell in matrix.cells:
        journal.add(cell.key, ENTRY)
        standing.entries[cell.key] = ENTRY
    told = "".join([*table_lines(standing), *exception_lines(standing), matrix_text(standing)])

    assert "API_TOKEN=***2" in told
    for secret in ("s3cret", "0ther"):
        assert secret not in told
        assert secret not in (tmp_path / journals.FILE_NAME).read_text(encoding="utf-8")


class Machine:
    """Stands for this machine: checks take no time, and it can be interrupted after some."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, until: int = 10**9) -> None:
        self.made: Counter[tuple[str, str]] = Counter()
        self._until = until
        self._lock = threading.Lock()
        monkeypatch.setattr(running, "check", self._check)

    def _check(
        self, targets: list[str], asked: Settings, *, interrupted: threading.Event, **_: Any
    ) -> list[Checked]:
        (target,) = targets
        if target == "jobs.py:nowhere":
            interrupted.set()  # as `check` does when a target cannot be loaded
            msg = "jobs.py: found no 'nowhere' in it"
            raise TargetError(msg)
        with self._lock:
            if sum(self.made.values()) >= self._until:
                raise KeyboardInterrupt
            self.made[target, asked.variables.get("RELEASE", "") + str(asked.python)] += 1
        record = leak_record(samples=20)
        return [
            Checked(record=replace(record, plan=replace(record.plan, target=target)), folder=Path())
        ]


def entered(checked: Checked, seconds: float) -> Entry:
    return replace(ENTRY, record=checked.record.id, seconds=seconds)


def run(standing: Standing, out: Path, jobs: int = 4) -> tuple[list[Cell], threading.Event]:
    """Run what is open of a matrix, and return the cells that were done."""
    done: list[Cell] = []
    told = Told(
        observe=lambda _: None,
        done=lambda cell, _, __: done.append(cell),
        refused=lambda *_: None,
        again=lambda *_: None,
    )
    asked = Settings(out=out, jobs=jobs, variables={})
    interrupted = threading.Event()
    pythons = {name: replace(asked, python=Path(name)) for name in standing.matrix.pythons}
    Running(standing, read_journal(out), asked, entered, told).here(pythons, interrupted)
    return done, interrupted


def resumed(matrix: Matrix, out: Path) -> Standing:
    return Standing(matrix=matrix, entries=dict(read_journal(out).entries))


def test_an_interrupted_matrix_goes_on_where_it_was_and_nothing_is_run_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leakcheck.record.whole.os.fsync", lambda _: None)
    machine = Machine(monkeypatch, until=123)
    first = resumed(FIVE_HUNDRED, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run(first, tmp_path)
    assert sum(machine.made.values()) == 123

    machine._until = 10**9
    second = resumed(FIVE_HUNDRED, tmp_path)
    assert len(second.open_cells()) == 500 - 123
    done, _ = run(second, tmp_path)

    assert len(done) == 500 - 123
    assert not second.open_cells()
    assert len(machine.made) == 500
    assert set(machine.made.values()) == {1}
    assert tally(second) == "500 LEAK"


def test_a_check_that_was_interrupted_stays_open_though_its_record_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = leak_record(samples=20)
    cut = replace(record, measurement=replace(record.measurement, ending=Ending.INTERRUPTED))
    monkeypatch.setattr(running, "check", lambda *_, **__: [Checked(record=cut, folder=tmp_path)])
    standing = Standing(matrix=Matrix(targets=("jobs.py:tick",)))

    assert run(standing, tmp_path)[0] == []
    assert len(standing.open_cells()) == 1
    assert read_journal(tmp_path).entries == {}


def test_a_workload_that_cannot_be_loaded_is_refused_and_the_others_are_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Machine(monkeypatch)
    standing = Standing(matrix=Matrix(targets=("jobs.py:nowhere", "jobs.py:a", "jobs.py:b")))
    done, interrupted = run(standing, tmp_path, jobs=1)

    assert [cell.target for cell in done] == ["jobs.py:a", "jobs.py:b"]
    assert not interrupted.is_set()
    assert [*standing.refused.values()] == ["jobs.py: found no 'nowhere' in it"]
    assert len(read_journal(tmp_path).entries) == 2  # so the refused one is tried again


def test_a_journal_is_read_as_it_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add("a", ENTRY)
    journal.add("b", replace(ENTRY, growth=None, counts=False, where=""))

    assert read_journal(tmp_path).entries == journal.entries
    assert journal.others(FIVE_HUNDRED) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "an object"),
        ('{"schema_version": 2, "cells": {}}', "another leakcheck wrote it"),
        ('{"schema_version": 1, "cells": {"a": {}}}', "found nothing"),
        ('{"schema_version": 1, "cells": {"a": RECORD}}', "an id, such as"),
    ],
)
def test_a_damaged_journal_is_refused_with_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    bad = json.dumps({**ENTRY.document(), "record": "../../etc"})
    file = tmp_path / journals.FILE_NAME
    file.write_text(text.replace("RECORD", bad), encoding="utf-8")

    with pytest.raises(UsageError, match="take it away, and every cell is run again") as refused:
        read_journal(tmp_path)
    assert said in str(refused.value)


def test_two_matrices_in_one_folder_do_not_write_over_each_other(tmp_path: Path) -> None:
    with (
        locked(tmp_path),
        pytest.raises(UsageError, match="found another matrix under way there"),
        locked(tmp_path),
    ):
        pass


def test_the_plan_says_how_many_checks_there_are_and_how_long_they_may_take() -> None:
    standing = Standing(matrix=FIVE_HUNDRED)
    left_s = seconds_left(standing.open_cells(), standing.entries, 60.0)
    lines = [*plan_lines(standing, at_once=4, seconds=left_s / 4)]

    assert lines == [
        "500 checks: 10 workloads x 2 interpreters x 25 of RELEASE",
        "at most 2 h 5 min, 4 at a time",
    ]


def test_what_is_done_makes_the_estimate() -> None:
    standing = Standing(matrix=FIVE_HUNDRED)
    standing.entries = {cell.key: ENTRY for cell in FIVE_HUNDRED.cells[:100]}

    assert seconds_left(standing.open_cells(), standing.entries, 60.0) == 800.0
    assert "100 have a verdict already, 400 are to be run" in [
        *plan_lines(standing, at_once=1, seconds=800.0)
    ]


def marked(mark: Callable[[int], Verdict | None]) -> Standing:
    standing = Standing(matrix=FIVE_HUNDRED)
    for number, cell in enumerate(FIVE_HUNDRED.cells):
        if (verdict := mark(number)) is not None:
            standing.entries[cell.key] = replace(ENTRY, verdict=verdict)
    return standing


def test_five_hundred_verdicts_fit_on_a_screen_and_only_exceptions_are_told_of() -> None:
    standing = marked(lambda number: Verdict.LEAK if number % 100 == 0 else Verdict.CLEAN)
    lines = [*table_lines(standing)]
    rows = [line for line in lines if line.startswith("jobs.py:job_")]

    assert rows[0] == f"jobs.py:job_0  L{'.' * 49}"
    assert rows[1] == f"jobs.py:job_1  {'.' * 50}"
    assert len(rows) == 10
    assert max(map(len, lines)) <= 100
    assert len([*exception_lines(standing)]) == 5
    assert tally(standing) == "5 LEAK, 495 CLEAN"


def test_too_many_exceptions_are_counted() -> None:
    assert [*exception_lines(marked(lambda _: Verdict.LEAK))][-1] == (
        "... and 450 more: --json has all of them"
    )


def test_a_small_matrix_is_a_table_of_words_and_rates() -> None:
    matrix = Matrix(targets=("a.py:tick", "b:close"), variables={"R": ("1", "2")})
    standing = Standing(matrix=matrix)
    first, second, third, _ = matrix.cells
    standing.entries = {first.key: ENTRY, second.key: replace(ENTRY, verdict=Verdict.CLEAN)}
    standing.refused = {third.key: "no such thing"}

    assert [*table_lines(standing)] == [
        "           R=1         R=2",
        "a.py:tick  LEAK 100 B  CLEAN",
        "b:close    not run     -",
    ]
    assert [*exception_lines(standing)] == [
        (
            "LEAK          a.py:tick [R=1]  100 B/iteration (99.0 B .. 101 B) at jobs.py:3, "
            "record 20261128T120000Z-tick-1a2b3c"
        ),
        "not run       b:close [R=1]: no such thing",
    ]
    assert tally(standing) == "1 LEAK, 1 CLEAN, 1 not run, 1 left"


@settings(max_examples=30)
@given(st.lists(st.sampled_from([*Verdict, None]), min_size=500, max_size=500))
def test_every_cell_is_in_the_json_with_its_verdict(verdicts: list[Verdict | None]) -> None:
    document = json.loads(matrix_text(marked(lambda number: verdicts[number])))

    assert [cell["verdict"] for cell in document["cells"]] == verdicts


@given(st.floats(min_value=0, max_value=1e7))
def test_a_duration_is_in_words(seconds: float) -> None:
    assert duration(seconds).endswith((" s", " min"))


def test_a_matrix_that_cannot_be_meant_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    values = ",".join(map(str, range(400)))

    assert main(["matrix", "a:b", "--set", f"A={values}", "--set", f"B={values}"]) == 2
    assert "found 160,000 checks, wanted 100,000 at most" in capsys.readouterr().err


def test_a_plan_runs_nothing_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["matrix", "a:b", "--set", "R=1,2", "--time-limit", "30", "--plan"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 checks: 1 workload x 2 of R",
        "at most 1 min, 1 at a time",
    ]
    assert [*tmp_path.iterdir()] == []
