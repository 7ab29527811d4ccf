"""A least-squares line through RSS: `python -m bench.accuracy.peers.ask_slope TARGET CALLS ANSWER`.

A tenth of the calls is warm-up; RSS is read every twentieth call; above 50 B a call is a LEAK.
"""

import os
import sys
from array import array
from collections.abc import Callable
from statistics import linear_regression
from typing import Final

from bench.accuracy.peers.steps import answer, opened

THRESHOLD_BYTES_PER_CALL: Final = 50.0
EVERY: Final = 20


def rss_bytes(statm: int) -> int:
    """Return the resident memory of this process, read from an open /proc/self/statm."""
    return int(os.pread(statm, 100, 0).split()[1]) * os.sysconf("SC_PAGESIZE")


def slope(step: Callable[[], None], calls: int) -> float:
    """Return how many bytes a call RSS grows by after the warm-up."""
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    for _ in range(calls // 10):
        step()
    values = array("q", bytes(8 * ((calls - calls // 10) // EVERY)))
    for place in range(len(values)):
        for _ in range(EVERY):
            step()
        values[place] = rss_bytes(statm)
    return linear_regression(range(0, EVERY * len(values), EVERY), values).slope


if __name__ == "__main__":
    with opened(sys.argv[1]) as steps:
        grows = slope(steps.step, int(sys.argv[2]))
        answer(
            sys.argv[3],
            word="LEAK" if grows > THRESHOLD_BYTES_PER_CALL else "CLEAN",
            calls=steps.calls[0],
            growth_bytes_per_call=grows,
            reason=f"RSS grows by {grows:.1f} B a call",
        )
