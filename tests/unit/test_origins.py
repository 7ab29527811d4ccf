"""Where descriptors came from: read, recorded, judged and said."""

from dataclasses import replace
from pathlib import PurePath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.explanation import explain
from leakcheck.analysis.opened import opening_lines, unseen_share, with_openings
from leakcheck.analysis.what import what_grows
from leakcheck.model.errors import RecordError
from leakcheck.model.explanation import Explanation
from leakcheck.model.inventory import Group, Inventory
from leakcheck.model.origins import Origin, Origins
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Diagnosis
from leakcheck.record import codec
from leakcheck.run.origins import read_origins
from leakcheck.run.recorder import Recorder
from leakcheck.wording.explaining import explanation_lines
from tests.unit.records import STACK, count, leak_record, stack, text

OWN = Frame(file="/project/jobs.py", line=41, function="fetch")
CALLER = Frame(file="/project/jobs.py", line=17, function="tick")
SOCKET = Frame(file="/usr/lib/python3.11/socket.py", line=295, function="accept")
UNREPORTED = "opened where Python does not report it: os.pipe, os.dup, or a C library"

origin = st.builds(
    Origin, what=text, stack=stack, numbers=st.tuples(*[st.integers(0, 1 << 40)] * 4)
)
origins = st.builds(
    Origins,
    watched=count,
    unseen=count,
    descriptors=st.lists(origin, max_size=4).map(tuple),
    threads=st.lists(origin, max_size=4).map(tuple),
)


def leaking(*frames: Frame, what: str = "pipe", each: int = 100) -> Origin:
    return Origin(what=what, stack=frames, numbers=(each,) * 4)


def seen(*found: Origin, unseen: int = 0) -> Origins:
    return Origins(watched=400, unseen=unseen, descriptors=found)


def leak(known: Origins | None, *kinds: Diagnosis, in_bytes: bool = False) -> RunRecord:
    record = leak_record()
    measurement = replace(record.measurement, origins=known)
    judgement = replace(record.judgement, diagnosis=kinds)
    if not in_bytes:
        judgement = replace(judgement, sites=(), growth=None, trends={})
    return replace(record, measurement=measurement, judgement=judgement)


def explained(record: RunRecord) -> Explanation:
    return explain(record.measurement, record.judgement)


# -- judged -----------------------------------------------------------------------------------


@given(st.integers(1, 500), st.integers(1, 5))
def test_a_steady_leak_has_the_rate_at_which_it_leaks(watched: int, each: int) -> None:
    one = Origin(what="", stack=(OWN,), numbers=(each * watched,) * 4)

    assert opening_lines(Origins(watched=4 * watched, descriptors=(one,))) == ((one, each),)


@pytest.mark.parametrize(
    "numbers",
    [(20, 0, 0, 0), (0, 0, 0, 50), (0, 9, 9, 0), (0, 0, 0, 0)],
    ids=["opened once", "closed again later", "ended", "none"],
)
def test_what_does_not_go_on_piling_up_is_no_leak(numbers: tuple[int, ...]) -> None:
    one = Origin(what="", stack=(OWN,), numbers=numbers)

    assert opening_lines(seen(one)) == ()


@given(origins)
def test_shares_are_shares_and_rates_are_no_less_than_a_hundredth_of_their_sum(
    known: Origins,
) -> None:
    rates = [pace for _, pace in opening_lines(known)]

    assert 0 <= unseen_share(known) <= 1
    assert all(pace >= 0.0099 * sum(rates) for pace in rates)


@given(origins)
def test_openings_leave_the_lines_of_memory_as_they_are(known: Origins) -> None:
    record = leak(None, Diagnosis.PYTHON_OBJECTS, in_bytes=True)
    before = explained(record).causes
    after = with_openings(before, known)

    assert [one.line for one in after[: len(before)]] == [one.line for one in before]
    assert len({one.line for one in after}) == len(after)
    assert sum(one.descriptors_per_iteration for one in after) == pytest.approx(
        sum(pace for _, pace in opening_lines(known))
    )


def test_the_line_that_opens_comes_first_where_nothing_else_leaks() -> None:
    known = seen(leaking(SOCKET, each=10), leaking(SOCKET, OWN, CALLER, what="socket"))
    first, second = explained(leak(known, Diagnosis.BACKLOG, Diagnosis.DESCRIPTORS)).causes

    assert (first.line, first.inner, first.callers) == (OWN, (SOCKET,), (CALLER,))
    assert (first.descriptors_per_iteration, first.descriptors) == (1, "socket")
    assert (first.sites, first.growth.estimate) == (0, 0)
    assert second.line == SOCKET


def test_where_bytes_leak_too_their_line_comes_first_and_one_line_is_one_cause() -> None:
    kinds = (Diagnosis.PYTHON_OBJECTS, Diagnosis.DESCRIPTORS)
    first, second = explained(
        leak(seen(leaking(OWN), leaking(STACK[0], what="file")), *kinds, in_bytes=True)
    ).causes

    assert first.line == STACK[0]
    assert first.growth.estimate == 108
    assert (first.descriptors_per_iteration, first.descriptors) == (1, "file")
    assert second.line == OWN


def test_a_leak_of_something_else_is_not_explained_by_descriptors() -> None:
    assert explained(leak(seen(leaking(OWN)), Diagnosis.TASKS)).causes == ()


# -- said -------------------------------------------------------------------------------------


def test_what_nobody_heard_of_is_said_once() -> None:
    nothing = explained(leak(seen(unseen=400), Diagnosis.DESCRIPTORS))
    a_part = explained(leak(seen(leaking(OWN), unseen=1_400), Diagnosis.DESCRIPTORS))
    little = explained(leak(seen(leaking(OWN), unseen=4), Diagnosis.DESCRIPTORS))

    assert nothing.no_line == f"no line: what leaks was {UNREPORTED}"
    assert nothing.growing == ()
    assert a_part.no_line == ""
    assert a_part.growing == (f"1,400 of the descriptors were {UNREPORTED}",)
    assert little.growing == ()


def test_what_was_not_watched_has_the_sentence_that_it_had() -> None:
    found = explained(leak(None, Diagnosis.DESCRIPTORS))

    assert found.no_line.startswith("no call site: what grows is not memory")


def test_a_line_says_what_it_opens_and_from_where() -> None:
    record = leak(seen(leaking(SOCKET, OWN, CALLER, what="file /tmp/*.log")), Diagnosis.DESCRIPTORS)
    lines = explanation_lines(record.judgement, explained(record), PurePath("/project"))

    assert lines[:4] == [
        "kind: descriptors",
        " 1  jobs.py:41  fetch()   +1 descriptor/iteration   file /tmp/*.log",
        "      opened at .../socket.py:295 accept",
        "      called from jobs.py:17 tick",
    ]


def test_threads_are_told_with_the_line_that_started_them() -> None:
    known = Origins(watched=400, threads=(leaking(SOCKET, OWN, what="work at a.py:1"),))
    record = leak(known, Diagnosis.THREADS)
    groups = (Group(what="work at a.py:1", number=40), Group(what="other at a.py:9", number=2))
    measurement = replace(record.measurement, inventory=Inventory(threads=groups))

    (line,) = what_grows(measurement, record.judgement)
    first, _, second = line.removeprefix("threads: 42 more: ").partition(" (40), ")

    assert first == "work at a.py:1, started at /project/jobs.py:41 fetch()"
    assert second == "other at a.py:9 (2)"


# -- read and recorded ------------------------------------------------------------------------


def test_a_message_is_read_as_it_was_sent() -> None:
    place = {"what": "pipe", "stack": [["jobs.py", 4, "tick"]], "numbers": [0, 1, 2, 3]}
    sent = {"watched": 9, "unseen": 2, "descriptors": [place], "threads": []}

    assert read_origins({"origins": None}) is None
    assert read_origins({"origins": sent}) == Origins(
        watched=9,
        unseen=2,
        descriptors=(
            Origin(
                what="pipe",
                stack=(Frame(file="jobs.py", line=4, function="tick"),),
                numbers=(0, 1, 2, 3),
            ),
        ),
    )


def recorded(known: Origins | None) -> RunRecord:
    record = leak_record(samples=3)
    return replace(record, measurement=replace(record.measurement, origins=known))


@given(st.none() | origins)
def test_origins_come_back_from_a_record_as_they_were(known: Origins | None) -> None:
    assert codec.loads(codec.dumps(recorded(known))) == recorded(known)


def test_a_record_of_what_was_not_watched_is_as_records_were_before() -> None:
    assert "origins" not in codec.encode(recorded(None))["measurement"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ({"watched": -1}, "record.measurement.origins.watched: found -1, wanted 0 or more"),
        ({"sockets": []}, "record.measurement.origins: found 'sockets', wanted only"),
        (
            {"threads": [{"what": "", "stack": [], "numbers": [1]}]},
            "record.measurement.origins.threads[0].numbers: found an array of 1, wanted a number",
        ),
    ],
)
def test_damaged_origins_are_told_with_their_place(damage: dict[str, Any], words: str) -> None:
    document: Any = codec.encode(recorded(seen()))
    document["measurement"]["origins"].update(damage)

    with pytest.raises(RecordError) as caught:
        codec.decode(document)
    assert words in str(caught.value)


# -- when to watch ----------------------------------------------------------------------------


def piles_up(signal: Signal, values: list[int]) -> bool:
    recorder = Recorder()
    for iteration, value in enumerate(values):
        recorder.add(iteration, iteration, {signal: value})
    return recorder.piles_up()


@pytest.mark.parametrize("signal", [Signal.DESCRIPTORS, Signal.THREADS])
def test_what_rises_after_the_first_half_piles_up_however_rarely(signal: Signal) -> None:
    assert piles_up(signal, [*[4] * 100, 5])
    assert piles_up(signal, list(range(70)))


@pytest.mark.parametrize(
    "values",
    [[4] * 300, list(range(60)), [*range(40), *[40] * 60], [*[9] * 100, 5], []],
    ids=["still", "too early", "filled and full", "falls", "never read"],
)
def test_what_stands_still_or_has_only_begun_does_not_pile_up(values: list[int]) -> None:
    assert not piles_up(Signal.DESCRIPTORS, values)


def test_bytes_do_not_pile_up_as_descriptors_do() -> None:
    assert not piles_up(Signal.HEAP, list(range(300)))
