"""What reading a capture back costs: the CPU time and the peak memory of the reader.

`extra_info` has both, and how many blocks the run allocated (`allocated_blocks`): each is two of
memray's records, as it is freed as well. The wall time is the reader's from its start on, so that
its imports, which a check does while the workload runs, are in all of these. memray's pages are no
part of it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.checked import PROJECT, run_checked
from bench.workloads.lifetimes import ALLOCATIONS
from leakcheck.run.bridge import bridge
from leakcheck.run.capture_file import START, order

_PATIENCE_S: Final = 3_600
"""A busy machine may make it long, but not less exact."""
_LONG: Final = 10_000_000
_READ_AND_TELL: Final = f"""{START}
import json, time
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([time.process_time(), int(peak.split()[1]) / 1024]))
"""


@pytest.mark.elsewhere
@pytest.mark.parametrize("allocations", [1_000_000, _LONG])
@pytest.mark.parametrize("workload", ["temporaries", "rings"])
def bench_attribution(
    benchmark: BenchmarkFixture,
    tmp_path: Path,
    workload: str,
    allocations: int,
    *,
    is_rough: bool,
) -> None:
    """Count the call sites of a run at all of its marks."""
    if allocations >= _LONG and is_rough:
        pytest.skip("takes minutes, and rough figures are wanted")
    capture, table = tmp_path / "capture.bin", tmp_path / "sites.json"
    target = f"bench.workloads.lifetimes:{workload}"
    with bridge() as way_in:
        outcome = run_checked(target, way_in, allocations // ALLOCATIONS, os.environ, capture)
        wanted = {**order(capture, outcome, table, way_in), "most_s": _PATIENCE_S, "pages": False}
        found = benchmark.pedantic(_read, args=(wanted, way_in))  # type: ignore[no-untyped-call]

    content = json.loads(table.read_bytes())
    assert content["one_in"] == 1
    assert content["marks"][-1] == allocations // ALLOCATIONS
    benchmark.extra_info["allocated_blocks"] = allocations
    benchmark.extra_info["marks"] = len(content["marks"])
    benchmark.extra_info["cpu_s"] = round(found[0], 2)
    benchmark.extra_info["peak_rss_mib"] = round(found[1])
    benchmark.extra_info["peak_bytes"] = round(found[1] * (1 << 20))


def _read(wanted: dict[str, Any], way_in: Path) -> tuple[float, float]:
    """Return the CPU seconds and the peak RSS in MiB of a reader that does as it is told."""
    done = subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, "-c", _READ_AND_TELL, way_in],
        check=True,
        cwd=PROJECT,
        input=json.dumps(wanted) + "\n",
        stdout=subprocess.PIPE,
        text=True,
    )
    cpu_s, peak_mib = json.loads(done.stdout)
    return cpu_s, peak_mib
