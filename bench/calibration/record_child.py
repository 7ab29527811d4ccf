"""The process of a recording: the loop of a measured child, with a sampler of its own."""

import gc
import json
import os
import sys
from array import array

from leakcheck.probes import collector
from leakcheck.probes.heap import heap_probe
from leakcheck.run.child.loading import load
from leakcheck.run.child.loop import Loop
from leakcheck.run.child.slots import Slot


class DenseSampler:
    """Reads heap and RSS after every iteration, into arrays that are there before the first."""

    def __init__(self, iterations: int) -> None:
        self.heap = array("q", bytes(8 * (iterations + 1)))
        self.rss_pages = array("q", bytes(8 * (iterations + 1)))
        self._at = 0
        self._statm = os.open("/proc/self/statm", os.O_RDONLY)
        heap_bytes = heap_probe()
        if heap_bytes is None:
            sys.exit("this C library does not tell its heap in use: nothing can be recorded")
        self._heap_bytes = heap_bytes

    def sample(self) -> bool:
        """Collect and read; return whether there is room for one more."""
        collector.collect()
        words = os.pread(self._statm, 128, 0).split()
        self.heap[self._at] = self._heap_bytes()
        self.rss_pages[self._at] = int(words[1])
        self._at += 1
        return self._at < len(self.heap)


class NoChannel:
    """A channel that leads nowhere: after each iteration it is time for a sample."""

    def __init__(self) -> None:
        self.slots = [0] * len(Slot)

    def is_owner(self) -> bool:
        """Return True: nobody else takes the iterations."""
        return True


def main() -> None:
    """Run the workload and print what was read as one line of JSON."""
    target, iterations = sys.argv[1], int(sys.argv[2])
    loaded = load(target)
    sampler = DenseSampler(iterations)
    sampler.sample()  # what the first one costs is paid before it counts
    sampler._at = 0  # noqa: SLF001 -- its own program
    loop = Loop(NoChannel(), sampler, before=_settle, after=lambda: None)  # type: ignore[arg-type]
    loop.run(loaded)
    told = {"heap": list(sampler.heap), "rss_pages": list(sampler.rss_pages)}
    sys.stdout.write(f"\n{json.dumps(told)}\n")
    sys.stdout.flush()
    os._exit(0)


def _settle() -> None:
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
