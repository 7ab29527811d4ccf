"""What to do next: a line for each kind of growth, and no more than is known."""

from collections.abc import Sequence
from typing import Final

from leakcheck.analysis.lines import is_own
from leakcheck.analysis.opaque import sits_on_native_code
from leakcheck.model.explanation import Cause
from leakcheck.model.from_outside import FromOutside
from leakcheck.model.native import NativeGrowth
from leakcheck.model.verdict import Diagnosis, Judgement

_LINES: Final = {
    Diagnosis.NATIVE_HEAP: (
        "native code allocates and does not free, or lost a reference: look for a call without "
        "its close() or free(), and try the library's other releases"
    ),
    Diagnosis.OUTSIDE_MALLOC: (
        "memory is mapped past malloc (mmap, shared memory, another allocator): look for what "
        "is mapped and never closed"
    ),
    Diagnosis.FRAGMENTATION: (
        "what lives does not grow, what the process holds does: fewer long-lived objects among "
        "short-lived ones, MALLOC_ARENA_MAX=2, or malloc_trim(0) now and then; it may level off"
    ),
    Diagnosis.UNCOLLECTED_CYCLES: (
        "one gc.collect() frees it: switch the collector on again, call it now and then, or "
        "break the cycles (weakref, a close() that clears)"
    ),
    Diagnosis.DESCRIPTORS: "close what is opened: a with block, or close() in finally",
    Diagnosis.THREADS: "end or join each thread that is started, or use one pool of a fixed size",
    Diagnosis.TASKS: "await or cancel each task that is created; a TaskGroup does it for you",
    Diagnosis.BACKLOG: (
        "work is handed in faster than it is done: it was given back while idle. Bound the "
        "queue, or slow down who fills it; at a lower rate it may be no leak"
    ),
}
_BOUND_IT: Final = (
    "bound what holds it, or take entries out when they are done with: a maxlen, an LRU or a "
    "time limit, a WeakValueDictionary"
)
_FIND_HOLDER: Final = "look at what the line above keeps: no container that grows was seen"
_NOT_FROM_HERE: Final = "the line is a library's: look at how it is called, or for a fixed release"


_LINE_OF_PYTHON: Final = (
    "Python runs in it: to learn the line that allocates, have `leakcheck run` call the same code "
    "as a workload, or `leakcheck asgi` an application"
)
_LINE_OF_OTHERS: Final = (
    "to learn where it allocates, run the program under a heap profiler of its own language"
)
_LOOK_INSIDE: Final = "run again with --native to see which native function allocates"


def next_steps(
    judgement: Judgement, causes: Sequence[Cause], native: NativeGrowth | None = None
) -> tuple[str, ...]:
    """Return what to do about a leak, one line for each of its kinds.

    >>> from leakcheck.model.verdict import Verdict
    >>> next_steps(Judgement(verdict=Verdict.LEAK, reason="", diagnosis=(Diagnosis.TASKS,)), ())
    ('await or cancel each task that is created; a TaskGroup does it for you',)
    """
    found = [_LINES[one] for one in judgement.diagnosis if one in _LINES]
    if Diagnosis.PYTHON_OBJECTS in judgement.diagnosis:
        found.insert(0, _BOUND_IT if judgement.held_by else _FIND_HOLDER)
    if causes and causes[0].line.file and not is_own(causes[0].line):
        found.append(_NOT_FROM_HERE)
    if sits_on_native_code(judgement, native) and not (native and native.was_tried):
        found.append(_LOOK_INSIDE)
    return tuple(found)


def line_of_program(seen: FromOutside | None) -> tuple[str, ...]:
    """Return how to learn where a program allocates that was seen from outside; else nothing.

    >>> line_of_program(None)
    ()
    """
    if seen is None:
        return ()
    return (_LINE_OF_PYTHON if seen.is_python else _LINE_OF_OTHERS,)
