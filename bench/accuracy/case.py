"""The cases that the tools are asked about."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bench.accuracy.culprit import Culprit, marked_lines
from bench.accuracy.process import ROOT
from bench.corpus.small.everything import CASES
from bench.corpus.small.registry import Group, SmallCase

GROUPS: Final = (*map(str, Group), "real")
TUNING_SEEDS: Final = (1, 2)
TEST_SEEDS: Final = (3, 4, 5)
SHORTEST: Final = 2_000
LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A workload, the truth about it, and how to run it.

    `interpreter` returns the Python to run it in, which may have to be made first; None is the
    one that runs here. `options` go to a tool that takes leakcheck's options. A case that is
    not `seeded` is the same for every seed. `most_calls` limits the tools that run a fixed
    number of calls; `order` is the case's place among all; `culprit` is None for a clean one.
    """

    name: str
    group: str
    leaks: bool
    target: str
    interpreter: Callable[[], Path] | None = None
    options: tuple[str, ...] = ()
    seeded: bool = True
    most_calls: int | None = None
    order: int = 0
    culprit: Culprit | None = None


def small_cases() -> Iterator[Case]:
    """Yield the small workloads, in the order of their files."""
    for one in CASES:
        yield Case(
            name=one.name,
            group=one.group,
            leaks=one.leaks,
            target=one.target,
            most_calls=one.most_calls,
            culprit=small_culprit(one) if one.leaks else None,
        )


def real_cases() -> Iterator[Case]:
    """Yield both releases of every real pair; none where there is no collection of pairs."""
    if find_spec("bench.corpus.real") is None:
        return
    from bench.corpus.real import cases as real  # noqa: PLC0415 -- it need not be there
    from bench.corpus.real.environments import environment  # noqa: PLC0415 -- likewise

    for pair in real.CASES:
        culprit = replace(
            _marked(pair.file, "workload", has_line=pair.has_line),
            package=pair.files,
            holder=pair.holder,
        )
        for side in real.Side:
            yield Case(
                name=f"{pair.name}-{side}",
                group="real",
                leaks=side is real.Side.LEAKY,
                target=pair.target,
                interpreter=partial(environment, pair, side),
                seeded=False,
                culprit=culprit if side is real.Side.LEAKY else None,
            )


def small_culprit(case: SmallCase) -> Culprit:
    """Return who is to blame for a small leak."""
    path = ROOT / f"{case.module.replace('.', '/')}.py"
    return replace(_marked(path, case.name, has_line=case.has_line), holder=case.holder)


def _marked(path: Path, name: str, *, has_line: bool) -> Culprit:
    """Return the marked lines of the workload `name`, under the file name that reports show."""
    lines = marked_lines(path.read_text(encoding="utf-8"), name)
    return Culprit(file=str(path.relative_to(ROOT)), lines=lines, has_line=has_line)


def chosen(cases: Iterator[Case], groups: Sequence[str], names: Sequence[str]) -> tuple[Case, ...]:
    """Return the cases of these groups whose name holds one of these words (any, if none).

    >>> cases = [Case(name=n, group="core", leaks=False, target="m:" + n) for n in ("lru", "log")]
    >>> [case.name for case in chosen(iter(cases), ["core"], ["lo"])]
    ['log']
    """
    return tuple(
        replace(case, order=place)
        for place, case in enumerate(cases)
        if case.group in groups and (not names or any(name in case.name for name in names))
    )


def clean_verdicts(cases: Sequence[Case], count: int) -> Iterator[tuple[Case, int]]:
    """Yield `count` clean cases with a seed each, and with lengths drawn at random.

    Every case has its turn before one comes again; the same `count` draws the same lengths.
    """
    rng = random.Random(count)  # noqa: S311 -- no secret
    clean = [case for case in cases if not case.leaks]
    for number in range(count if clean else 0):
        case, round_number = clean[number % len(clean)], number // len(clean)
        iterations = ("--iterations", str(rng.randint(SHORTEST, LONGEST)))
        yield replace(case, options=iterations), 1_000 + round_number
