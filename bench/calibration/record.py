"""Recording: heap and resident memory of a real workload after each iteration.

`python -m bench.calibration.record TARGET --iterations N -o FILE` runs the workload in the
environment of a measured child, without memray, and reads both after every single iteration, so
that a trial can begin anywhere and sample as a run would.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench.calibration.recorded import CHUNK_BYTES, PAGE_BYTES, Recorded, text_of
from leakcheck.run.environment import child_environment

PROJECT: Final = Path(__file__).parents[2]
_CHILD: Final = "bench.calibration.record_child"
ITERATIONS: Final = 12_000


def main() -> None:
    """Record the target and write the file."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibration.record", description=__doc__)
    parser.add_argument("target", help="as for leakcheck run, such as package.module:name")
    parser.add_argument("--iterations", type=int, default=ITERATIONS, metavar="N")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    given = parser.parse_args()
    given.output.write_text(text_of(record(given.target, given.iterations)), encoding="utf-8")


def record(target: str, iterations: int = ITERATIONS) -> Recorded:
    """Return what `target` read before its first iteration and after each."""
    environment, _ = child_environment(os.environ)
    done = subprocess.run(  # noqa: S603 -- our own program, in our own interpreter
        [sys.executable, "-m", _CHILD, target, str(iterations)],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return Recorded(
        workload=target,
        python=platform.python_version(),
        heap_bytes=tuple(CHUNK_BYTES * round(one / CHUNK_BYTES) for one in found["heap"]),
        rss_bytes=tuple(PAGE_BYTES * one for one in found["rss_pages"]),
    )


if __name__ == "__main__":
    main()
