"""Which of the lines that create tasks creates those of a coroutine: the one that names it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from leakcheck.analysis.lines import is_own, line_of, task_of
from leakcheck.analysis.naming import Naming
from leakcheck.model.inventory import Inventory
from leakcheck.model.sites import Frame, SiteTable
from leakcheck.model.task_origin import TaskOrigin

MOST_SHOWN: Final = 3
_TOLD: Final = re.compile(r"(\S+)(?: waits in | at |$| \(running\)$)")
_IN_STATEMENT, _IN_FUNCTION, _NOWHERE = range(3)
Stack = Sequence[Frame]


def coroutine_of(told: str) -> str:
    """Return the coroutine that an inventory's words on a task begin with, without its class.

    >>> coroutine_of("Queue.pull waits in Queue.get() at queues.py:9"), coroutine_of("?")
    ('pull', '?')
    """
    found = _TOLD.match(told)
    return found[1].rpartition(".")[2] if found else ""


def coroutines(table: SiteTable | None, inventory: Inventory | None) -> tuple[str, ...]:
    """Return the coroutines at whose tasks stacks end, and those that there are more of."""
    of_sites = (task_of(site.stack) for site in (table.sites if table else ()))
    of_tasks = (coroutine_of(group.what) for group in (inventory.tasks if inventory else ()))
    return tuple(filter(None, dict.fromkeys([*of_sites, *of_tasks])))


def task_origins(
    names: Iterable[str], creators: Sequence[Stack], namings: Mapping[str, Naming]
) -> tuple[TaskOrigin, ...]:
    """Return where the tasks of each coroutine are created, without those of which it is unknown.

    `creators` are stacks from a line that creates tasks outwards, `namings` what the user's own
    files name. Where no source names a coroutine, it may be any line: a few are told, more are not.
    """
    found = ((name, _ranked(name, creators, namings)) for name in names)
    return tuple(_origin(name, *ranked) for name, ranked in found if ranked is not None)


def said_of(origin: TaskOrigin | None) -> str:
    """Return where a task was created, to be put behind its name; nothing where that is unknown.

    >>> frames = (Frame(file="jobs.py", line=17, function="tick"),)
    >>> said_of(TaskOrigin(coroutine="work", created_at=frames, is_named=True))
    ', created at jobs.py:17 tick()'
    """
    if origin is None or not origin.created_at:
        return ""
    places = (f"{one.file}:{one.line} {one.function}()" for one in origin.created_at)
    return f", {'' if origin.is_named else 'perhaps '}created at {' or '.join(places)}"


def _origin(name: str, rank: int, lines: tuple[Frame, ...]) -> TaskOrigin:
    return TaskOrigin(coroutine=name, created_at=lines, is_named=rank != _NOWHERE)


def _ranked(
    name: str, creators: Sequence[Stack], namings: Mapping[str, Naming]
) -> tuple[int, tuple[Frame, ...]] | None:
    """Return how well the best lines match, and these; None where they say too little."""
    best = [min(_matches(name, stack, namings), key=lambda one: one[0]) for stack in creators]
    rank = min((rank for rank, _ in best), default=_NOWHERE)
    lines = tuple(dict.fromkeys(frame for one, frame in best if one == rank))
    if not lines or (rank == _NOWHERE and len(lines) > MOST_SHOWN):
        return None
    return rank, lines[:MOST_SHOWN]


def _matches(name: str, stack: Stack, namings: Mapping[str, Naming]) -> Iterator[tuple[int, Frame]]:
    """Yield how well each of the user's own lines of a stack matches a coroutine."""
    for frame in filter(is_own, stack):
        naming = namings.get(frame.file)
        if naming is not None and naming.in_statement(frame.line, name):
            yield _IN_STATEMENT, frame
        elif naming is not None and naming.in_function(frame.line, name):
            yield _IN_FUNCTION, frame
    line = line_of(stack)
    if line is not None:
        yield _NOWHERE, line
