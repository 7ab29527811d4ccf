"""Call sites are counted exactly: at whole iterations, after a collection, temporaries left out."""

from itertools import takewhile

from leakcheck.model.sites import SiteTable
from leakcheck.run.child.marks import all_marks
from tests.process.command import Desk

ITERATIONS = 1_500
WARM = 264  # beyond the small integers, which nobody allocates
JOBS = """
import asyncio, json, leakcheck

DOCUMENT = {"numbers": [n / 7 for n in range(50)], "names": [f"n{n}" for n in range(50)]}

def work(done, kept):
    json.loads(json.dumps(DOCUMENT))
    cycle = [bytearray(300)]
    cycle.append(cycle)
    if done % 100 == 0:
        kept[done // 100] = bytearray(0)

@leakcheck.workload(exact_iterations=1_500)
def tick():
    done, kept = 0, [None] * 100

    def step():
        nonlocal done
        done += 1
        work(done, kept)

    yield step

@leakcheck.workload(exact_iterations=1_500)
async def wait():
    done, kept = 0, [None] * 100

    async def step():
        nonlocal done
        done += 1
        await asyncio.sleep(0)
        work(done, kept)

    yield step
"""


def _rare_and_others(table: SiteTable) -> tuple[list[int], list[list[int]]]:
    """Return the objects alive that the leaking line made, and those of every other site."""
    warm = [k for k, mark in enumerate(table.marks) if mark >= WARM]
    rows = {
        site.stack[0].line if site.stack else 0: [site.live_objects[k] for k in warm]
        for site in (*table.sites, table.remainder)
    }
    line = 1 + JOBS.splitlines().index("        kept[done // 100] = bytearray(0)")
    return rows.pop(line), list(rows.values())


def test_a_leak_of_one_object_in_100_iterations_is_seen_at_every_mark_and_nothing_else(
    desk: Desk,
) -> None:
    desk.write("jobs.py", JOBS)
    ran = desk.run("jobs.py:tick", "jobs.py:wait")
    expected = list(takewhile(lambda mark: mark <= ITERATIONS, all_marks()))

    for record in ran.records:
        table = record.measurement.sites
        assert table is not None, ran.out
        rare, others = _rare_and_others(table)
        marks = [int(mark) for mark in table.marks]
        assert set(marks) - {ITERATIONS} <= set(expected)  # a busy machine may cost some marks
        assert len(marks) > len(expected) / 2
        assert rare == [mark // 100 for mark in marks if mark >= WARM]
        assert [row for row in others if len(set(row)) > 1] == []
