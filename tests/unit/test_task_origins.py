"""Which line created a task: read from a capture, and told apart by what the source names."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.naming import Naming, naming_of
from leakcheck.analysis.task_origins import coroutine_of, coroutines, said_of, task_origins
from leakcheck.model.errors import RecordError
from leakcheck.model.inventory import Group, Inventory
from leakcheck.model.sites import Frame, SiteSeries, SiteTable
from leakcheck.model.task_origin import TaskOrigin
from leakcheck.record import codec
from leakcheck.run.child import creators
from leakcheck.run.child.creators import (
    creating_stacks,
    first_allocations,
    has_tasks,
    seen_allocations,
)
from tests.unit.records import leak_record

LIB = "/usr/lib/python3.12"
HIDE = "/tmp/bridge/leakcheck"  # noqa: S108 -- only a name
HARNESS = ("_iterate_in_loop", f"{HIDE}/run/child/loop.py", 106)
RUN = ("_run", f"{LIB}/asyncio/events.py", 88)
TASK = ("create_task", f"{LIB}/asyncio/base_events.py", 456)
CREATE = ("create_task", f"{LIB}/asyncio/tasks.py", 420)
GATHER = ("gather", f"{LIB}/asyncio/tasks.py", 827)
TICK = ("tick", "/app/jobs.py", 3)
OUTER = ("outer", "/app/jobs.py", 9)


@dataclass(frozen=True)
class Interval:
    n_allocations: int = 1


@dataclass(frozen=True)
class Record:
    stack: list[tuple[str, str, int]]
    intervals: tuple[Interval, ...] = (Interval(),)
    stack_id: int = 1

    def stack_trace(self, max_stacks: int) -> list[tuple[str, str, int]]:
        return self.stack[:max_stacks]


# -- the capture ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stack", "creator"),
    [
        ([TASK, CREATE, TICK, HARNESS, RUN], (TICK,)),
        ([TASK, GATHER, TICK, OUTER, RUN, HARNESS], (TICK, OUTER)),
        ([CREATE, TICK, HARNESS], (TICK,)),
        ([TASK, ("run", f"{LIB}/asyncio/runners.py", 100), HARNESS], None),
        ([("callback", f"{LIB}/asyncio/tasks.py", 990), RUN, TICK], None),
        ([("create_task", "/app/jobs.py", 4), TICK], None),
        ([TICK, HARNESS], None),
        ([], None),
    ],
)
def test_a_stack_that_makes_a_task_tells_the_line_outside_of_asyncio(
    stack: list[tuple[str, str, int]], creator: tuple[Any, ...] | None
) -> None:
    assert creating_stacks([(Record(stack), 1)], HIDE) == ([] if creator is None else [creator])


def test_the_lines_that_create_most_come_first_and_no_more_than_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(creators, "MOST", 2)
    records = [
        Record([TASK, ("tick", "/app/jobs.py", line), HARNESS], (Interval(line), Interval()))
        for line in (1, 3, 2)
    ]
    counted = seen_allocations(records)

    assert [stack[0][2] for stack in creating_stacks(counted, HIDE)] == [3, 2]


def test_of_the_first_allocations_each_stack_is_told_once_and_ends_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(creators, "_FIRST", 5)
    records = [Record([], stack_id=stack) for stack in (3, 0, 7, 3, 0, 9)]

    counted = [(record.stack_id, number) for record, number in first_allocations(records)]

    assert counted == [(3, 2), (7, 1)]


def test_a_run_without_asyncio_has_no_tasks() -> None:
    assert has_tasks([TICK[1], RUN[1]])
    assert not has_tasks([TICK[1], "/app/asyncio.py"])


# -- the source -------------------------------------------------------------------------------

SOURCE = """
async def tick():
    create_task(work())
    create_task(
        self.serve(
            1))
    with group(work) as g:
        g.start(other)
    jobs = [later() for _ in range(2)]
    def inner():
        hidden()
    gather(*jobs)
"""


@pytest.mark.parametrize(
    ("line", "name", "in_statement", "in_function"),
    [
        (3, "work", True, True),
        (3, "serve", False, True),
        (4, "serve", True, True),
        (6, "serve", True, True),
        (7, "work", True, True),
        (7, "other", False, True),
        (12, "later", False, True),
        (12, "hidden", False, True),
        (11, "later", False, False),
        (2, "tick", False, False),
        (99, "work", False, False),
    ],
)
def test_a_line_names_what_its_statement_or_its_function_uses(
    line: int, name: str, *, in_statement: bool, in_function: bool
) -> None:
    naming = naming_of(SOURCE)

    assert naming.in_statement(line, name) is in_statement
    assert naming.in_function(line, name) is in_function


@given(st.text())
def test_source_that_is_no_python_names_nothing(source: str) -> None:
    assert naming_of(f"{source}\0") == Naming((), ())


def test_an_expression_too_deep_to_be_read_names_nothing() -> None:
    assert naming_of(f"x = {'+'.join(['work()'] * 3_000)}") == Naming((), ())


# -- the choice -------------------------------------------------------------------------------


def frame(line: int, file: str = "/app/jobs.py") -> Frame:
    return Frame(file=file, line=line, function="tick")


def origin(name: str, *lines: int, file: str = "/app/jobs.py") -> TaskOrigin | None:
    """Return the origin of a coroutine where tasks are created at `lines` of SOURCE."""
    stacks = [(frame(line, file),) for line in lines]
    found = task_origins([name], stacks, {"/app/jobs.py": naming_of(SOURCE)})
    return found[0] if found else None


def test_the_line_that_names_the_coroutine_is_taken_before_one_whose_function_does() -> None:
    found = origin("work", 12, 3, 4)

    assert found == TaskOrigin(coroutine="work", created_at=(frame(3),), is_named=True)


def test_where_no_statement_names_it_the_function_does() -> None:
    assert origin("later", 12) == TaskOrigin(
        coroutine="later", created_at=(frame(12),), is_named=True
    )


def test_where_nothing_names_it_a_few_lines_are_told_with_a_doubt_and_many_are_not() -> None:
    few = origin("unknown", 3, 4, 12)

    assert few == TaskOrigin(
        coroutine="unknown", created_at=(frame(3), frame(4), frame(12)), is_named=False
    )
    assert said_of(few).startswith(", perhaps created at /app/jobs.py:3 tick() or ")
    assert origin("unknown", 3, 4, 7, 12) is None
    assert origin("unknown") is None


def test_a_librarys_line_is_told_where_no_line_is_the_users() -> None:
    file = "/app/.venv/lib/python3.12/site-packages/anyio/tasks.py"
    found = origin("work", 3, file=file)

    assert found is not None
    assert found.created_at == (frame(3, file),)
    assert not found.is_named


def test_the_innermost_line_that_names_the_coroutine_is_the_one() -> None:
    stack = (frame(99, "/app/spawn.py"), frame(4), frame(6))
    (found,) = task_origins(["serve"], [stack], {"/app/jobs.py": naming_of(SOURCE)})

    assert found.created_at == (frame(4),)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("pull waits in pull() at /app/jobs.py:3", "pull"),
        ("main.<locals>.work waits in get() at q.py:1", "work"),
        ("Service.serve at /app/jobs.py:3, not started", "serve"),
        ("tick (running)", "tick"),
        ("async_generator_asend", "async_generator_asend"),
        ("", ""),
    ],
)
def test_the_coroutine_of_a_task_is_read_from_its_words(told: str, name: str) -> None:
    assert coroutine_of(told) == name


def test_the_coroutines_of_interest_are_those_of_sites_and_of_tasks_that_pile_up() -> None:
    loop = Frame(file=RUN[1], line=88, function="_run")
    site = SiteSeries(stack=(frame(3), loop), allocator="", live_bytes=(), live_objects=())
    table = SiteTable(marks=(), sites=(site, site), remainder=site)
    tasks = (Group(what="pull waits in pull() at a.py:1", number=3),)

    assert coroutines(table, Inventory(tasks=tasks)) == ("tick", "pull")
    assert coroutines(None, None) == ()


# -- the record -------------------------------------------------------------------------------


def test_a_record_without_origins_is_as_records_were_before() -> None:
    assert "task_origins" not in codec.encode(leak_record())["measurement"]  # type: ignore[operator]


def test_a_damaged_origin_is_told_with_its_place() -> None:
    document: Any = codec.encode(leak_record())
    document["measurement"]["task_origins"] = [
        {"coroutine": "work", "created_at": [], "is_named": 1}
    ]

    with pytest.raises(RecordError, match=r"task_origins\[0\].is_named: found 1, wanted true"):
        codec.decode(document)
