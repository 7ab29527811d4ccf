"""What the site says, before it is HTML: rows for its tables, and where they lead."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.history.facts import Kind, Metric, Run
from bench.history.pages.chart import CLASSES, Chart, chart_of
from bench.history.trend.findings import Finding, Rule, Word
from bench.history.trend.points import Track, short
from bench.history.trend.wording import sentence, summary, value_text

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME: Final = 60
NEWEST_POINTS: Final = 15
"""So many of a track's points are told in a table too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A figure, and the number that it is sorted by."""

    text: str
    order: float


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A finding in words, and the page that shows it."""

    text: str
    kind: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One track on its subject's page."""

    track: Track
    chart: Chart
    news: tuple[News, ...]
    newest: tuple[tuple[str, str, str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A benchmark or a workload, its newest figures, and its page."""

    name: str
    kind: str
    href: str
    cells: Mapping[str, Cell]
    words: tuple[str, ...]
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A checked run: its verdict, and the pages that lie beside its record."""

    workload: str
    href: str
    verdict: str
    reason: str
    growth: Cell
    when: str
    commit: str
    condition: str
    pages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All of it."""

    made_at: str
    summary: tuple[str, ...]
    machines: tuple[str, ...]
    runs: int
    news: tuple[News, ...]
    checked: tuple[Checked, ...]
    subjects: tuple[Subject, ...]


Pages = Mapping[str, Sequence[tuple[str, str]]]
"""For a record's id the names of its pages and where they are."""


def site_of(
    runs: Sequence[Run],
    found: Sequence[tuple[Track, tuple[Finding, ...]]],
    rule: Rule,
    *,
    made_at: str,
    pages: Pages,
    most_checked: int,
) -> Site:
    """Return what the site says of `runs`, whose tracks and findings are `found`."""
    findings = [one for _, some in found for one in some]
    tracks = [track for track, _ in found]
    checked = [run for run in reversed(runs) if run.kind is Kind.RECORD]
    return Site(
        made_at=made_at,
        summary=summary(tracks, findings, rule),
        machines=tuple(sorted({track.machine.label for track in tracks})),
        runs=len(runs),
        news=tuple(_news(one, "subjects/") for one in _in_order(findings)),
        checked=tuple(_checked(run, pages) for run in checked[:most_checked]),
        subjects=tuple(_subjects(found)),
    )


def page_name(subject: str) -> str:
    """Return the file of a subject's page: no two subjects share one, whatever their names.

    >>> page_name("bench/a.py::b").partition("-")[0]
    'bench_a.py_b'
    """
    readable = _UNSAFE.sub("_", subject).strip(".-_")[:_LONGEST_NAME]
    unique = hashlib.sha256(subject.encode("utf-8", "backslashreplace")).hexdigest()[:10]
    return f"{readable or 'subject'}-{unique}.html"


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return what matters most first, and of that the newest."""
    words = list(Word)
    return sorted(findings, key=lambda one: (words.index(one.word), -one.at.at.timestamp()))


def _news(finding: Finding, folder: str) -> News:
    return News(
        text=sentence(finding).partition(": ")[2],
        kind=CLASSES[finding.word],
        href=f"{folder}{page_name(finding.track.subject)}",
    )


def _subjects(found: Iterable[tuple[Track, tuple[Finding, ...]]]) -> Iterator[Subject]:
    by_name: dict[str, list[tuple[Track, tuple[Finding, ...]]]] = defaultdict(list)
    for track, findings in found:
        by_name[track.subject].append((track, findings))
    for name in sorted(by_name):
        some = by_name[name]
        words = {one.word for _, findings in some for one in findings}
        newest = max((track for track, _ in some), key=lambda one: one.points[-1].at)
        yield Subject(
            name=name,
            kind=str(newest.kind),
            href=f"subjects/{page_name(name)}",
            cells={str(track.metric): _cell(track) for track in _like(newest, some)},
            words=tuple(CLASSES[word] for word in Word if word in words),
            panels=tuple(_panel(track, findings) for track, findings in some),
        )


def _like(newest: Track, some: Iterable[tuple[Track, tuple[Finding, ...]]]) -> Iterator[Track]:
    """Yield the tracks that were measured where and as `newest` was."""
    for track, _ in some:
        if (track.machine, track.condition) == (newest.machine, newest.condition):
            yield track


def _cell(track: Track) -> Cell:
    value = track.values[-1]
    return Cell(text=value_text(track.metric, value), order=value)


def _panel(track: Track, findings: tuple[Finding, ...]) -> Panel:
    every = list(zip(track.points, track.values, track.runs, strict=True))
    return Panel(
        track=track,
        chart=chart_of(track, findings),
        news=tuple(_news(one, "") for one in findings),
        newest=tuple(
            (one.name, f"{one.at:%Y-%m-%d %H:%M}", value_text(track.metric, value), runs)
            for one, value, runs in every[: -NEWEST_POINTS - 1 : -1]
        ),
    )


def _checked(run: Run, pages: Pages) -> Checked:
    (result,) = run.results[:1] or (None,)
    growth = None if result is None else result.figures.get(Metric.GROWTH)
    subject = "" if result is None else result.subject
    return Checked(
        workload=subject,
        href=f"subjects/{page_name(subject)}" if result and result.figures else "",
        verdict=run.verdict or "",
        reason=run.reason,
        growth=Cell(
            text="" if growth is None else value_text(Metric.GROWTH, growth.value),
            order=0.0 if growth is None else growth.value,
        ),
        when=f"{run.started_at:%Y-%m-%d %H:%M}",
        commit="" if run.commit is None else short(run.commit),
        condition=run.condition,
        pages=tuple(pages.get(run.source.partition(":")[2], ())),
    )
