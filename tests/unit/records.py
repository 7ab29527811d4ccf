"""Run records for tests: one that reads like a real one, and any at all."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from leakcheck.model.containers import Census, Container
from leakcheck.model.from_outside import FromOutside
from leakcheck.model.measurement import Ending, Idle, Measurement, Probes
from leakcheck.model.native import NativeFrame, NativeGrowth, NativeSite
from leakcheck.model.plan import Plan, Profiler, Thresholds
from leakcheck.model.run_record import Machine, RunRecord
from leakcheck.model.series import Series
from leakcheck.model.signals import PROVEN_SIGNALS, Signal
from leakcheck.model.sites import Frame, SiteGrowth, SiteSeries, SiteTable
from leakcheck.model.task_origin import TaskOrigin
from leakcheck.model.verdict import Diagnosis, Growth, Judgement, Trend, Verdict
from leakcheck.record.ids import new_id

STARTED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STACK = (
    Frame(file="/project/jobs.py", line=12, function="tick"),
    Frame(file="/usr/lib/python3.11/asyncio/events.py", line=80, function="_run"),
)


def leak_record(samples: int = 100, *, bytes_per_iteration: int = 108) -> RunRecord:
    """Return the record of a workload that leaks `bytes_per_iteration`."""
    iterations = range(0, 40 * samples, 40)
    heap = Series.of(Signal.HEAP, ((n, 9_000_000 + bytes_per_iteration * n) for n in iterations))
    rss = Series.of(
        Signal.RSS,
        ((n, 30_000_000 + 4096 * (bytes_per_iteration * n // 4096)) for n in iterations),
    )
    return RunRecord(
        id=new_id(STARTED, "jobs.py:tick", token="1a2b3c"),
        started_at=STARTED.isoformat(),
        leakcheck="0.1.0",
        plan=Plan(target="jobs.py:tick", python=Path("/usr/bin/python3")),
        machine=Machine(
            python="3.11.7 (CPython)",
            memray="1.20.0",
            libc="glibc 2.36",
            platform="Linux x86_64",
            cpu_count=2,
            memory_bytes=8 << 30,
        ),
        measurement=Measurement(
            series={Signal.RSS: rss, Signal.HEAP: heap},
            iterations=40 * samples,
            ending=Ending.SURE,
            probes=Probes(verified=PROVEN_SIGNALS),
            elapsed_s=12.5,
            sites=_table(bytes_per_iteration),
            census=Census(
                began=40 * samples // 2,
                ended=40 * samples,
                containers=(
                    Container(
                        kind="list",
                        held_by=("jobs.SEEN (module global)", "list of 4,000"),
                        before=2_000,
                        now=4_000,
                        limits=(10_000,),
                        counts=(4_096,),
                        shrinks=True,
                    ),
                ),
            ),
            idle=Idle(seconds=1.5, drained={Signal.HEAP: 216}),
            notes=("a note",),
        ),
        judgement=_leak_judgement(40 * samples, float(bytes_per_iteration)),
    )


def _table(rate: int) -> SiteTable:
    marks = (0.0, 1333.3, 2666.7, 4000.0)
    site = SiteSeries(
        stack=STACK,
        allocator="malloc",
        live_bytes=tuple(int(rate * mark) for mark in marks),
        live_objects=tuple(int(mark) for mark in marks),
    )
    rest = SiteSeries(stack=(), allocator="", live_bytes=(9, 9, 9, 9), live_objects=(1, 1, 1, 1))
    return SiteTable(marks=marks, sites=(site,), remainder=rest)


def _leak_judgement(iterations: int, rate: float) -> Judgement:
    growth = Growth(estimate=rate, low=rate - 0.6, high=rate + 0.7)
    trends = {
        signal: Trend(
            signal=signal, growth=growth, persisting=rate, verdict=Verdict.LEAK, why="it grows"
        )
        for signal in (Signal.RSS, Signal.HEAP)
    }
    return Judgement(
        verdict=Verdict.LEAK,
        reason="heap in use grows by 108 B an iteration at jobs.py:12 (tick)",
        diagnosis=(Diagnosis.PYTHON_OBJECTS,),
        growth=growth,
        smallest_detectable_bytes_per_iteration=1.7,
        iterations=iterations,
        warm_up_iterations=iterations // 8,
        trends=trends,
        sites=(
            SiteGrowth(
                file="/project/jobs.py",
                line=12,
                function="tick",
                bytes_per_iteration=rate,
                objects_per_iteration=1.0,
                stack=STACK,
            ),
        ),
        held_by=("jobs.SEEN (module global) -> dict -> jobs.Tick",),
        looks=(iterations // 2, iterations),
    )


# -- any record at all: what the codec has to carry --------------------------------------------

text = st.text(max_size=20) | st.sampled_from(["\udcff.py", "<&>", "\x00\x1b", "\n"])
whole = st.integers(min_value=-(1 << 62), max_value=1 << 62)
count = st.integers(min_value=0, max_value=1 << 62)
number = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=1e-9, max_value=1e12)
signal_keys = st.sampled_from(Signal)
frame = st.builds(Frame, file=text, line=whole, function=text)
stack = st.lists(frame, max_size=3).map(tuple)
growth = st.builds(Growth, estimate=number, low=number, high=number, confidence=number)


def _tuple_of(items: st.SearchStrategy[object], size: int | None = None) -> st.SearchStrategy:
    return st.lists(items, min_size=size or 0, max_size=4 if size is None else size).map(tuple)


def _series_of(signal: Signal) -> st.SearchStrategy[Series]:
    points = st.dictionaries(count, whole, max_size=5)
    return points.map(lambda found: Series.of(signal, sorted(found.items())))


def _trend_of(signal: Signal) -> st.SearchStrategy[Trend]:
    return st.builds(Trend, signal=st.just(signal), growth=growth, persisting=st.none() | number)


def _keyed(one: Callable[[Signal], st.SearchStrategy[object]]) -> st.SearchStrategy:
    return st.fixed_dictionaries({}, optional={signal: one(signal) for signal in Signal})


@st.composite
def _tables(draw: st.DrawFn) -> SiteTable:
    marks = tuple(draw(st.lists(number, max_size=4)))
    values = _tuple_of(whole, len(marks))
    site = st.builds(SiteSeries, stack=stack, live_bytes=values, live_objects=values)
    return SiteTable(marks=marks, sites=draw(_tuple_of(site)), remainder=draw(site))


censuses = st.builds(
    Census,
    began=count,
    ended=count,
    containers=_tuple_of(
        st.builds(
            Container,
            kind=text,
            held_by=_tuple_of(text),
            before=count,
            now=count,
            limits=_tuple_of(whole),
            counts=_tuple_of(whole),
            shrinks=st.booleans(),
        )
    ),
)
native_frames = st.builds(NativeFrame, library=text, function=text, file=text, line=whole)
natives = st.builds(
    NativeGrowth,
    call=text,
    iterations=count,
    elapsed_s=number,
    sites=_tuple_of(
        st.builds(
            NativeSite,
            stack=stack,
            native=_tuple_of(native_frames),
            allocator=text,
            bytes_per_iteration=number,
            objects_per_iteration=number,
        )
    ),
    note=text,
)
measurements = st.builds(
    Measurement,
    series=_keyed(_series_of),
    iterations=count,
    probes=st.builds(Probes, verified=_tuple_of(signal_keys), unavailable=_tuple_of(signal_keys)),
    elapsed_s=number,
    gc_enabled=st.booleans(),
    collectable_bytes=whole,
    capture_stopped=st.none() | text,
    failure=st.none() | text,
    sites=st.none() | _tables(),
    census=st.none() | censuses,
    idle=st.none() | st.builds(Idle, seconds=number, drained=_keyed(lambda _: whole)),
    task_origins=_tuple_of(
        st.builds(TaskOrigin, coroutine=text, created_at=stack, is_named=st.booleans())
    ),
    native=st.none() | natives,
    from_outside=st.none() | st.builds(FromOutside, is_python=st.booleans()),
    notes=_tuple_of(text),
)
judgements = st.builds(
    Judgement,
    reason=text,
    diagnosis=_tuple_of(st.sampled_from(Diagnosis)),
    growth=st.none() | growth,
    smallest_detectable_bytes_per_iteration=st.none() | number,
    iterations=count,
    warm_up_iterations=count,
    trends=_keyed(_trend_of),
    sites=_tuple_of(
        st.builds(
            SiteGrowth,
            line=whole,
            bytes_per_iteration=number,
            objects_per_iteration=number,
            stack=stack,
        )
    ),
    held_by=_tuple_of(text),
    cannot_see=text,
    looks=_tuple_of(whole),
)
plans = st.builds(
    Plan,
    target=text,
    python=st.sampled_from([Path("/usr/bin/python3"), Path("a b/python"), Path("\udcff")]),
    iterations=st.integers(min_value=1, max_value=1 << 62),
    exact=st.booleans(),
    time_limit_s=positive,
    memory_limit_bytes=st.integers(min_value=1, max_value=1 << 62),
    thresholds=st.builds(Thresholds, bytes_per_iteration=positive, counts_per_iteration=positive),
    profiler=st.sampled_from(Profiler),
    keep_capture=st.booleans(),
    native=st.booleans(),
    program=_tuple_of(text),
)
records = st.builds(
    RunRecord,
    id=text.map(lambda target: new_id(STARTED, target, token="0" * 6)),
    started_at=st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    leakcheck=text,
    plan=plans,
    machine=st.builds(
        Machine,
        memray=st.none() | text,
        cpu_count=count,
        memory_bytes=count,
        container_limit_bytes=st.none() | count,
    ),
    measurement=measurements,
    judgement=judgements,
)
