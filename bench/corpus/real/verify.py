"""Counting by brute force what each side of each pair grows by.

`python -m bench.corpus.real.verify [NAME...]` runs the pairs named (or all) in environments of
their own, prints a line a side, writes index.json, and exits with 1 when a leaky side does
not grow steadily or a fixed one does.
"""
# ruff: noqa: T201 -- a command of its own: it prints

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.corpus.real.cases import CASES, FOLDER, Case, Kind, Side
from bench.corpus.real.environments import (
    EnvironmentUnavailableError,
    environment,
    last_error,
)
from leakcheck.run.bridge import bridge
from leakcheck.run.environment import child_environment

INDEX: Final = FOLDER / "index.json"
STEADY_BYTES: Final = 16
"""Growth of a leaky side, in bytes an iteration, that is beyond doubt in any stretch."""

STEADY_DESCRIPTORS: Final = 0.1
FADED: Final = 0.2
"""What is left of the leaky side's rate in the last stretch of the fixed side, at most."""

_TIME_LIMIT_S: Final = 900


class CountFailedError(Exception):
    """A workload did not run to its end; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What grew on one side: rates of each of the stretches, by iteration."""

    heap_bytes: tuple[float, ...]
    rss_bytes: tuple[float, ...]
    descriptors: tuple[float, ...]
    threads: tuple[float, ...]
    gc_objects: tuple[float, ...]
    iterations: int
    microseconds: float

    def leading(self, kind: Kind) -> tuple[float, ...]:
        """Return the rates of what this kind of leak is of."""
        by_count = kind in {Kind.DESCRIPTORS, Kind.BACKLOG}
        return self.descriptors if by_count else self.heap_bytes


def count(case: Case, side: Side) -> Counted:
    """Return what grew on one side, counted in an interpreter of its own without memray.

    Raises:
        EnvironmentUnavailableError: if its environment cannot be made.
        CountFailedError: if the workload fails.
    """
    interpreter = environment(case, side)
    variables, _ = child_environment(os.environ)
    with bridge() as way_in:
        answer = subprocess.run(  # noqa: S603 -- our own program, in an environment of our own
            [interpreter, FOLDER / "brute.py", case.file, str(case.counted_iterations)],
            env={**variables, "PYTHONPATH": str(way_in)},
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIME_LIMIT_S,
        )
    if answer.returncode != 0:
        msg = f"{case.name}, {side}: the workload failed ({last_error(answer.stderr)})"
        raise CountFailedError(msg)
    return read_count(json.loads(answer.stdout.splitlines()[-1]))


def read_count(answer: dict[str, Any]) -> Counted:
    """Return the counts in the form they are judged in."""
    rates = {
        name: tuple(round(rate, 3) for rate in value)
        for name, value in answer.items()
        if isinstance(value, list)
    }
    return Counted(
        iterations=answer["iterations"], microseconds=round(answer["microseconds"], 1), **rates
    )


def problems(case: Case, leaky: Counted, fixed: Counted) -> tuple[str, ...]:
    """Return what makes a pair no pair, a sentence each."""
    lost, kept = leaky.leading(case.kind), fixed.leading(case.kind)
    least = STEADY_DESCRIPTORS if lost is leaky.descriptors else STEADY_BYTES
    found = []
    if min(lost) < least:
        found.append(f"the leaky side grew by {min(lost):.3f} in a stretch, wanted {least} or more")
    if kept[-1] > FADED * statistics.median(lost):
        found.append(f"the fixed side still grew by {kept[-1]:.3f} in its last stretch")
    return tuple(found)


def as_json(case: Case, counts: dict[Side, Counted]) -> dict[str, Any]:
    """Return the entry of a pair in the index."""
    entry: dict[str, Any] = {
        "package": case.package,
        "kind": str(case.kind),
        "python": case.python,
        "reference": case.reference,
    }
    for side, counted in counts.items():
        figures = {name: getattr(counted, name) for name in counted.__dataclass_fields__}
        entry[str(side)] = {"requirements": case.requirements(side), **figures}
    return entry


def verify(cases: tuple[Case, ...], index: Path) -> bool:
    """Count the pairs, print and write what was counted, and return whether all are pairs."""
    wrong = [sentence for case in cases for sentence in verify_pair(case, index)]
    print(f"{len(cases)} pairs, {'all as expected' if not wrong else 'NOT all as expected'}")
    return not wrong


def verify_pair(case: Case, index: Path) -> tuple[str, ...]:
    """Count one pair, print and write what was counted, and return what is wrong with it."""
    try:
        counts = {side: count(case, side) for side in Side}
    except (CountFailedError, EnvironmentUnavailableError) as error:
        wrong: tuple[str, ...] = (str(error),)
    else:
        wrong = problems(case, counts[Side.LEAKY], counts[Side.FIXED])
        show(case, counts)
        write_entry(case, counts, index)
    for sentence in wrong:
        print(f"{case.name:<30} {sentence}")
    return wrong


def show(case: Case, counts: dict[Side, Counted]) -> None:
    """Print the rates of the stretches, a line a side."""
    for side, counted in counts.items():
        rates = "".join(f"{rate:12.3f}" for rate in counted.leading(case.kind))
        print(f"{case.name:<30} {side:<6}{rates}  {counted.microseconds:9.1f} us")


def write_entry(case: Case, counts: dict[Side, Counted], index: Path) -> None:
    """Put the entry of a pair into the index, and leave the others as they are."""
    entries = json.loads(index.read_text(encoding="utf-8")) if index.exists() else {}
    entries[case.name] = as_json(case, counts)
    ordered = {one.name: entries[one.name] for one in CASES if one.name in entries}
    index.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Return 0 when all pairs that were asked for are pairs, else 1; 2 for an unknown name."""
    names = sys.argv[1:]
    unknown = sorted(set(names) - {case.name for case in CASES})
    if unknown:
        print(f"found no pair called {', '.join(unknown)}, wanted one of those in cases.py")
        return 2
    wanted = tuple(case for case in CASES if not names or case.name in names)
    return 0 if verify(wanted, INDEX) else 1


if __name__ == "__main__":
    sys.exit(main())
