"""Recorded series: the heap and the resident memory of real workloads, an iteration each."""

import json
import random
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, islice, pairwise
from pathlib import Path
from typing import Final

from bench.calibration.scene import Curve, Scene

FOLDER: Final = Path(__file__).parent / "recorded"
CHUNK_BYTES: Final = 16
PAGE_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What one workload read before its first iteration and after each one."""

    workload: str
    python: str
    heap_bytes: tuple[int, ...]
    rss_bytes: tuple[int, ...]

    @property
    def name(self) -> str:
        """Return the workload's short name."""
        return self.workload.rpartition(":")[2]

    @property
    def iterations(self) -> int:
        """Return how many iterations were recorded."""
        return len(self.heap_bytes) - 1

    def scene(self, start: int = 0) -> Scene:
        """Return the scene that begins where `start` iterations were completed.

        Resident memory is the recorded one, beside what the heap's own highest level asks for.
        """
        return Scene(
            noise=_from(self.heap_bytes, start), rss_wander=_beside(self.heap_bytes, self, start)
        )

    def start(self, rng: random.Random, iterations: int) -> int:
        """Return a start, drawn at random, after which so many iterations are there."""
        return rng.randint(0, self.iterations - iterations)


@cache
def recordings() -> tuple[Recorded, ...]:
    """Return every recording that is kept here, by name."""
    return tuple(recorded_in(file) for file in sorted(FOLDER.glob("*.json")))


def recorded_in(file: Path) -> Recorded:
    """Return the recording in `file`; see `text_of`."""
    document = json.loads(file.read_text(encoding="utf-8"))
    heap, rss = document["heap"], document["rss"]
    return Recorded(
        workload=document["workload"],
        python=document["python"],
        heap_bytes=tuple(CHUNK_BYTES * one for one in accumulate(heap["steps"])),
        rss_bytes=tuple(PAGE_BYTES * one for one in _expanded(rss["changes"], len(heap["steps"]))),
    )


def text_of(recorded: Recorded) -> str:
    """Return a recording as JSON: the heap's steps in chunks, changes of RSS in pages."""
    chunks = [one // CHUNK_BYTES for one in recorded.heap_bytes]
    pages = [one // PAGE_BYTES for one in recorded.rss_bytes]
    changes = [[0, pages[0]]]
    changes += [[n, now] for n, (last, now) in enumerate(pairwise(pages), 1) if now != last]
    document = {
        "workload": recorded.workload,
        "python": recorded.python,
        "heap": {
            "unit_bytes": CHUNK_BYTES,
            "steps": [chunks[0], *(b - a for a, b in pairwise(chunks))],
        },
        "rss": {"unit_bytes": PAGE_BYTES, "changes": changes},
    }
    return json.dumps(document, separators=(",", ":")) + "\n"


def _expanded(changes: list[list[int]], length: int) -> list[int]:
    ends = [n for n, _ in changes[1:]] + [length]
    return [value for (n, value), end in zip(changes, ends, strict=True) for _ in range(n, end)]


def _from(values: tuple[int, ...], start: int) -> Curve:
    return (float(value - values[start]) for value in islice(values, start, None))


def _beside(heap: tuple[int, ...], recorded: Recorded, start: int) -> Curve:
    """Yield resident bytes less those that a scene's own heap accounts for."""
    highest = 0
    for n in range(start, len(heap)):
        highest = max(highest, heap[n] - heap[start])
        rise = recorded.rss_bytes[n] - recorded.rss_bytes[start]
        yield float(rise - highest // PAGE_BYTES * PAGE_BYTES)
