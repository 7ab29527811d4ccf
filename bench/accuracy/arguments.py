"""The command line of the accuracy runner."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.accuracy.case import GROUPS, TEST_SEEDS, TUNING_SEEDS

SEED_SETS: Final = {
    "tuning": TUNING_SEEDS,
    "test": TEST_SEEDS,
    "all": (*TUNING_SEEDS, *TEST_SEEDS),
}
QUICK_SEEDS: Final = TUNING_SEEDS[:1]
QUICK_GROUPS: Final = ("core", "hard")
QUICK_OPTIONS: Final = ("--time-limit", "15")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What to ask whom, and where the results go."""

    groups: tuple[str, ...]
    seeds: tuple[int, ...]
    names: tuple[str, ...]
    tools: tuple[str, ...]
    jobs: int
    verdicts: int
    options: tuple[str, ...]
    write: Path | None
    json: Path | None
    add: tuple[Path, ...]


def parse(arguments: Sequence[str], tools: Sequence[str]) -> Arguments:
    """Return the arguments; ends the program with 2 where they are wrong."""
    found = parser(tools).parse_args(arguments)
    groups = found.groups or (QUICK_GROUPS if found.quick else GROUPS)
    seeds = found.seeds or (QUICK_SEEDS if found.quick else SEED_SETS["all"])
    chosen = tools if "all" in found.tools else found.tools
    return Arguments(
        groups=tuple(groups),
        seeds=seeds,
        names=tuple(found.names),
        tools=tuple(chosen),
        jobs=found.jobs,
        verdicts=found.verdicts,
        options=(*(QUICK_OPTIONS if found.quick else ()), *found.option),
        write=found.write,
        json=found.json,
        add=tuple(found.add),
    )


def parser(tools: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser; `tools` are the names to choose from, the first is the default."""
    made = argparse.ArgumentParser(
        prog="python -m bench.accuracy",
        description="Ask tools of workloads whose truth is known whether they leak.",
    )
    made.add_argument(
        "names", nargs="*", metavar="NAME", help="cases whose name holds this word; before --groups"
    )
    made.add_argument("--groups", nargs="+", choices=GROUPS, help="default: all")
    made.add_argument("--seeds", type=seeds, help="tuning (1,2), test (3,4,5), all, or 1,4,7")
    made.add_argument("--tools", nargs="+", choices=[*tools, "all"], default=[tools[0]])
    made.add_argument("--jobs", type=positive, default=1, metavar="N", help="cases at a time")
    made.add_argument(
        "--quick", action="store_true", help="core and hard with one seed, 15 s a case"
    )
    made.add_argument(
        "--verdicts",
        type=positive,
        default=0,
        metavar="N",
        help="instead: N verdicts of leakcheck on clean cases, of many seeds and lengths",
    )
    made.add_argument(
        "--option",
        action="append",
        default=[],
        help="for leakcheck run, as --option=--threshold=1B",
    )
    made.add_argument("--write", type=Path, metavar="FILE", help="write a page of markdown")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON")
    made.add_argument(
        "--add",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="results of an earlier --json to show with these",
    )
    return made


def seeds(text: str) -> tuple[int, ...]:
    """Return the seeds that `text` stands for.

    >>> seeds("tuning"), seeds("1,7")
    ((1, 2), (1, 7))
    """
    return SEED_SETS.get(text) or tuple(int(part) for part in text.split(","))


def positive(text: str) -> int:
    """Return a number of 1 or more.

    Raises:
        ValueError: if it is none.
    """
    number = int(text)
    if number < 1:
        msg = f"found {number}, wanted 1 or more"
        raise ValueError(msg)
    return number
