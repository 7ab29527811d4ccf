"""A LEAK of what is no memory says what it is, from a real run to its record."""

import json
import sys

import pytest

from leakcheck.analysis.what import what_grows
from leakcheck.model.inventory import Group, Inventory
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Verdict
from tests.process.command import QUICK, Desk

JOBS = """
import asyncio, gc, socket, threading
import leakcheck

KEPT = []
DONE = threading.Event()

def files():
    file = open(f"page.{len(KEPT)}.log", "w")
    KEPT.append(file)

@leakcheck.workload
def clients():
    server = socket.create_server(("127.0.0.1", 0))
    here = server.getsockname()

    def step():
        KEPT.append(socket.create_connection(here))
        KEPT.append(server.accept()[0])

    yield step

def work():
    DONE.wait()

def threads():
    threading.Thread(target=work, daemon=True).start()

async def pull():
    await asyncio.sleep(600)

async def tasks():
    KEPT.append(asyncio.create_task(pull()))

class Node:
    def __del__(self):
        pass

@leakcheck.workload
def cycles():
    gc.disable()

    def step():
        node = Node()
        node.me = [node]

    yield step

def flat():
    bytearray(100)

def hostile():
    files()
    socket.setdefaulttimeout(1)
    threading.enumerate = None
"""
_PULL = "pull waits in pull() at "


def _line_of(code: str) -> int:
    """Return the line of jobs.py in which some code stands."""
    return JOBS[: JOBS.index(code)].count("\n") + 1


def run(desk: Desk, name: str, *options: str) -> RunRecord:
    """Return the record of one workload of jobs.py."""
    desk.write("jobs.py", JOBS)
    return desk.run(f"jobs.py:{name}", *QUICK, *options).record


def grown(record: RunRecord) -> Inventory:
    """Return what the record of a LEAK says there is more of."""
    assert record.judgement.verdict is Verdict.LEAK, record.judgement.reason
    assert record.measurement.notes == ()
    assert record.measurement.inventory is not None
    return record.measurement.inventory


def test_files_that_are_never_closed_are_told_by_path(desk: Desk) -> None:
    record = run(desk, "files")

    (group,) = grown(record).descriptors
    assert group.what.startswith("file /")
    assert group.what.endswith("/page.*.log")
    assert group.number == 300
    assert f"descriptors: 300 more: {group.what} (300)" in what_grows(
        record.measurement, record.judgement
    )


def test_connections_that_are_never_closed_are_told_by_peer(desk: Desk) -> None:
    clients, server = grown(run(desk, "clients")).descriptors

    assert clients == Group(what="socket to 127.0.0.1", number=300)
    assert server.what.startswith("socket to 127.0.0.1:")
    assert server.number == 300


@pytest.mark.parametrize("profiler", ["none", "memray"])
def test_threads_that_never_end_are_told_by_what_they_run(desk: Desk, profiler: str) -> None:
    found = grown(run(desk, "threads", "--profiler", profiler))

    (group,) = found.threads
    assert group.what.startswith("work at ")
    assert "/jobs.py:" in group.what
    assert group.number == 300
    assert found.descriptors == ()


def test_tasks_that_never_end_are_told_by_where_they_wait(desk: Desk) -> None:
    (group,) = grown(run(desk, "tasks")).tasks

    assert group.what.startswith(_PULL)
    assert "/jobs.py:" in group.what
    assert group.number == 300


def test_cycles_that_nobody_collects_are_told_by_type(desk: Desk) -> None:
    record = run(desk, "cycles")
    nodes, lists, *others = grown(record).cycles

    assert nodes == Group(what="jobs.Node (__del__)", number=300)
    assert lists.what == "list (C type)"
    assert sum(other.number for other in others) < 30
    (line,) = what_grows(record.measurement, record.judgement)
    assert line.startswith("uncollected-cycles: ")
    assert "jobs.Node (__del__) (300)" in line


_STARTED = f", started at jobs.py:{_line_of('target=work')} threads()" * (
    sys.version_info >= (3, 12)
)
"""3.11 does not report what starts a thread."""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("files", "descriptors: 300 more: file page.*.log (300)"),
        ("threads", f"threads: 300 more: work at jobs.py:{_line_of('def work')}{_STARTED} (300)"),
        ("tasks", f"tasks: 300 more: {_PULL}jobs.py:{_line_of('sleep(600)')} (300)"),
    ],
)
def test_files_are_named_from_the_project_wherever_they_are_said(
    desk: Desk, name: str, line: str
) -> None:
    desk.write("jobs.py", JOBS)
    ran = desk.run(f"jobs.py:{name}", *QUICK, "--json", "verdicts.json", "--junit", "junit.xml")
    (verdict,) = desk.json()["verdicts"]

    assert f" {line}\n" in ran.out
    assert verdict["explanation"]["growing"] == [line]
    for said in (ran.out, json.dumps(verdict), (desk.folder / "junit.xml").read_text()):
        assert str(desk.folder) not in said


def test_an_error_says_where_from_the_project(desk: Desk) -> None:
    desk.write("jobs.py", "def tick():\n    raise ValueError\n")
    ran = desk.run("jobs.py:tick", *QUICK, "--json", "verdicts.json", "--junit", "junit.xml")

    assert "raised ValueError at iteration 1 (jobs.py:2 tick)" in ran.out
    assert "(jobs.py:2 tick)" in desk.json()["verdicts"][0]["reason"]
    assert "(jobs.py:2 tick)" in (desk.folder / "junit.xml").read_text()


def test_where_nothing_grows_the_record_has_no_inventory(desk: Desk) -> None:
    record = run(desk, "flat")

    assert record.measurement.inventory is None
    assert record.measurement.notes == ()


def test_a_part_that_the_workload_broke_is_left_out_and_the_rest_is_told(desk: Desk) -> None:
    record = run(desk, "hostile")

    assert record.judgement.verdict is Verdict.LEAK
    assert record.measurement.notes == ("what the threads are could not be told: TypeError",)
    assert record.measurement.inventory is not None
    assert record.measurement.inventory.descriptors[0].number == 300
