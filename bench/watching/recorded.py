"""Recorded courses: the service's releases over simulated days of changing load."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.watch.journal_lines import is_header, reading_in
from leakcheck.watch.reading import Reading

HERE: Final = Path(__file__).parent / "recordings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A file of readings, the limit that the service had, and whether it leaks."""

    name: str
    file: str
    limit_bytes: int
    leaks_from_h: float | None


RECORDED: Final = (
    Recording(
        name="the service, release 1.0.0",
        file="service-1.0.0.jsonl.gz",
        limit_bytes=2 << 30,
        leaks_from_h=0.0,
    ),
    Recording(
        name="the service, current",
        file="service-current.jsonl.gz",
        limit_bytes=2 << 30,
        leaks_from_h=None,
    ),
)


def recorded(recording: Recording) -> Iterator[Reading]:
    """Yield the readings of a recording."""
    with gzip.open(HERE / recording.file, "rt", encoding="utf-8") as lines:
        for line in lines:
            if not is_header(line):
                yield reading_in(line)
