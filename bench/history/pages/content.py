"""What the site says, before it is HTML: rows for its tables, and where they lead."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.history.facts import Run
from bench.history.pages.cells import Cell, page_name
from bench.history.pages.chart import CLASSES, Chart, chart_of
from bench.history.pages.checked import Checked, Pages, checked_of
from bench.history.trend.findings import Finding, Rule, Word
from bench.history.trend.points import Track
from bench.history.trend.wording import details, summary, value_text

NEWEST_POINTS: Final = 15
"""So many of a track's points are told in a table too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A finding in words, of which track, and the page that shows it."""

    name: str
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
class Site:
    """All of it."""

    made_at: str
    summary: tuple[str, ...]
    machines: tuple[str, ...]
    runs: int
    news: tuple[News, ...]
    checked: tuple[Checked, ...]
    subjects: tuple[Subject, ...]


def site_of(
    runs: Sequence[Run],
    found: Sequence[tuple[Track, tuple[Finding, ...]]],
    rule: Rule,
    *,
    made_at: str,
    pages: Pages,
) -> Site:
    """Return what the site says of `runs`, whose tracks and findings are `found`."""
    findings = [one for _, some in found for one in some]
    tracks = [track for track, _ in found]
    return Site(
        made_at=made_at,
        summary=summary(tracks, findings, rule),
        machines=tuple(sorted({track.machine.label for track in tracks})),
        runs=len(runs),
        news=tuple(_news(one, "subjects/") for one in _in_order(findings)),
        checked=checked_of(runs, pages),
        subjects=tuple(_subjects(found)),
    )


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return what matters most first, and of that the newest."""
    words = list(Word)
    return sorted(findings, key=lambda one: (words.index(one.word), -one.at.at.timestamp()))


def _news(finding: Finding, folder: str) -> News:
    return News(
        name=finding.track.name,
        text=details(finding),
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
