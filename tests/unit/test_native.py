"""What hides native memory, what is said of it, and how native stacks are shortened."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.explanation import explain
from leakcheck.analysis.native_paths import native_paths
from leakcheck.analysis.opaque import opaque_call, opaque_frame
from leakcheck.model.containers import Census
from leakcheck.model.native import NativeFrame, NativeGrowth, NativeSite
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Diagnosis, Growth, Trend, Verdict
from leakcheck.wording.explaining import explanation_lines
from leakcheck.wording.native import native_lines
from tests.unit.records import STACK, leak_record

HINT = "run again with --native to see which native function allocates"
NO_CENSUS = Census(began=0, ended=0, containers=())


def in_library(function: str, library: str = "/opt/libfoo.so", file: str = "") -> NativeFrame:
    return NativeFrame(library=library, function=function, file=file, line=7 if file else 0)


def site(*outwards_in: NativeFrame, size: float = 80.0, stack: Any = STACK) -> NativeSite:
    return NativeSite(
        stack=stack,
        native=outwards_in[::-1],
        allocator="malloc",
        bytes_per_iteration=size,
        objects_per_iteration=1.0,
    )


def leak(native: NativeGrowth | None = None, kind: Diagnosis = Diagnosis.NATIVE_HEAP) -> RunRecord:
    record = leak_record()
    return replace(
        record,
        measurement=replace(record.measurement, native=native),
        judgement=replace(record.judgement, diagnosis=(kind,)),
    )


def with_pieces(pieces: float, tracked: float, census: Census | None) -> RunRecord:
    """Return a leak of Python objects of so many pieces, of which the collector knows some."""
    record = leak(kind=Diagnosis.PYTHON_OBJECTS)
    growth = Growth(estimate=tracked, low=tracked, high=tracked)
    trend = Trend(
        signal=Signal.GC_OBJECTS, growth=growth, persisting=None, verdict=Verdict.LEAK, why=""
    )
    (grown,) = record.judgement.sites
    return replace(
        record,
        measurement=replace(record.measurement, census=census),
        judgement=replace(
            record.judgement,
            sites=(replace(grown, objects_per_iteration=pieces),),
            trends={Signal.GC_OBJECTS: trend},
        ),
    )


# -- what may hide native memory ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("KEPT.append(zlib.compressobj())", "zlib.compressobj"),
        ("return super().__new__(cls, protocol)", "__new__"),
        ("self.db = connect(':memory:')", "connect"),
        ("handlers[name](event)", ""),
        ("KEPT.append({'id': str(n), 'row': bytearray(100)})", ""),
        ("text = ', '.join(map(str, sorted(seen)))", ""),
        ("KEPT[key] = [0] * 100", ""),
        ("odd('\\d') is 1", "odd"),
        ("def broken(:", ""),
        ("\x00", ""),
    ],
)
def test_a_call_of_another_name_than_a_plain_objects_may_be_c(line: str, call: str) -> None:
    assert opaque_call(line, 1) == call


def test_a_call_counts_on_each_of_its_lines_and_on_no_other() -> None:
    source = "first()\nsecond(\n    1,\n)\n"

    assert [opaque_call(source, line) for line in range(1, 6)] == [
        "first",
        "second",
        "second",
        "second",
        "",
    ]


@pytest.mark.parametrize(
    "definition", ["def fill(): ...", "async def fill(): ...", "class fill: ..."]
)
def test_what_the_source_itself_defines_is_no_c(definition: str) -> None:
    assert opaque_call(f"{definition}\nKEPT.append(fill())", 2) == ""
    assert opaque_call(f"{definition}\nKEPT.append(self.fill())", 2) == ""
    assert opaque_call(f"{definition}\nKEPT.append(refill())", 2) == "refill"


def test_a_constructor_may_call_the_one_that_it_stands_in_for() -> None:
    assert opaque_call("def __new__(cls):\n    return super().__new__(cls)", 2) == "__new__"


@given(st.text(max_size=60), st.integers(-5, 5))
def test_whatever_a_source_holds_it_gives_a_name_or_none(source: str, line: int) -> None:
    assert "(" not in opaque_call(source, line)


@pytest.mark.parametrize(
    ("pieces", "tracked", "kept", "hides"),
    [
        (7.0, 0.0, None, True),
        (112.0, 8.0, 1.0, True),
        (2.0, 1.0, 1.0, False),
        (1.0, 0.0, 1.0, False),
        (1.0, 0.0, None, False),
        (0.07, 0.0, 0.01, True),
        (0.01, 0.0, 0.01, False),
    ],
)
def test_native_memory_may_hide_where_there_are_more_pieces_than_things_kept(
    pieces: float, tracked: float, kept: float | None, *, hides: bool
) -> None:
    record = with_pieces(pieces, tracked, _census(kept) if kept else NO_CENSUS)
    found = opaque_frame(record.measurement, record.judgement)

    assert found == (STACK[0] if hides else None)


def _census(kept: float) -> Census:
    (container,) = leak_record().measurement.census.containers  # type: ignore[union-attr]
    grown = replace(container, before=0, now=int(1_000 * kept))
    return Census(began=1_000, ended=2_000, containers=(grown,))


def test_only_a_leak_of_python_objects_is_looked_into() -> None:
    record = with_pieces(7.0, 0.0, None)
    for kind in set(Diagnosis) - {Diagnosis.PYTHON_OBJECTS}:
        judgement = replace(record.judgement, diagnosis=(kind,))
        assert opaque_frame(record.measurement, judgement) is None


# -- what is said ------------------------------------------------------------------------------


def steps_of(record: RunRecord) -> tuple[str, ...]:
    return explain(record.measurement, record.judgement).next_steps


@pytest.mark.parametrize(
    ("record", "hinted"),
    [
        (leak(), True),
        (leak(kind=Diagnosis.OUTSIDE_MALLOC), True),
        (leak(NativeGrowth(call="zlib.compressobj"), Diagnosis.PYTHON_OBJECTS), True),
        (leak(kind=Diagnosis.PYTHON_OBJECTS), False),
        (leak(kind=Diagnosis.FRAGMENTATION), False),
        (leak(NativeGrowth(iterations=2_000, sites=(site(in_library("f")),))), False),
        (leak(NativeGrowth(note="the second run was interrupted")), False),
    ],
)
def test_the_option_is_named_where_it_would_help_and_was_not_given(
    record: RunRecord, *, hinted: bool
) -> None:
    assert (HINT in steps_of(record)) is hinted


def test_a_leak_that_memray_saw_nothing_of_is_not_to_be_run_again() -> None:
    record = leak()
    unseen = replace(record, judgement=replace(record.judgement, sites=()))

    assert HINT not in steps_of(unseen)


def test_native_functions_stand_below_their_line() -> None:
    grown = NativeGrowth(iterations=2_000, sites=(site(in_library("parse"), in_library("node")),))
    lines = said(leak(grown))
    (place,) = [n for n, line in enumerate(lines) if "jobs.py:12  tick()" in line]

    assert lines[place + 1] == "      inside libfoo.so: parse -> node -> malloc"


def test_native_stacks_of_other_lines_are_not_said_to_be_of_this_one() -> None:
    elsewhere = (Frame(file="/project/other.py", line=1, function="f"),)
    grown = NativeGrowth(iterations=2_000, sites=(site(in_library("f"), stack=elsewhere),))

    assert "no native stacks: in the second run other lines grew" in said(leak(grown))


def test_why_there_are_none_is_said_in_one_line() -> None:
    assert "no native stacks: it crashed" in said(leak(NativeGrowth(note="it crashed")))


def said(record: RunRecord) -> list[str]:
    explanation = explain(record.measurement, record.judgement)
    return explanation_lines(record.judgement, explanation, Path("/project"))


# -- how a native stack is shortened -----------------------------------------------------------

names = st.sampled_from(["", "parse", "node", "grow", "PyObject_Vectorcall", "deflate"])
libraries = st.sampled_from(["/opt/libfoo.so", "/usr/bin/python3.11", "libffi.so.8", "", "libz.so"])
native_frames = st.builds(
    NativeFrame, library=libraries, function=names, file=st.just(""), line=st.just(0)
)
native_sites = st.builds(
    NativeSite,
    stack=st.just(STACK),
    native=st.lists(native_frames, max_size=12).map(tuple),
    allocator=st.sampled_from(["malloc", "mmap"]),
    bytes_per_iteration=st.floats(1, 1e6),
    objects_per_iteration=st.floats(0, 10),
)


@given(st.lists(native_sites, max_size=8))
def test_paths_are_short_ordered_and_never_more_than_what_grew(sites: list[NativeSite]) -> None:
    found = native_paths(sites)
    rates = [path.bytes_per_iteration for path in found]

    assert rates == sorted(rates, reverse=True)
    assert sum(rates) <= sum(one.bytes_per_iteration for one in sites) * (1 + 1e-9)
    assert all(1 <= len(path.frames) <= 5 for path in found)
    assert all(path.hidden == 0 or len(path.frames) == 5 for path in found)


@given(st.lists(native_sites, max_size=8))
def test_whatever_a_path_holds_it_is_told_in_a_line(sites: list[NativeSite]) -> None:
    lines = native_lines(native_paths(sites))

    assert len(lines) <= 4
    assert all("\n" not in line for line in lines)


@pytest.mark.parametrize(
    ("stack", "line"),
    [
        (
            (in_library("deep"), in_library("deep"), in_library("node", file="/build/a/foo.c")),
            "inside libfoo.so: deep -> node (foo.c:7) -> malloc",
        ),
        (
            (in_library("call", "libffi.so.8"), in_library("parse"), in_library("")),
            "inside libfoo.so: parse -> (no symbol) -> malloc",
        ),
        ((in_library(""), in_library("")), "inside libfoo.so: (no symbol) -> malloc"),
        (
            (in_library("open", "_a.cpython-311-x86_64-linux-gnu.so"), in_library("node")),
            "inside _a.so: open -> libfoo.so: node -> malloc",
        ),
        (
            (in_library("new", "/usr/bin/python3.13"), in_library("__GI___strdup", "libc.so.6")),
            "inside libc.so.6: __strdup -> malloc",
        ),
        (
            (in_library("_PyObject_MakeTpCall", "libpython3.11.so.1.0"), in_library("f", "")),
            "inside native code: f -> malloc",
        ),
        (
            tuple(in_library(letter) for letter in "abcdefg"),
            "inside libfoo.so: a -> ... -> d -> e -> f -> g -> malloc",
        ),
        ((in_library("f" * 99),), f"inside libfoo.so: {'f' * 57}... -> malloc"),
    ],
)
def test_a_path_says_what_tells_something(stack: tuple[NativeFrame, ...], line: str) -> None:
    assert native_lines(native_paths([site(*stack)])) == [line]


def test_the_interpreters_own_functions_are_told_only_where_nothing_else_allocates() -> None:
    own = site(in_library("list_append", "libpython3.13t.so"), size=50)

    assert native_lines(native_paths([own])) == ["inside libpython3.13t.so: list_append -> malloc"]
    assert native_lines(native_paths([own, site(in_library("f"))])) == [
        "inside libfoo.so: f -> malloc"
    ]


def test_several_paths_have_their_rates_and_trifles_are_left_out() -> None:
    sizes = {"a": 90, "b": 70, "c": 50, "d": 30, "e": 1}
    sites = [site(in_library(name), size=size) for name, size in sizes.items()]

    assert native_lines(native_paths(sites)) == [
        "inside libfoo.so: a -> malloc   +90.0 B",
        "inside libfoo.so: b -> malloc   +70.0 B",
        "inside libfoo.so: c -> malloc   +50.0 B",
        "and 1 more way through native code",
    ]
