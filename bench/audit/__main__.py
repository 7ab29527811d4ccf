"""The audit's command: `python -m bench.audit`, or `nox -s audit`.

In full it measures everything and writes the page, the documents and the plots. With --quick it
measures as much as the words need, a change that so little leaves undecided in more rounds, and
ends with 1 where a word on the page is not what it finds, with the figures it found. Of a change
that takes nothing away the word may stay undecided, and that is said. Times are compared as the
machine of the page would have taken them.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from rich.console import Console

from bench.audit.children import PROJECT, AuditError
from bench.audit.claims import Finding, changed, findings
from bench.audit.documents import PAGE, filled, words_on
from bench.audit.measure import Part, about, measure
from bench.audit.plan import FULL, QUICK, Extent, repeated_for
from bench.audit.plots import draw_all
from bench.audit.results import Results, from_json, to_json
from bench.audit.rules import Word
from bench.audit.speed import as_measured_there
from system.memory.policy import Step

DOCS: Final = PROJECT / "docs"
PLACE: Final = Path("audit") / "results.json"

Tell: TypeAlias = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    given = _parser().parse_args(arguments)
    console = Console(stderr=True, highlight=False)

    def tell(line: str) -> None:
        console.print(line, soft_wrap=True, markup=False)

    try:
        return (_check if given.quick else _write)(given, tell)
    except AuditError as error:
        tell(str(error))
        return 1


def _check(given: argparse.Namespace, tell: Tell) -> int:
    """Return 0 where each word on the page is what a short run finds, else 1."""
    stated = words_on((given.page or given.docs / PAGE).read_text(encoding="utf-8"))
    found = _found(QUICK, list(Part), given, tell)
    undecided = [step for step in Step if found[step].word == Word.UNKNOWN != stated.get(step)]
    if undecided:
        again = _found(repeated_for(undecided, QUICK), [Part.GROWTH], given, tell)
        found |= {step: again[step] for step in undecided}
    measured = {claim: str(one.word) for claim, one in found.items()}
    if given.servers:
        _note_on_servers(given.docs, measured)
        _render(given.docs, tell)
    left = [
        step for step in undecided if measured[step] == Word.UNKNOWN and _may_wait(stated, step)
    ]
    for step in left:
        tell(f"{step}: so little measuring does not decide it, the page says {stated[step]}")
    told, measured = (_without(left, one) for one in (stated, measured))
    for claim in measured:
        if measured[claim] != told.get(claim):
            tell(f"{claim}: {found[claim].measured}")
    return _said(list(changed(told, measured)), len(told), len(stated))


def _said(differences: Sequence[str], told: int, stated: int) -> int:
    """Say how the words compare, and return the exit code."""
    number = f"all {stated}" if told == stated else f"{told} of {stated}"
    for line in differences or [f"{number} words on the page are what is measured"]:
        Console().print(line, highlight=False, soft_wrap=True, markup=False)
    return 1 if differences else 0


def _may_wait(stated: Mapping[str, str], step: Step) -> bool:
    """Return whether the word may be open: what takes growth away shows in the shortest run."""
    return stated.get(step) == Word.FAILS


def _without(left: Sequence[Step], found: Mapping[str, str]) -> dict[str, str]:
    return {claim: word for claim, word in found.items() if claim not in left}


def _found(
    extent: Extent, parts: Sequence[Part], given: argparse.Namespace, tell: Tell
) -> dict[str, Finding]:
    """Return what so much measuring says of each claim, times as on the machine of the page."""
    nothing = _nothing()
    here = measure(extent, nothing, parts, jobs=given.jobs, tell=tell, keep=lambda _: None)
    there = _read(given.docs / PLACE)
    return {one.id: one for one in findings(as_measured_there(here, there))}


def _write(given: argparse.Namespace, tell: Tell) -> int:
    """Measure what is to be measured, and write everything that is made of it."""
    file = given.docs / PLACE
    file.parent.mkdir(parents=True, exist_ok=True)

    def keep(results: Results) -> None:
        file.write_text(to_json(results), encoding="utf-8")

    again = [part for part in given.again if part != Part.ONCE]
    if not given.render:
        earlier = _read(file).without(again) if again or given.resume else _nothing()
        keep(measure(FULL, earlier, list(Part), jobs=given.jobs, tell=tell, keep=keep))
    _render(given.docs, tell)
    return 0


def _render(docs: Path, tell: Tell) -> None:
    """Write the page, the documents and the plots anew from the results."""
    results = _read(docs / PLACE)
    for name, text in filled(results).items():
        (docs / name).write_text(text, encoding="utf-8")
        tell(f"wrote {docs / name}")
    for drawn in draw_all(results, docs / PLACE.parent):
        tell(f"wrote {drawn}")


def _note_on_servers(docs: Path, found: dict[str, str]) -> None:
    file = docs / PLACE
    results = replace(_read(file), on_servers=found)
    file.write_text(to_json(results), encoding="utf-8")


def _nothing() -> Results:
    return Results(about=about(datetime.now(UTC).date().isoformat()))


def _read(file: Path) -> Results:
    return from_json(file.read_text(encoding="utf-8"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="check the words, in two minutes")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="at a time (default 2)")
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="DIR", help="where all lies")
    parser.add_argument("--page", type=Path, metavar="FILE", help="the page that --quick checks")
    parser.add_argument("--servers", action="store_true", help="note what --quick finds on servers")
    parser.add_argument("--resume", action="store_true", help="keep what results there are")
    parser.add_argument(
        "--again", nargs="+", default=[], choices=[*Part], help="keep the rest, measure these again"
    )
    parser.add_argument("--render", action="store_true", help="only write, from what results are")
    return parser


if __name__ == "__main__":
    sys.exit(main())
