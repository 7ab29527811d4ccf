"""What the command line says, and how it ends: without a process."""

from dataclasses import replace
from io import StringIO
from itertools import chain, combinations_with_replacement
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from leakcheck.check import Checked
from leakcheck.cli.exit_codes import exit_code
from leakcheck.cli.progress import LineView, sparkline, view_on
from leakcheck.cli.saying import print_checked
from leakcheck.configuration.table import KINDS, read_configuration
from leakcheck.model.errors import UsageError
from leakcheck.model.measurement import Probes
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import PROVEN_SIGNALS
from leakcheck.model.sites import Frame
from leakcheck.model.text import printable
from leakcheck.model.verdict import Growth, Judgement, Verdict
from leakcheck.run.outcome import Progress
from leakcheck.wording.rows import closing, details, growth_text, last_words, row
from tests.unit.records import leak_record

LEAK, ERROR = Verdict.LEAK, Verdict.ERROR
PROJECT = Path("/project")
MIXES = list(
    chain.from_iterable(combinations_with_replacement(list(Verdict), size) for size in range(4))
)


# -- exit codes ------------------------------------------------------------------------------


@pytest.mark.parametrize("verdicts", MIXES, ids=lambda mix: "-".join(mix) or "none")
def test_the_gravest_verdict_gives_the_exit_code(verdicts: tuple[Verdict, ...]) -> None:
    gravest = [(LEAK, 1), (ERROR, 4), (Verdict.INCONCLUSIVE, 3)]
    expected = next((code for verdict, code in gravest if verdict in verdicts), 0)
    forgiving = {1: 1, 4: 4, 3: 0, 0: 0}[expected]
    warning = 4 if ERROR in verdicts else 0

    assert exit_code(verdicts, allow_inconclusive=False, warn_only=False) == expected
    assert exit_code(verdicts, allow_inconclusive=True, warn_only=False) == forgiving
    assert exit_code(verdicts, allow_inconclusive=False, warn_only=True) == warning
    assert exit_code(verdicts, allow_inconclusive=True, warn_only=True) == warning


# -- rows ------------------------------------------------------------------------------------


def checked(record: RunRecord | None = None, **more: object) -> Checked:
    return Checked(record=record or leak_record(), folder=PROJECT / "out", **more)  # type: ignore[arg-type]


def test_the_row_of_a_leak_says_how_much_and_how_sure() -> None:
    assert row(checked()) == (
        "LEAK          jobs.py:tick   +108 B/iteration (107 B .. 109 B at 99 %)   "
        "4,000 iterations in 12.5 s"
    )


BOUND_IT = (
    "bound what holds it, or take entries out when they are done with: a maxlen, an LRU or a "
    "time limit, a WeakValueDictionary"
)


def test_below_the_row_stand_reason_kind_place_holder_notes_probes_and_record() -> None:
    assert [line.strip() for line in details(checked(), PROJECT)] == [
        "heap in use grows by 108 B an iteration at jobs.py:12 (tick)",
        "kind: python-objects   100 % of the growth is explained by 1 line",
        "1  jobs.py:12  tick()   +108 B/iteration   1 object",
        "in a task of tick(); its creator is not on the stack",
        "held by  jobs.SEEN (module global) -> dict -> jobs.Tick",
        "until: 1.0 GiB more in 8.6 h at 320 iterations/s",
        f"next: {BOUND_IT}",
        "repeat: leakcheck run jobs.py:tick --python /usr/bin/python3",
        "note: a note",
        "probes verified: heap, rss, descriptors, threads, tasks",
        "record /project/out",
    ]


def test_of_many_sites_the_rest_is_counted() -> None:
    record = leak_record()
    (site,) = record.judgement.sites
    frames = [Frame(file="/project/jobs.py", line=line, function="tick") for line in range(8)]
    sites = tuple(replace(site, line=frame.line, stack=(frame,)) for frame in frames)
    judgement = replace(record.judgement, sites=sites)
    lines = details(checked(replace(record, judgement=judgement)), PROJECT)

    assert any(line.endswith("and 3 more growing lines") for line in lines)


@pytest.mark.parametrize(
    ("stopped", "has_table", "said"),
    [
        (None, True, "no growing call site: what grows was not allocated through anything that"),
        (None, False, "no call sites: memray did not record this run"),
        ("disk full", False, "no call sites: memray stopped recording (disk full)"),
    ],
)
def test_a_leak_without_a_line_says_why(stopped: str | None, *, has_table: bool, said: str) -> None:
    record = leak_record()
    sites = record.measurement.sites if has_table else None
    measurement = replace(record.measurement, sites=sites, capture_stopped=stopped)
    judgement = replace(record.judgement, sites=())
    lines = details(checked(replace(record, measurement=measurement, judgement=judgement)), PROJECT)

    assert any(line.strip().startswith(said) for line in lines)


def test_a_probe_that_missed_its_own_is_named() -> None:
    record = leak_record()
    probes = Probes(verified=PROVEN_SIGNALS[1:], unavailable=PROVEN_SIGNALS[:1])
    measurement = replace(record.measurement, probes=probes)
    lines = details(checked(replace(record, measurement=measurement)), PROJECT)

    assert (
        lines[-2].strip()
        == "probes verified: rss, descriptors, threads, tasks; not available: heap"
    )


def test_last_words_are_those_of_a_failure_only() -> None:
    said: dict[str, Any] = {
        "traceback": ("  File ...\n    raise\n", "ValueError: x\n"),
        "output_tail": "a\n\x1b[b",
    }
    record = leak_record()
    failed = replace(record, judgement=Judgement(verdict=ERROR, reason="raised"))

    assert last_words(checked(**said)) == []
    assert [line.strip() for line in last_words(checked(failed, **said))] == [
        "|   File ...",
        "|     raise",
        "| ValueError: x",
        "| it printed last:",
        "| a",
        "| ?[b",
    ]


def test_of_much_output_the_last_lines_are_shown() -> None:
    failed = replace(leak_record(), judgement=Judgement(verdict=ERROR, reason="raised"))
    tail = "\n".join(map(str, range(100)))
    lines = last_words(checked(failed, output_tail=tail))

    assert [line.strip() for line in lines] == ["| it printed last:"] + [
        f"| {number}" for number in range(85, 100)
    ]


def test_a_shrinking_rate_has_its_own_sign() -> None:
    assert growth_text(Growth(estimate=-2.0, low=-3.0, high=-1.0)) == (
        "-2.0 B/iteration (-3.0 B .. -1.0 B at 99 %)"
    )


@given(st.text())
def test_printable_text_is_one_line_of_the_same_length(text: str) -> None:
    shown = printable(text)

    assert len(shown) == len(text)
    assert shown.isprintable()
    assert len(shown.splitlines()) <= 1


@given(st.lists(st.sampled_from(Verdict)))
def test_the_closing_line_counts_every_workload(verdicts: list[Verdict]) -> None:
    numbers = [int(word) for word in closing(verdicts).replace(",", "").split() if word.isdigit()]

    assert sum(numbers) == len(verdicts)


# -- progress --------------------------------------------------------------------------------


@given(
    st.lists(st.integers(min_value=0, max_value=1 << 50)), st.integers(min_value=1, max_value=50)
)
def test_a_sparkline_has_a_bar_a_value_up_to_its_width(values: list[int], width: int) -> None:
    bars = sparkline(values, width)

    assert len(bars) == min(len(values), width)
    assert set(bars) <= set("▁▂▃▄▅▆▇█")
    if len(bars) > 1 and values[-1] > max(values[:-1]):
        assert bars[-1] == "█"


RUNNING = Progress(
    target="jobs.py:tick\x1b",
    phase="iterating",
    iterations=400,
    most_iterations=20_000,
    elapsed_s=2.0,
    time_limit_s=60.0,
    rss_bytes=[1 << 20, 2 << 20],
    provisional=leak_record().judgement,
)


def lines_of(*shown: Progress, monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[str]:
    clock = iter(seconds * n for n in range(99))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    text = StringIO()
    with LineView(Console(file=text, width=200)) as view:
        for progress in shown:
            view.show(progress)
        view.forget("jobs.py:tick\x1b")
    return text.getvalue().splitlines()


def test_a_line_tells_how_a_run_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = lines_of(RUNNING, RUNNING, monkeypatch=monkeypatch, seconds=5)

    assert line == (
        "jobs.py:tick?  400 of 20,000  RSS 2.0 MiB ▁█  "
        "108 B/iteration, so far LEAK  58 s left at most"
    )


def test_lines_come_every_five_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(lines_of(*[RUNNING] * 12, monkeypatch=monkeypatch, seconds=1)) == 2


def test_before_the_first_iteration_a_line_tells_the_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    early = Progress(target="jobs.py:tick", phase="setting up")

    assert lines_of(early, early, monkeypatch=monkeypatch, seconds=6) == [
        "jobs.py:tick  setting up"
    ]


def test_a_second_run_is_told_from_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    again = replace(RUNNING, target="jobs.py:tick", part="(again)", provisional=None)
    (line,) = lines_of(again, again, monkeypatch=monkeypatch, seconds=5)

    assert line == "jobs.py:tick (again)  400 of 20,000  RSS 2.0 MiB ▁█  58 s left at most"


def test_a_terminal_gets_a_live_view_that_leaves_nothing() -> None:
    text = StringIO()
    terminal = Console(file=text, force_terminal=True, width=100)
    with view_on(terminal, terminal) as view:
        view.show(RUNNING)
        view.forget(RUNNING.target)
        view.forget("never:shown")

    assert "\x1b[?25h" in text.getvalue()  # the cursor is back


def test_a_result_printed_under_a_live_view_is_whole(tmp_path: Path) -> None:
    text = StringIO()
    terminal = Console(file=text, force_terminal=True, width=200, color_system=None)
    with view_on(terminal, terminal) as view:
        view.show(RUNNING)
        checked = Checked(record=leak_record(), folder=tmp_path)
        print_checked(checked, terminal, terminal)

    assert row(checked) in text.getvalue()


def test_results_that_go_to_a_file_leave_the_terminal_to_the_live_view() -> None:
    file, screen = StringIO(), StringIO()
    with view_on(Console(file=file), Console(file=screen, force_terminal=True)) as view:
        view.show(RUNNING)

    assert not file.getvalue()
    assert "\x1b" in screen.getvalue()


# -- configuration ---------------------------------------------------------------------------

GOOD = {int: "5", float: "0.5", str: '"x"', bool: "true"}
IN_RANGE = {
    "memory-limit": '"1GiB"',
    "threshold": '"4B"',
    "profiler": '"none"',
    "python": '"/usr/bin/python3"',
    "badge": '"badge.svg"',
    "cluster": '"tcp://127.0.0.1:8786"',
}


@pytest.mark.parametrize("key", KINDS)
def test_every_key_takes_its_kinds_and_refuses_the_others_by_name(key: str, tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    for kind, good in GOOD.items():
        text = IN_RANGE.get(key, good) if kind is str else good
        file.write_text(f"[tool.leakcheck]\n{key} = {text}\n", encoding="utf-8")
        if kind in KINDS[key]:
            assert list(read_configuration(tmp_path).values) == [key]
            continue
        with pytest.raises(UsageError) as refused:
            read_configuration(tmp_path)
        assert str(file) in str(refused.value)
        assert f"[tool.leakcheck] {key} = " in str(refused.value)
        assert ", wanted " in str(refused.value)


def test_the_nearest_file_counts_and_no_other(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.leakcheck]\njobs = 3\n", encoding="utf-8")
    far = read_configuration(below)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    near = read_configuration(below)

    assert (far.folder, far.values) == (tmp_path, {"jobs": 3})
    assert (near.folder, near.values) == (tmp_path / "a", {})
