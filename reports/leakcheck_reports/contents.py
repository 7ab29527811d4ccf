"""What a report tells of its runs, put in order: a document that any format can lay out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from leakcheck.model.briefing import Briefing, Told
from leakcheck.model.comparison import Difference
from leakcheck.model.signals import COUNT_SIGNALS, Signal
from leakcheck.model.units import format_rate
from leakcheck.model.verdict import Verdict
from leakcheck_reports.charts import Chart, moving, signal_chart, sites_chart
from leakcheck_reports.compared import moves_table, readings_table
from leakcheck_reports.document import (
    Block,
    Charts,
    Code,
    Document,
    Facts,
    Items,
    Links,
    Part,
    Section,
    Text,
)
from leakcheck_reports.facts import key_facts, place_facts
from leakcheck_reports.tables import (
    causes_table,
    containers_table,
    sites_table,
    trends_table,
    verdicts_table,
)
from leakcheck_reports.words import NAMES, counted, level_text

_COUNTED: Final = (*COUNT_SIGNALS, Signal.GC_OBJECTS)
_ORDER: Final = (Verdict.LEAK, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.CLEAN)


def document_of(briefing: Briefing) -> Document:
    """Return the document of a briefing: a part for each run, and a table of them on top."""
    runs = briefing.runs
    return Document(
        title=_title(briefing),
        opening=_opening(briefing),
        parts=tuple(_part(told, f"run-{number}") for number, told in enumerate(runs, start=1)),
        closing=_closing(runs),
    )


def _title(briefing: Briefing) -> str:
    runs = briefing.runs
    if briefing.difference is not None:
        return f"{briefing.difference.word}: {runs[-1].record.plan.target}"
    if len(runs) == 1:
        return f"{runs[0].record.judgement.verdict}: {runs[0].record.plan.target}"
    found = Counter(told.record.judgement.verdict for told in runs)
    words = ", ".join(f"{found[one]} {one}" for one in _ORDER if one in found)
    return f"{counted(len(runs), 'workload')}: {words}"


def _opening(briefing: Briefing) -> tuple[Section, ...]:
    runs = briefing.runs
    if len(runs) == 1:
        return ()
    verdicts = Section(title="Verdicts", blocks=(verdicts_table(runs),))
    if briefing.difference is None:
        return (verdicts,)
    blocks = tuple(_compared(briefing.difference))
    return (Section(title="What changed", blocks=blocks), verdicts)


def _compared(difference: Difference) -> Iterator[Block]:
    yield Text(text=difference.sentence)
    if difference.readings:
        yield readings_table(difference.readings)
    if difference.lines:
        yield moves_table(difference.lines)
    if difference.remarks:
        yield Items(items=difference.remarks)


def _closing(runs: tuple[Told, ...]) -> str:
    versions = sorted({told.record.leakcheck for told in runs})
    names = ", ".join(told.record.id for told in runs)
    what = "record" if len(runs) == 1 else "records"
    return f"Drawn from the {what} {names} of leakcheck {', '.join(versions)}."


def _part(told: Told, anchor: str) -> Part:
    judgement = told.record.judgement
    found = (
        ("What grows", _what_grows(told)),
        ("Memory", _charts(told, (Signal.RSS, Signal.HEAP))),
        ("Descriptors, threads, tasks, child processes", _counts(told)),
        ("Call sites", _sites(told)),
        ("Who holds it", _holders(told)),
        ("What to do next", _next(told)),
        ("How the verdict was reached", _reached(told)),
        ("A closer look", _pages(told)),
        ("Where and how it ran", _place(told)),
    )
    return Part(
        anchor=anchor,
        word=str(judgement.verdict),
        name=told.record.plan.target,
        lead=(Text(text=judgement.reason), Facts(facts=tuple(key_facts(told)))),
        sections=tuple(_sections(found)),
    )


def _sections(found: Iterable[tuple[str, Iterator[Block]]]) -> Iterator[Section]:
    for title, blocks in found:
        held = tuple(blocks)
        if held:
            yield Section(title=title, blocks=held)


def _what_grows(told: Told) -> Iterator[Block]:
    explanation = told.explanation
    if explanation.causes:
        yield causes_table(explanation.causes, told.record)
    yield from (Text(text=one) for one in (explanation.no_line, explanation.no_native) if one)
    if explanation.spread_bytes:
        small = format_rate(explanation.spread_bytes)
        yield Text(text=f"Lines too small to be shown one by one add {small} an iteration.")
    if explanation.unattributed_bytes:
        rest = format_rate(explanation.unattributed_bytes)
        yield Text(text=f"UNATTRIBUTED: {rest} an iteration are explained by no line.")
    if explanation.growing:
        yield Items(items=explanation.growing)


def _charts(told: Told, signals: Iterable[Signal]) -> Iterator[Block]:
    drawn = [signal_chart(told.record, signal) for signal in signals]
    yield from _beside(drawn)
    for signal, chart in zip(signals, drawn, strict=True):
        if chart is None:
            yield Text(text=f"There are too few readings to draw {NAMES[signal]}.")


def _counts(told: Told) -> Iterator[Block]:
    changed = tuple(moving(told.record, _COUNTED))
    yield from _beside([signal_chart(told.record, signal) for signal in changed])
    still = [
        f"{NAMES[signal]} {level_text(signal, series.values[0])}"
        for signal in _COUNTED
        if signal not in changed
        and (series := told.record.measurement.series.get(signal))
        and series.values
    ]
    if still:
        yield Text(text=f"The same at every sample: {', '.join(still)}.")


def _beside(charts: Iterable[Chart | None]) -> Iterator[Block]:
    found = tuple(chart for chart in charts if chart is not None)
    if found:
        yield Charts(charts=found)


def _sites(told: Told) -> Iterator[Block]:
    sites = told.record.judgement.sites
    if not sites:
        is_judged = told.record.judgement.verdict is not Verdict.ERROR
        if is_judged and told.record.measurement.sites is not None:
            yield Text(text="No call site is said to grow.")
        return
    yield sites_table(sites)
    yield from _beside([sites_chart(told.record)])


def _holders(told: Told) -> Iterator[Block]:
    if told.record.judgement.held_by:
        yield Items(items=told.record.judgement.held_by)
    census = told.record.measurement.census
    is_open = told.record.judgement.verdict in {Verdict.LEAK, Verdict.INCONCLUSIVE}
    if is_open and census is not None and census.containers:
        yield containers_table(census)


def _next(told: Told) -> Iterator[Block]:
    explanation = told.explanation
    if explanation.next_steps:
        yield Items(items=explanation.next_steps)
    if told.until:
        yield Text(text=f"Memory lasts until: {told.until}.")


def _reached(told: Told) -> Iterator[Block]:
    judgement = told.record.judgement
    yield Items(items=told.account, is_ordered=True)
    if judgement.trends:
        yield trends_table(judgement.trends)
    if judgement.cannot_see:
        yield Text(text=f"What this CLEAN cannot see: {judgement.cannot_see}.")
    yield from (Text(text=f"Note: {note}") for note in told.record.measurement.notes)


def _pages(told: Told) -> Iterator[Block]:
    if told.pages:
        yield Links(pages=told.pages)


def _place(told: Told) -> Iterator[Block]:
    yield Facts(facts=tuple(place_facts(told.record)))
    yield Text(text="To run it again in the same way, from the project's folder:")
    yield Code(text=told.repeat)
