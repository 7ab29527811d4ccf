"""Reports for tests: what they tell of a record, and what of it is markup."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from leakcheck.cli.records import Stored
from leakcheck.cli.telling import told
from leakcheck.model.briefing import Briefing
from leakcheck.model.run_record import RunRecord
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Judgement
from tests.unit.records import leak_record

PROJECT = Path("/project")
HOSTILE = "<img src=x onerror=alert(1)>"
"""A name that is markup in HTML and in Markdown."""


def briefing_of(*records: RunRecord, folder: Path = PROJECT) -> Briefing:
    """Return what a report tells of these records, seen from the project."""
    return Briefing(
        runs=tuple(told(Stored(record=one, folder=folder), PROJECT, folder) for one in records)
    )


def hostile_record() -> RunRecord:
    """Return the record of a leak in which everything that has a name is called `HOSTILE`."""
    record = leak_record()
    frame = Frame(file=f"/project/{HOSTILE}.py", line=1, function=HOSTILE)
    table = record.measurement.sites
    assert table is not None
    (site,) = record.judgement.sites
    judgement: Judgement = replace(
        record.judgement,
        reason=HOSTILE,
        held_by=(HOSTILE,),
        sites=(replace(site, file=frame.file, function=HOSTILE, stack=(frame,)),),
    )
    measurement = replace(
        record.measurement,
        notes=(HOSTILE, "</script><script>alert(2)</script>"),
        sites=replace(table, sites=(replace(table.sites[0], stack=(frame,)),)),
    )
    plan = replace(record.plan, target=f"{HOSTILE}.py:tick")
    machine = replace(record.machine, python=HOSTILE, platform=HOSTILE)
    return replace(record, plan=plan, measurement=measurement, judgement=judgement, machine=machine)


class Markup(HTMLParser):
    """What is in a page: its elements, its attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def many_sites_record(number: int = 12) -> RunRecord:
    """Return the record of a leak at many lines, each a little smaller than the one before."""
    record = leak_record()
    table = record.measurement.sites
    assert table is not None
    (site,) = record.judgement.sites
    rates = [1500 - 100 * k for k in range(number)]
    stacks = [
        (Frame(file="/project/jobs.py", line=20 + k, function="tick"), *site.stack[1:])
        for k in range(number)
    ]
    sites = tuple(
        replace(site, line=stack[0].line, bytes_per_iteration=float(rate), stack=stack)
        for rate, stack in zip(rates, stacks, strict=True)
    )
    series = tuple(
        replace(
            table.sites[0],
            stack=stack,
            live_bytes=tuple(int(rate * mark) for mark in table.marks),
        )
        for rate, stack in zip(rates, stacks, strict=True)
    )
    return replace(
        record,
        judgement=replace(record.judgement, sites=sites),
        measurement=replace(record.measurement, sites=replace(table, sites=series)),
    )
