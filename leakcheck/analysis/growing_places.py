"""Where in a repository to point at for a run: the growing line, or else the workload."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.lines import is_own, shortened
from leakcheck.analysis.places import shown_file, shown_text
from leakcheck.model.explanation import Cause
from leakcheck.model.plan import Plan
from leakcheck.model.reported import Reported
from leakcheck.model.route import place_of
from leakcheck.model.sites import Frame
from leakcheck.model.text import printable
from leakcheck.model.units import format_count, format_rate
from leakcheck.model.verdict import Verdict

_MOST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a repository and what is said of it; `file` is as seen from its root.

    `function` is empty where the place is no growing line but the workload's file. `within` are
    the functions that allocate on account of the line: they stay when lines move.
    """

    file: str
    line: int
    function: str
    said: str
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """The repository that places are named from, and the folder that the run took place in."""

    repository: PurePath
    here: PurePath


def places(run: Reported, roots: Roots) -> tuple[Place, ...]:
    """Return the lines at which a LEAK grows, the one to look at first on top.

    A library's line is told at the line of the repository that leads there. A LEAK without
    such a line, and any other verdict, is told at the workload's file.
    """
    causes = run.explanation.causes[:_MOST] if run.verdict is Verdict.LEAK else ()
    found = tuple(_place(cause, run, roots) for cause in causes if cause.line.file)
    return found or (_workload(run, roots, shown_text(run.record.judgement.reason, roots.here)),)


def _place(cause: Cause, run: Reported, roots: Roots) -> Place:
    said = "; ".join(_said(cause, run, roots))
    for frame in (cause.line, *cause.callers):
        if file := _in_repository(frame, roots):
            return Place(
                file=file,
                line=max(frame.line, 1),
                function=printable(frame.function),
                said=printable(said),
                within=tuple(printable(one.function) for one in cause.inner),
            )
    return _workload(run, roots, said)


def _said(cause: Cause, run: Reported, roots: Roots) -> Iterator[str]:
    line = shortened(cause.line)
    grows = []
    if cause.sites:
        interval = f"{format_rate(cause.growth.low)} .. {format_rate(cause.growth.high)}"
        grows.append(f"+{format_rate(cause.growth.estimate)}/iteration ({interval})")
    if cause.descriptors:
        number = format_count(cause.descriptors_per_iteration)
        grows.append(f"+{number} descriptors/iteration")
    place = f"{shown_file(line.file, roots.here)}:{line.line} {line.function}()"
    yield f"{run.record.plan.target} leaks: {' and '.join(grows)} at {place}"
    if run.record.judgement.held_by:
        yield f"held by {run.record.judgement.held_by[0]}"


def _workload(run: Reported, roots: Roots, said: str) -> Place:
    file = _file_of(run.record.plan)
    known = _seen(file, roots) or PurePath(file).name
    return Place(file=printable(known), line=1, function="", said=printable(said))


def _file_of(plan: Plan) -> str:
    """Return the file of a workload, or that among a program's words that is most likely its own.

    >>> from pathlib import Path
    >>> _file_of(Plan(target="shop.jobs:tick", python=Path()))
    'shop/jobs.py'
    >>> _file_of(Plan(target="exec: python serve.py 80", python=Path(),
    ...     program=("--line", "***", "--", "python", "serve.py", "80")))
    'serve.py'
    """
    if plan.program:
        words = plan.program[_after_dashes(plan.program) :] or plan.program
        return next((word for word in words[1:] if PurePath(word).suffix), words[0])
    place = place_of(plan.target)
    return place if place.endswith(".py") else f"{place.replace('.', '/')}.py"


def _after_dashes(words: tuple[str, ...]) -> int:
    return words.index("--") + 1 if "--" in words else 0


def _in_repository(frame: Frame, roots: Roots) -> str:
    return printable(_seen(frame.file, roots)) if is_own(frame) else ""


def _seen(file: str, roots: Roots) -> str:
    """Return a file as seen from the repository, an empty text where it lies elsewhere."""
    path = PurePath(posixpath.normpath(roots.here / file))
    if not path.is_relative_to(roots.repository):
        return ""
    return path.relative_to(roots.repository).as_posix()
