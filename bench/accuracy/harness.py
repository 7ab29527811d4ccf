"""leakcheck as a tool: the real command line, a fresh process for every case."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.accuracy.answer import Answer, Word
from bench.accuracy.case import Case
from bench.accuracy.explained import explained
from bench.accuracy.process import ROOT, Ended, Running
from bench.corpus.small.registry import SEED_VARIABLE

_LIMIT_S: Final = 600.0
"""Well above leakcheck's own time limit: only a command that hangs meets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leakcheck:
    """`leakcheck run`, with its own defaults and these options before the case's."""

    running: Running
    options: tuple[str, ...] = ()
    name: str = field(default="leakcheck")

    def prepare(self) -> None:
        """Do nothing: it is installed where this runs."""

    def verdict(self, case: Case, seed: int, scratch: Path) -> Answer:
        """Return what leakcheck says of `case`."""
        verdicts = scratch / "verdicts.json"
        ended = self.running.run(
            [
                *(sys.executable, "-m", "leakcheck", "run", case.target),
                *("--json", str(verdicts), "--out", str(scratch / "records")),
                *interpreter_option(case),
                *self.options,
                *case.options,
            ],
            variables={SEED_VARIABLE: str(seed)},
            scratch=scratch,
            limit_s=_LIMIT_S,
        )
        return answer(ended, verdicts, case)


def interpreter_option(case: Case) -> tuple[str, ...]:
    """Return the option that names the case's interpreter, if it has one."""
    return () if case.interpreter is None else ("--python", str(case.interpreter()))


def answer(ended: Ended, verdicts: Path, case: Case) -> Answer:
    """Return the answer in the file of verdicts, or ERROR where there is none."""
    if not verdicts.is_file():
        reason = f"exit code {ended.code}: {ended.out.strip()[-300:]}"
        return Answer(word=Word.ERROR, wall_s=ended.wall_s, cpu_s=ended.cpu_s, reason=reason)
    (verdict,) = json.loads(verdicts.read_bytes())["verdicts"]
    growth = verdict["growth_bytes_per_iteration"]
    word, culprit = Word(verdict["verdict"]), case.culprit
    return Answer(
        word=word,
        wall_s=ended.wall_s,
        cpu_s=ended.cpu_s,
        calls=verdict["iterations"],
        growth_bytes_per_call=None if growth is None else growth["estimate"],
        site=first_site(verdict["sites"]),
        blames_case=blames(verdict["sites"], case),
        diagnosis=tuple(verdict["diagnosis"]),
        reason=verdict["reason"],
        explained=explained(verdict, culprit) if culprit and word is Word.LEAK else None,
    )


def first_site(sites: list[dict[str, Any]]) -> str:
    """Return the first call site in one line, or nothing.

    >>> first_site([{"file": "jobs.py", "line": 12, "function": "tick", "stack": []}])
    'jobs.py:12 tick'
    """
    return "" if not sites else "{file}:{line} {function}".format(**sites[0])


def blames(sites: list[Mapping[str, Any]] | list[dict[str, Any]], case: Case) -> bool:
    """Return whether the first site's stack goes through the case's own file."""
    return bool(sites) and any(
        frame.startswith(f"{source_of(case.target)}:") for frame in sites[0]["stack"]
    )


def source_of(target: str) -> str:
    """Return the file of a target, seen from the project where it lies in it.

    >>> source_of("bench.corpus.small.leaky:kept_socket"), source_of("real/yarl.py:workload")
    ('bench/corpus/small/leaky.py', 'real/yarl.py')
    """
    place = target.rpartition(":")[0]
    if not place.endswith(".py"):
        return place.replace(".", "/") + ".py"
    path = Path(place)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else place
