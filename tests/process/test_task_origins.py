"""A LEAK in a task says which line created the task, from a real run to what is said of it."""

from dataclasses import dataclass

import pytest

from tests.process.command import Desk

ITERATIONS = 400
JOBS = """
import asyncio
import leakcheck

KEPT, FOREVER = [], []

async def work():
    KEPT.append(bytearray(1_000))

async def serve():
    KEPT.append(bytearray(2_000))

async def other():
    await asyncio.sleep(0)

async def group():
    await asyncio.create_task(other())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(other())
        tasks.create_task(  # in the group
            work(),
        )

async def gathered():
    await asyncio.create_task(other())
    await asyncio.gather(other(), work())  # at once

async def two():
    await asyncio.create_task(work())  # the first of two
    await asyncio.create_task(serve())  # the second of two

async def either():
    await asyncio.create_task(work())  # one way
    await asyncio.create_task(work())  # the other way

async def outer():
    await asyncio.create_task(work())  # from a task

async def nested():
    await asyncio.create_task(outer())

def spawn(coroutine):
    return asyncio.create_task(coroutine)

async def through():
    await spawn(other())
    await spawn(work())  # through a function

def chosen():
    return work()

async def unnamed():
    await asyncio.create_task(chosen())  # without its name

async def wait():
    await asyncio.sleep(600)

async def waiting():
    FOREVER.append(asyncio.create_task(wait()))  # never to end

async def hand_over(loop):
    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), loop))  # as from a thread

async def handed_over():
    await hand_over(asyncio.get_running_loop())
"""


def at(comment: str, function: str) -> str:
    """Return how the line of jobs.py with a comment is told."""
    line = JOBS[: JOBS.index(f"# {comment}")].count("\n") + 1
    return f"jobs.py:{line} {function}"


@dataclass(frozen=True)
class Told:
    """What a run printed of its tasks, and the same as JSON, by coroutine."""

    lines: list[str]
    created_at: dict[str, list[str]]
    growing: list[str]


def told(desk: Desk, name: str) -> Told:
    """Return what is told of a workload of jobs.py."""
    desk.write("jobs.py", JOBS)
    ran = desk.run(
        f"jobs.py:{name}", "--exact-iterations", str(ITERATIONS), "--json", "verdicts.json"
    )
    explanation = desk.json()["verdicts"][0]["explanation"]
    assert ran.code == 1, ran.out
    assert ran.record.measurement.notes == ()
    return Told(
        lines=[line.strip() for line in ran.out.splitlines()],
        created_at={one["task"]: one["task_created_at"] for one in explanation["causes"]},
        growing=explanation["growing"],
    )


@pytest.mark.parametrize(
    ("name", "coroutine", "place"),
    [
        ("group", "work", at("in the group", "group")),
        ("gathered", "work", at("at once", "gathered")),
        ("two", "work", at("the first of two", "two")),
        ("two", "serve", at("the second of two", "two")),
        ("nested", "work", at("from a task", "outer")),
        ("through", "work", at("through a function", "through")),
        ("handed_over", "work", at("as from a thread", "hand_over")),
    ],
)
def test_a_leak_in_a_task_names_the_line_that_created_it(
    desk: Desk, name: str, coroutine: str, place: str
) -> None:
    found = told(desk, name)

    assert f"in a task of {coroutine}(), created at {place}()" in found.lines
    assert found.created_at[coroutine] == [place]


def test_lines_that_both_create_a_task_are_both_named(desk: Desk) -> None:
    places = [at("one way", "either"), at("the other way", "either")]
    found = told(desk, "either")

    assert sorted(found.created_at["work"]) == places
    (line,) = [line for line in found.lines if line.startswith("in a task of work()")]
    assert all(f"{place}()" in line for place in places)


def test_the_only_line_that_creates_tasks_is_named_with_a_doubt(desk: Desk) -> None:
    place = at("without its name", "unnamed")

    assert f"in a task of work(), perhaps created at {place}()" in told(desk, "unnamed").lines


def test_tasks_that_never_end_are_told_with_the_line_that_created_them(desk: Desk) -> None:
    (line,) = told(desk, "waiting").growing

    assert line.startswith(f"tasks: {ITERATIONS} more: wait waits in wait() at jobs.py:")
    assert line.endswith(f", created at {at('never to end', 'waiting')}() ({ITERATIONS})")
