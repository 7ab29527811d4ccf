"""What it costs to find who holds what grows, on a heap of a million objects.

Each figure is of a process of its own. `extra_info` has the CPU seconds of what every run pays
after set-up and of a census that finds holders, and by how many MiB the latter raises the peak.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

PROJECT: Final = Path(__file__).parent.parent
_CENSUS: Final = """
import gc, json, sys, time
from leakcheck.probes.census import Census, describe


class Item:
    def __init__(self, number):
        self.name, self.tags, self.more = str(number), [number], {"number": [number]}


class Node:
    __slots__ = ("following", "row")

    def __init__(self, following):
        self.following, self.row = following, [1]


def megabytes(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) / 1024


def cost(do):
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")  # the peak is counted from here
    before, began = megabytes("VmRSS"), time.thread_time()
    found = do()
    return found, time.thread_time() - began, megabytes("VmHWM") - before


HEAP = [Item(number) for number in range(250_000)]
KEPT, HEAD = [], None
census = Census()
gc.collect()
_, begin_s, _ = cost(census.begin)
gc.freeze()
for number in range(5_000):
    if sys.argv[1] == "container":
        KEPT.append(Item(number))
    else:
        HEAD = Node(HEAD)
gc.collect()
found, census_s, peak_mib = cost(lambda: describe(census.take))
held_by = [one["held_by"] for one in (*(found["containers"] or ()), *found["piles"])]
print(json.dumps([len(gc.get_objects()), begin_s, census_s, peak_mib, held_by, found["remark"]]))
"""
HELD: Final = {"container": "KEPT (module global)", "chain": "HEAD (module global)"}


@pytest.mark.elsewhere
@pytest.mark.parametrize("shape", HELD)
def bench_census(benchmark: BenchmarkFixture, shape: str, *, is_rough: bool) -> None:
    """Take a census of a million objects to which 5,000 have come, in a list or in a chain."""
    objects, begin_s, census_s, peak_mib, held_by, remark = benchmark.pedantic(  # type: ignore[no-untyped-call]
        _measured, args=(shape,), rounds=1 if is_rough else 3
    )

    assert objects > 1_000_000
    assert any(HELD[shape] in links[0] for links in held_by), held_by
    assert not remark
    benchmark.extra_info["objects"] = objects
    benchmark.extra_info["begin_s"] = round(begin_s, 2)
    benchmark.extra_info["census_s"] = round(census_s, 2)
    benchmark.extra_info["peak_mib"] = round(peak_mib)
    benchmark.extra_info["peak_bytes"] = round(peak_mib * (1 << 20))


def _measured(shape: str) -> list[object]:
    done = subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, "-c", _CENSUS, shape],
        check=True,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: list[object] = json.loads(done.stdout)
    return found
