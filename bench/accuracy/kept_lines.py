"""Which lines allocate what a workload keeps, by tracemalloc: the truth that marks are held to.

`python -m bench.accuracy.kept_lines TARGET CALLS` runs a case in this process and writes bytes a
call for each line of its file as JSON; `kept_lines` does that in a fresh one. It sees no memory
that native code allocates by itself, and neither memray nor a verdict has a part in it.
"""

import gc
import json
import os
import subprocess
import sys
import tracemalloc
from collections import Counter
from typing import Final

from bench.accuracy.peers.steps import Steps, opened
from bench.accuracy.process import ROOT
from bench.corpus.small.registry import SEED_VARIABLE

FRAMES: Final = 30
"""How deep a stack is kept: the case's own line has to be on it."""


def kept_lines(target: str, *, calls: int, seed: int) -> dict[int, float]:
    """Return for each line of a case's file what it keeps, in bytes a call."""
    ended = subprocess.run(  # noqa: S603 -- this file
        [sys.executable, "-m", "bench.accuracy.kept_lines", target, str(calls)],
        cwd=ROOT,
        env={**os.environ, SEED_VARIABLE: str(seed), "PYTHONHASHSEED": "0"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found = json.loads(ended.stdout.splitlines()[-1])
    return {int(line): kept for line, kept in found.items()}


def read_lines(steps: Steps, file: str, calls: int) -> dict[int, float]:
    """Return what the later half of so many calls keeps, of a workload open in this process."""
    collected = gc.isenabled()  # what a workload that turns it off leaves behind is kept
    tracemalloc.start(FRAMES)
    halves = []
    for _ in range(2):
        for _ in range(calls // 2):
            steps.step()
        if collected:
            gc.collect()
        halves.append(_live(tracemalloc.take_snapshot(), file))
    first, both = halves
    grown = {line: (both[line] - first[line]) / (calls // 2) for line in both}
    return {line: kept for line, kept in grown.items() if kept > 0}


def _live(snapshot: tracemalloc.Snapshot, file: str) -> Counter[int]:
    """Return the live bytes of each line of `file`: of the innermost one on each stack."""
    live: Counter[int] = Counter()
    for trace in snapshot.traces:
        own = (frame.lineno for frame in reversed(trace.traceback) if frame.filename == file)
        line = next(own, None)
        if line is not None:
            live[line] += trace.size
    return live


if __name__ == "__main__":
    with opened(sys.argv[1]) as opened_steps:
        module = sys.modules[sys.argv[1].rpartition(":")[0]]
        lines = read_lines(opened_steps, str(module.__file__), int(sys.argv[2]))
        sys.stdout.write(json.dumps(lines) + "\n")
        sys.stdout.flush()
        os._exit(0)  # what has leaked need not be torn down
