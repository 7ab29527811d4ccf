"""Two records beside each other: what is said of them, and that it is said soundly."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.analysis.comparison import difference
from leakcheck.analysis.intervals import ALIKE_SHARE, change_of, move_between
from leakcheck.model.comparison import Move, Word
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import COUNT_SIGNALS, Signal
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Growth, Judgement, Trend, Verdict
from leakcheck.record.comparison_json import comparison_document
from tests.unit.records import leak_record, records
from tests.unit.reports import many_sites_record

LEAK, CLEAN = Verdict.LEAK, Verdict.CLEAN
OPPOSITE = {Word.BETTER: Word.WORSE, Word.WORSE: Word.BETTER}
rates = st.floats(min_value=-1e9, max_value=1e9)
widths = st.floats(min_value=0, max_value=1e6)


def growth(estimate: float, half: float = 0.5) -> Growth:
    return Growth(estimate=estimate, low=estimate - half, high=estimate + half)


growths = st.builds(growth, rates, widths)


def judged(verdict: Verdict, **growths_of: Growth) -> RunRecord:
    """Return a record whose signals grow like that; those that grow by nothing are CLEAN."""
    trends = {
        signal: Trend(
            signal=signal,
            growth=grown,
            persisting=None,
            verdict=CLEAN if grown.low <= 0 <= grown.high else verdict,
            why="",
        )
        for signal, grown in ((Signal(name), one) for name, one in growths_of.items())
    }
    heap = growths_of.get("heap")
    is_leak = verdict is LEAK and heap is not None and heap.low > 0
    judgement = Judgement(
        verdict=verdict, reason="a reason", trends=trends, growth=heap if is_leak else None
    )
    return replace(leak_record(), judgement=judgement)


def at_line(line: int, function: str = "tick", file: str = "/project/jobs.py") -> RunRecord:
    """Return the record of a leak at one line."""
    record = leak_record()
    stack = (Frame(file=file, line=line, function=function),)
    (site,) = record.judgement.sites
    table = record.measurement.sites
    assert table is not None
    site = replace(site, file=file, line=line, function=function, stack=stack)
    series = (replace(table.sites[0], stack=stack),)
    return replace(
        record,
        judgement=replace(record.judgement, sites=(site,)),
        measurement=replace(record.measurement, sites=replace(table, sites=series)),
    )


# -- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "word", "told"),
    [
        (growth(108), growth(108), Word.SAME, "108 B -> 108 B an iteration (108 B .. 108 B)"),
        (growth(3_192, 4), growth(3_192, 4), Word.SAME, "3,196 B); still LEAK"),
        (growth(108), growth(64), Word.BETTER, "108 B -> 64.0 B"),
        (growth(64), growth(108), Word.WORSE, "64.0 B -> 108 B"),
        (growth(108, 50), growth(90, 50), Word.NOT_SURE, ": that may be chance"),
    ],
)
def test_a_leak_against_a_leak_is_told_apart_by_its_intervals(
    before: Growth, after: Growth, word: Word, told: str
) -> None:
    found = difference(judged(LEAK, heap=before), judged(LEAK, heap=after))

    assert found.word is word
    assert found.sentence.startswith(f"{word}: heap in use: ")
    assert told in found.sentence


def test_a_leak_that_is_slower_is_said_to_be_one_still() -> None:
    found = difference(judged(LEAK, heap=growth(108)), judged(LEAK, heap=growth(64)))

    assert found.sentence.endswith("; still LEAK")


def test_a_leak_that_is_clean_now_is_gone_and_the_other_way_round_new() -> None:
    leak, clean = judged(LEAK, heap=growth(108)), judged(CLEAN, heap=growth(0))
    there, back = difference(leak, clean), difference(clean, leak)

    assert (there.word, back.word) == (Word.BETTER, Word.WORSE)
    assert (there.readings[0].move, back.readings[0].move) == (Move.GONE, Move.NEW)


def test_two_clean_records_are_the_same_however_wide_their_intervals() -> None:
    one, other = (judged(CLEAN, heap=growth(0, 3), rss=growth(0, wide)) for wide in (40, 400))

    assert difference(one, other).word is Word.SAME


def test_what_may_still_fill_something_is_neither_better_nor_worse() -> None:
    leak = judged(LEAK, heap=growth(108))
    filling = judged(Verdict.INCONCLUSIVE, heap=growth(900))

    assert difference(leak, filling).sentence == (
        "not sure: heap in use: 108 B -> 900 B an iteration (900 B .. 900 B): a reason"
    )
    assert difference(filling, leak).word is Word.NOT_SURE


def test_one_leak_less_and_another_more_is_mixed() -> None:
    before = judged(LEAK, heap=growth(108), descriptors=growth(0))
    after = judged(LEAK, heap=growth(0), descriptors=growth(1, 0.01))
    found = difference(before, after)

    assert found.word is Word.MIXED
    assert "the number of descriptors: 0 -> 1 an iteration" in found.sentence


def test_as_much_growth_at_another_function_is_mixed() -> None:
    found = difference(at_line(12, "tick"), at_line(40, "tock"))

    assert found.word is Word.MIXED
    assert found.sentence == "mixed: as much grows, at another line (tock)"
    assert found.lines is not None
    assert {one.move for one in found.lines} == {Move.NEW, Move.GONE}


@pytest.mark.parametrize(
    "moved", [at_line(90), at_line(12, file="/elsewhere/jobs.py")], ids=["edited", "checked out"]
)
def test_a_line_that_moved_within_its_function_or_with_its_project_is_the_same_one(
    moved: RunRecord,
) -> None:
    found = difference(at_line(12), moved)

    assert found.word is Word.SAME
    assert found.lines is not None
    assert [one.move.is_better or one.move.is_worse for one in found.lines] == [False]


def test_resident_memory_has_no_part_where_the_heap_explains_it() -> None:
    before = judged(LEAK, heap=growth(108), rss=growth(120, 60))
    after = judged(LEAK, heap=growth(108), rss=growth(900, 60))
    found = difference(before, after)

    assert found.word is Word.SAME
    assert [one.signal for one in found.readings if not one.decides] == [Signal.RSS]


def test_a_line_too_small_to_be_shown_before_is_not_new() -> None:
    before, after = many_sites_record(2), many_sites_record(2)
    shown = before.judgement.sites[:1]
    before = replace(before, judgement=replace(before.judgement, sites=shown))
    found = difference(before, after)

    assert found.lines is not None
    assert Move.NEW not in {one.move for one in found.lines}


# -- what cannot be compared ---------------------------------------------------------------------


def named(target: str, record: RunRecord | None = None) -> RunRecord:
    record = record or leak_record()
    return replace(record, plan=replace(record.plan, target=target))


def test_two_workloads_are_not_compared_unless_somebody_says_that_they_are_one() -> None:
    found = difference(leak_record(), named("jobs.py:tock"))

    assert found.word is Word.NOT_COMPARABLE
    assert "found jobs.py:tick and jobs.py:tock, wanted one workload" in found.sentence
    assert difference(leak_record(), named("jobs.py:tock"), renamed=True).word is Word.SAME


def test_the_same_name_in_another_file_is_compared_with_a_remark() -> None:
    moved = at_line(12, file="/project/new_jobs.py")
    found = difference(at_line(12), named("new_jobs.py:tick", moved))

    assert found.word is Word.SAME
    assert found.remarks == ("The targets differ: jobs.py:tick and new_jobs.py:tick.",)


def test_what_was_not_measured_is_not_compared() -> None:
    failed = replace(leak_record(), judgement=Judgement(verdict=Verdict.ERROR, reason="it raised"))

    assert difference(failed, leak_record()).sentence == (
        "not comparable: the first was not measured: it raised"
    )
    assert difference(leak_record(), failed).word is Word.NOT_COMPARABLE


def test_without_heap_in_use_nothing_is_sure() -> None:
    nothing = judged(Verdict.INCONCLUSIVE)

    assert difference(nothing, nothing).word is Word.NOT_SURE


def test_another_python_machine_or_threshold_is_remarked() -> None:
    record = leak_record()
    limits = replace(record.plan.thresholds, bytes_per_iteration=64.0)
    other = replace(
        record,
        machine=replace(record.machine, python="3.12.1", cpu_count=64),
        plan=replace(record.plan, thresholds=limits),
        measurement=replace(record.measurement, iterations=400_000),
    )

    text = " ".join(difference(record, other).remarks)
    for part in ("Python differs", "The machines differ", "The thresholds differ", "The lengths"):
        assert part in text


# -- properties ----------------------------------------------------------------------------------


@given(growths, growths, st.floats(0, 1), st.floats(0, 1))
def test_the_change_of_any_two_rates_within_their_intervals_is_within_its_own(
    before: Growth, after: Growth, at_before: float, at_after: float
) -> None:
    old = before.low + at_before * (before.high - before.low)
    new = after.low + at_after * (after.high - after.low)
    low, high = change_of(before, after)
    slack = 1e-9 * max(1.0, abs(old), abs(new))

    assert low - slack <= new - old <= high + slack


@given(growths, growths, st.floats(1e-9, 1e6))
def test_a_move_is_told_only_where_the_intervals_do_not_touch(
    before: Growth, after: Growth, margin: float
) -> None:
    move = move_between(before, after, margin=margin)

    if move is Move.FASTER:
        assert after.low > before.high
    if move is Move.SLOWER:
        assert after.high < before.low
    if move is Move.SAME:
        alike = ALIKE_SHARE * max(abs(before.estimate), abs(after.estimate))
        assert abs(after.estimate - before.estimate) <= max(margin, alike) * (1 + 1e-9)


@settings(max_examples=50)
@given(records, records)
def test_turned_round_better_is_worse_and_every_other_word_stays(
    before: RunRecord, after: RunRecord
) -> None:
    there, back = (difference(*pair, renamed=True) for pair in ((before, after), (after, before)))

    assert back.word is OPPOSITE.get(there.word, there.word)
    assert there.sentence.startswith(f"{there.word}: ")


@given(records)
def test_a_record_is_neither_better_nor_worse_than_itself(record: RunRecord) -> None:
    found = difference(record, record)

    assert found.word in {Word.SAME, Word.NOT_SURE, Word.NOT_COMPARABLE}


@settings(max_examples=50)
@given(records, records)
def test_the_json_of_any_comparison_names_word_records_signals_and_lines(
    before: RunRecord, after: RunRecord
) -> None:
    found = difference(before, after, renamed=True)
    document = comparison_document(found, before, after)

    assert document["word"] == found.word
    assert list(document) == [
        "schema_version",
        "word",
        "sentence",
        "before",
        "after",
        "signals",
        "lines",
        "remarks",
    ]


@pytest.mark.parametrize("signal", COUNT_SIGNALS)
def test_each_count_decides(signal: Signal) -> None:
    heap = growth(0)
    before = judged(CLEAN, heap=heap, **{str(signal): growth(0, 0.0001)})
    after = judged(LEAK, heap=heap, **{str(signal): growth(1, 0.01)})

    assert difference(before, after).word is Word.WORSE
