"""What the process has more of at the end than after its set-up. In the child.

It is looked at twice: before the first sample and after the last, so that nothing of it is
measured. Neither look raises, and neither takes more than a moment.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

from leakcheck.probes.descriptors import Key, open_descriptors
from leakcheck.probes.workers import running_threads, waiting_tasks

MOST_LOOKED_AT: Final = 10_000
MOST_S: Final = 0.2
"""For each kind: a busy machine that is slow to list one leaves the others what they need."""
MOST_GROUPS: Final = 8
LONGEST: Final = 200
_FEWEST_FOLDED: Final = 2

Groups = list[list[Any]]
"""Pairs of what there is more of and how many more, as plain JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How many there are of each; `cut` where there were more than could be looked at."""

    numbers: Counter[Key]
    cut: bool = False
    failure: str | None = None


def look() -> dict[str, Look]:
    """Return what there is now: threads, tasks, descriptors."""
    return {
        "threads": _counted(lambda: _twice(running_threads())),
        "tasks": _counted(lambda: _twice(waiting_tasks())),
        "descriptors": _counted(open_descriptors),
    }


def grown(
    before: Mapping[str, Look], now: Mapping[str, Look]
) -> tuple[dict[str, Groups], list[str]]:
    """Return by kind what there is more of now than before, and remarks on what is left out."""
    told = {name: as_groups(_more(before[name], now[name])) for name in now}
    remarks = (_remark(name, before[name], now[name]) for name in now)
    return told, [remark for remark in remarks if remark]


def as_groups(numbers: Mapping[str, int]) -> Groups:
    """Return the largest of `numbers` under texts that are short and printable.

    >>> as_groups({"pipe": 2, "epoll": 0, "file /tmp/a": 3})
    [['file /tmp/a', 3], ['pipe', 2]]
    """
    found: Counter[str] = Counter()
    for what, number in numbers.items():
        found[plain(what)] += number
    ranked = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return [[what, number] for what, number in ranked[:MOST_GROUPS] if number > 0]


def plain(text: str) -> str:
    r"""Return a text that may be shown: printable, and without its middle where it is long.

    >>> plain("/tmp/a\n\x1b"), len(plain("x" * 500))
    ('/tmp/a??', 200)
    """
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    if len(shown) <= LONGEST:
        return shown
    half = (LONGEST - 3) // 2
    return f"{shown[: LONGEST - 3 - half]}...{shown[-half:]}"


def _counted(source: Callable[[], Iterator[Key]]) -> Look:
    deadline_s = perf_counter() + MOST_S
    numbers: Counter[Key] = Counter()
    try:
        for seen, key in enumerate(source()):
            if seen >= MOST_LOOKED_AT or perf_counter() > deadline_s:
                return Look(numbers=numbers, cut=True)
            numbers[key] += 1
    except Exception as error:  # noqa: BLE001 -- a measurement does not fail for want of names
        return Look(numbers=numbers, failure=type(error).__name__)
    return Look(numbers=numbers)


def _twice(texts: Iterator[str]) -> Iterator[Key]:
    return ((text, text) for text in texts)


def _more(before: Look, now: Look) -> Mapping[str, int]:
    if before.cut or before.failure or now.failure:
        return {}
    change = Counter(now.numbers)
    change.subtract(before.numbers)
    return folded(change)


def folded(change: Mapping[Key, int]) -> dict[str, int]:
    """Return the change by name; names that came once each, or went, under their wider one.

    A server's clients come from ports that differ, temporary files have names at random: what
    counts is by how many more there are of them all.
    """
    wider: dict[str, list[tuple[str, int]]] = {}
    for (what, wide), number in change.items():
        if number:
            wider.setdefault(wide, []).append((what, number))
    found: Counter[str] = Counter()
    for wide, members in wider.items():
        few = [(what, number) for what, number in members if number <= 1]
        name = wide if len(few) >= _FEWEST_FOLDED else None
        for what, number in few:
            found[name or what] += number
        found.update({what: number for what, number in members if number > 1})
    return found


def _remark(name: str, before: Look, now: Look) -> str | None:
    failure = before.failure or now.failure
    if failure:
        return f"what the {name} are could not be told: {failure}"
    if before.cut:
        return f"what the {name} are could not be told: there were too many after set-up"
    if now.cut:
        return f"only {now.numbers.total():,} {name} were looked at: there are more"
    return None
