"""The history's command: `python -m bench.history`, from the folder that holds `bench`.

It ends with 1 when a regression is confirmed, and with 2 where something given to it cannot be
used: then nothing is imported, and no page is written.
"""

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.history.arguments import Command, parser
from bench.history.commits import commit_before, commit_named
from bench.history.database import PROJECT, history_url, opened
from bench.history.facts import Run
from bench.history.gather import CommitAt, runs_in
from bench.history.pages.checked import newest_of, record_of
from bench.history.pages.content import site_of
from bench.history.pages.record_pages import RecordPages, pages_beside
from bench.history.pages.write import write_site
from bench.history.store import History
from bench.history.trend.findings import Finding, Rule, Word, findings_in
from bench.history.trend.points import Track, tracks_of
from bench.history.trend.since import only_since, time_of
from bench.history.trend.wording import sentence, summary
from bench.history.trials import lines_of
from leakcheck.model.errors import LeakcheckError

REGRESSION: Final = 1
USAGE: Final = 2

Findings = tuple[Finding, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    given = parser().parse_args(arguments)
    console, errors = Console(), Console(stderr=True)
    try:
        code = _DO[given.command](given, console)
    except LeakcheckError as error:
        _say(errors, f"history: {error}")
        return USAGE
    return code


def _say(console: Console, line: str) -> None:
    console.print(line, soft_wrap=True, markup=False, highlight=False)


def _import(given: argparse.Namespace, console: Console) -> int:
    """Import what was given, all of it or nothing."""
    runs = runs_in(given.paths, _commit_at(given.commit))
    with opened(history_url(os.environ, given.url)) as engine:
        added = History(engine).add(runs)
    _say(console, f"{added.new} new in the history, {added.known} known before")
    return 0


def _trend(given: argparse.Namespace, console: Console) -> int:
    """Import what lies in its usual places, draw all trends, and say what changed."""
    return _shown(given, console, ())


def _dashboard(given: argparse.Namespace, console: Console) -> int:
    """Do the same, and put the pages of records beside the trends; only `trend` judges."""
    _shown(given, console, given.records)
    return 0


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let nothing be collected meanwhile: a long history is a million objects, and all stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_uncollected()
def _shown(given: argparse.Namespace, console: Console, records: Sequence[Path]) -> int:
    runs = _all_runs(given)
    rule = Rule() if given.share is None else Rule().with_share(given.share)
    found = _found(runs, rule, given.since)
    for line in _told(
        [track for track, _ in found], [one for _, some in found for one in some], rule
    ):
        _say(console, line)
    pages = pages_beside(records, [record_of(some[0]) for some in newest_of(runs)])
    page = _written(given.output, runs, found, rule, pages)
    _say(console, f"wrote {page}")
    words = {one.word for _, some in found for one in some}
    return REGRESSION if Word.REGRESSION in words else 0


def _all_runs(given: argparse.Namespace) -> tuple[Run, ...]:
    """Return all that the history holds, with what has come to the usual places since."""
    usual = [path for path in (given.benchmarks, *given.records) if _holds_something(path)]
    with opened(history_url(os.environ, given.url)) as engine:
        history = History(engine)
        if not given.as_it_is:
            history.add(runs_in(usual, _commit_at(None), history.sources()))
        return history.runs()


def _found(runs: Sequence[Run], rule: Rule, since: str | None) -> list[tuple[Track, Findings]]:
    found = [(track, findings_in(track, rule)) for track in tracks_of(runs)]
    if since is None:
        return found
    moment = time_of(since, runs)
    return [(track, only_since(some, moment)) for track, some in found]


def _told(tracks: Sequence[Track], findings: Sequence[Finding], rule: Rule) -> Iterable[str]:
    yield from summary(tracks, findings, rule)
    yield from (sentence(one) for one in findings if one.word is not Word.REGRESSION)
    yield from (sentence(one) for one in findings if one.word is Word.REGRESSION)


def _written(
    folder: Path,
    runs: Sequence[Run],
    found: Sequence[tuple[Track, Findings]],
    rule: Rule,
    pages: RecordPages,
) -> Path:
    site = site_of(
        runs,
        found,
        rule,
        made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        pages=pages.links(),
    )
    return write_site(site, folder, pages.copy)


def _holds_something(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.glob("*/record.json")))


def _false_alarms(given: argparse.Namespace, console: Console) -> int:
    """Count how often the trend is wrong, and what it finds."""
    for line in lines_of(given.histories, given.seed):
        _say(console, line)
    return 0


def _commit_at(name: str | None) -> CommitAt:
    if name is None:
        return lambda moment: commit_before(moment, PROJECT)
    named = commit_named(name, PROJECT)
    return lambda _: named


_DO: Final = {
    Command.IMPORT: _import,
    Command.TREND: _trend,
    Command.DASHBOARD: _dashboard,
    Command.FALSE_ALARMS: _false_alarms,
}

if __name__ == "__main__":
    sys.exit(main())
