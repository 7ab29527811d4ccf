"""The layout of the page that parent and child share, and the words they exchange.

The page is a file mapped by both: it survives the child's death and a workload that closes
every descriptor. Each slot is a signed 64-bit integer.
"""

import struct
from enum import IntEnum
from typing import Final

NOT_READ: Final = -1
"""In a slot of a reading: this one was not taken."""


class Slot(IntEnum):
    """Which integer of the shared page means what, and who writes it."""

    ITERATIONS = 0  # child: iterations completed
    STOP = 1  # parent: take a last sample after this iteration
    NEXT_SAMPLE = 2  # parent: take a sample after this many iterations
    READ_OBJECTS = 3  # parent: count gc objects at the next sample
    HEAP = 4  # child, at a sample: bytes
    GC_OBJECTS = 5  # child, at a sample
    TASKS = 6  # child, at a sample
    GC_ENABLED = 7  # child: 1 or 0
    PROFILER_CHANGED = 8  # child: 1 once the workload has set a profiler of its own
    LOST_CHANNEL = 9  # child: 1 when its descriptors had been closed
    STAGE = 10  # child: a Stage
    SAMPLING_NS = 11  # child: time spent on samples so far, the waiting for an answer included
    HAS_LOOP = 12  # child: 1 where the iterations run inside an event loop
    IDLE_MS = 13  # parent: do nothing for so long, then take another sample
    WATCH = 14  # parent: from the next iteration on, note where descriptors and threads come from
    LAST_CENSUS = 15  # parent: make a census after the last sample


class Stage(IntEnum):
    """How far the child has come."""

    STARTING = 0
    LOADING = 1
    SETTING_UP = 2
    ITERATING = 3
    TEARING_DOWN = 4


KEPT_BYTES: Final = 4 << 20
"""What the child keeps and frees while the probes are proved."""
PAGE_BYTES: Final = 4096
SLOT_FORMAT: Final = "q"

HEADER: Final = struct.Struct("<cI")
"""A message: one byte for its kind, then the length of its JSON text, which follows."""

PROVING: Final = b"p"  # a sample taken while the probes are proved
LOADED: Final = b"l"  # the target was found: its kind and its own options
SAMPLE: Final = b"s"  # the slots hold a sample; the child waits for a word
FAILED: Final = b"e"  # an exception: stage, type, place, text
FINISHED: Final = b"f"  # the loop is over; the capture is closed
CENSUS: Final = b"c"  # the containers that grew, as the parent had asked
GO: Final = b"g"
QUIT: Final = b"q"
INSPECT: Final = b"i"  # make a census of the containers, then wait for another word
