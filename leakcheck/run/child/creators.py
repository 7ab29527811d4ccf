"""Which lines create tasks, from what asyncio allocates while it makes one.

An event loop calls the coroutine of a task: the line that created it is on none of its stacks. It
is on those of the task object itself, and these are among the allocations of a capture: of the
first ones each is looked at, and later whatever was alive when memray noted the state of memory.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import dropwhile, islice, takewhile
from typing import Any, Final

from leakcheck.run.child.sites import Stack

MOST: Final = 200
_ASYNCIO: Final = re.compile(r"/asyncio/\w+\.py$")
_MAKING: Final = frozenset(
    {
        "create_task",  # of the module, the loop and a TaskGroup
        "ensure_future",
        "_ensure_future",
        "factory",  # of eager tasks
        "gather",
        "run_coroutine_threadsafe",  # the task is made elsewhere, on this call's account
    }
)
_DEEPEST: Final = 64
_KEPT: Final = 8
_FIRST: Final = 1_000_000
"""Of so many records a capture's first allocations are among, read in a third of a second."""
_Frame = tuple[str, str, int]
Counted = Iterable[tuple[Any, int]]
"""Records of memray's, and how many allocations each stands for."""


def has_tasks(files: Iterable[str]) -> bool:
    """Return whether asyncio is among the files that the frames of stacks are of."""
    return any(map(_ASYNCIO.search, files))


def first_allocations(records: Iterable[Any]) -> Counted:
    """Return one record for each stack among the first ones, and how often it allocated.

    `records` are memray's of single allocations; those of ends have no stack.
    """
    of_stacks: dict[int, Any] = {}
    numbers: Counter[int] = Counter()
    for record in islice(records, _FIRST):
        if record.stack_id:
            of_stacks.setdefault(record.stack_id, record)
            numbers[record.stack_id] += 1
    return [(record, numbers[stack]) for stack, record in of_stacks.items()]


def seen_allocations(records: Iterable[Any]) -> Counted:
    """Return memray's records of lifetimes, and how often each stack allocated."""
    return (
        (record, sum(interval.n_allocations for interval in record.intervals)) for record in records
    )


def creating_stacks(counted: Counted, hide: str) -> list[Stack]:
    """Return where tasks are created, those first that allocated most often meanwhile.

    A stack goes from the creating line outwards, and ends where asyncio called it or the harness
    did. Files whose name begins with `hide` are the harness's.
    """
    found: Counter[Stack] = Counter()
    for record, number in counted:
        if any(map(_makes_task, record.stack_trace(max_stacks=1))):
            stack = _outside_asyncio(record.stack_trace(max_stacks=_DEEPEST), hide)
            found[stack] += number
    found.pop((), None)
    return [stack for stack, _ in found.most_common(MOST)]


def _outside_asyncio(frames: Iterable[_Frame], hide: str) -> Stack:
    outer = dropwhile(_is_asyncios, frames)
    own = takewhile(lambda frame: not (_is_asyncios(frame) or frame[1].startswith(hide)), outer)
    return tuple(own)[:_KEPT]


def _makes_task(frame: _Frame) -> bool:
    return frame[0] in _MAKING and _is_asyncios(frame)


def _is_asyncios(frame: _Frame) -> bool:
    return _ASYNCIO.search(frame[1]) is not None
