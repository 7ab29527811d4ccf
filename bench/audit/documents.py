"""The page and the documents: templates filled with what was measured, and words read back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Final

from bench.audit import tables
from bench.audit.claims import changed, findings, size_at, words
from bench.audit.plan import CURRENT, FIRST, OPTIMIZED, RELEASES, Variant, Workload
from bench.audit.results import Bare, Growth, Results
from bench.audit.rules import RULES
from bench.audit.shown import count, listed, megabytes, milliseconds
from bench.audit.thirty_days import day_at_limit, extrapolated_bytes
from leakcheck.model.units import format_rate

__all__ = ["PAGE", "TEMPLATES", "fill", "filled", "values", "words_on"]

PAGE: Final = "AUDIT.md"
TEMPLATES: Final = Path(__file__).parent / "templates"
_PLACE: Final = re.compile(r"\{\{ (?P<name>[a-z0-9.-]+) \}\}")
_ROW: Final = re.compile(
    r"^\| `(?P<claim>[a-z0-9-]+)` \|.*\| \*\*(?P<word>[a-z ]+)\*\* \|$", re.MULTILINE
)
_NAMES: Final[Mapping[str, Variant]] = {
    "first": FIRST,
    "optimized": OPTIMIZED,
    "current": CURRENT,
}
_WORKLOADS: Final[Mapping[str, Workload]] = {
    "tick": Workload.TICK,
    "request": Workload.REQUEST,
    "saved": Workload.SAVED,
    "failing": Workload.FAILING,
    "report": Workload.REPORT,
}
_HOURS: Final = (0, 24)
_THIRTY_DAYS: Final = 30 * 24
_MISSING: Final = "not measured"


def filled(results: Results) -> dict[str, str]:
    """Return the page and each document by its name."""
    known = dict(values(results))
    texts = {file.name: file.read_text(encoding="utf-8") for file in TEMPLATES.glob("*.md")}
    return {name: fill(text, known) for name, text in sorted(texts.items())}


def fill(template: str, known: Mapping[str, str]) -> str:
    """Return the template with a value in each place.

    >>> fill("after a day: {{ size }}", {"size": "150 MB"})
    'after a day: 150 MB'

    Raises:
        KeyError: a place has no value.
    """
    return _PLACE.sub(lambda place: known[place["name"]], template)


def words_on(text: str) -> dict[str, str]:
    """Return the word for each claim as a page states it, by the claim's id.

    >>> words_on("| `same-api` | same API | the same | equal | **holds** |")
    {'same-api': 'holds'}
    """
    return {found["claim"]: found["word"] for found in _ROW.finditer(text)}


def values(results: Results) -> Iterator[tuple[str, str]]:
    """Yield every value that a template may ask for, by its name."""
    yield from _of_the_run(results)
    for one in findings(results):
        yield f"measured.{one.id}", one.measured
    for name, lines in _tables(results).items():
        yield f"table.{name}", "\n".join(lines)
    for name, variant in _NAMES.items():
        for short, workload in _WORKLOADS.items():
            runs, bare = results.growths(workload, variant), results.bare(workload, variant)
            yield from _of_runs(f"{short}.{name}", runs, bare)
        yield from _of_days(name, results.day(variant))


def _of_the_run(results: Results) -> Iterator[tuple[str, str]]:
    about = results.about
    yield "date", about.date
    yield "cpus", str(about.cpus)
    yield "minutes", f"{about.elapsed_s / 60:.0f}"
    yield "versions", listed(about.versions)
    yield "redis", about.redis
    yield "database", about.database
    yield "rounds", str(1 + max((one.run.round for one in results.growth), default=0))
    yield "rules", "\n".join(f"- {rule}" for rule in RULES)
    yield "days.said", "\n".join(_said_of_days(results))
    yield "tests.said", _said_of_tests(results)
    yield "servers", _said_of_servers(results)


def _tables(results: Results) -> dict[str, Sequence[str]]:
    return {
        "words": [*tables.words_in_rows(results)],
        "claims": [*tables.claims_in_short(results)],
        "changes": [*tables.changes_in_short(results)],
        "growth": tables.growth(results),
        "descriptors": tables.descriptors(results),
        "costs": tables.costs(results),
        "releases": tables.releases(results),
        "sizes": tables.first_day(results),
        "days": tables.days(results),
        "collections": tables.collections(results),
        "tests": tables.own_tests(results),
        "since": tables.since(results),
    }


def _of_runs(name: str, runs: Sequence[Growth], bare: Sequence[Bare]) -> Iterator[tuple[str, str]]:
    rate = cost = most = _MISSING
    if runs:
        rate = format_rate(fmean(one.heap.estimate for one in runs))
    if bare:
        cost = milliseconds(fmean(fmean(one.cpu_s) for one in bare))
        most = count(max(max(one.most_descriptors) for one in bare))
    yield f"growth.{name}", rate
    yield f"cpu.{name}", cost
    yield f"most.{name}", most


def _of_days(name: str, day: Bare | None) -> Iterator[tuple[str, str]]:
    for hour in _HOURS:
        size = size_at(day, hour)
        yield f"size.{name}.{hour}", _MISSING if size is None else megabytes(size)
    size_bytes, was_run = extrapolated_bytes(day, _THIRTY_DAYS) if day else (None, True)
    yield f"size.{name}.30-days", _MISSING if size_bytes is None else megabytes(size_bytes)
    yield f"extrapolated.{name}", "" if was_run else " (extrapolated from where it was stopped)"


def _said_of_days(results: Results) -> Iterator[str]:
    for variant in RELEASES:
        yield from day_at_limit(str(variant), results.day(variant))
        for one in results.growths(Workload.DAY, variant):
            rate, low, high = (
                format_rate(end) for end in (one.heap.estimate, one.heap.low, one.heap.high)
            )
            yield (
                f"- leakcheck says {one.verdict} of {variant} over {count(one.iterations)} ticks: "
                f"heap in use grows by {rate} a tick ({low} .. {high} at 99 %)."
            )


def _said_of_tests(results: Results) -> str:
    if [one.strictly for one in results.suites] != [False, True]:
        return "Warnings as errors do not tell the releases apart either."
    return (
        "Only with warnings as errors are they told apart: Python itself says that 1.0.0 does not "
        "close its connections. The bounds on memory have no part in that."
    )


def _said_of_servers(results: Results) -> str:
    if not results.on_servers:
        return "The words were not measured on real servers here."
    place = (
        "With a real Redis and a real PostgreSQL in the place of the embedded ones, the short run"
    )
    differences = [f"- {line}" for line in changed(words(results), results.on_servers)]
    if not differences:
        return f"{place} came to the same word for every claim."
    return "\n".join((f"{place} differs:", "", *differences))
