"""The verdicts as JUnit XML: one test case a workload, as CI servers read them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final
from xml.etree import ElementTree as ET

from leakcheck.analysis.places import shown_text
from leakcheck.model.allowance import Allowed
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Verdict

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test case: `outcome` is failure, error or skipped, None where it passes.

    `kind`, `message` and `details` say why it does not.
    """

    name: str
    seconds: float
    outcome: str | None = None
    kind: str = ""
    message: str = ""
    details: str = ""


def junit_xml(
    records: Sequence[RunRecord],
    *,
    allow_inconclusive: bool = False,
    project: PurePath | None = None,
    alloweds: Mapping[str, Allowed] | None = None,
) -> str:
    """Return `records` as JUnit XML, with files below `project` named from there.

    LEAK is a failure, or skipped where it is allowed; ERROR an error; INCONCLUSIVE is a failure
    of the type ``inconclusive``, or skipped where `allow_inconclusive`; CLEAN passes.
    `alloweds` are by record id.

    >>> junit_xml([]).startswith('<?xml version="1.0" encoding="utf-8"?>')
    True
    """
    known = alloweds or {}
    return cases_xml(
        [
            _case(one, project, known.get(one.id, Allowed()), allow_inconclusive=allow_inconclusive)
            for one in records
        ]
    )


def cases_xml(cases: Sequence[Case]) -> str:
    """Return `cases` as one suite in JUnit XML; what XML cannot hold is replaced."""
    suite = ET.Element("testsuite", {"name": "leakcheck", "tests": str(len(cases))})
    suite.extend(map(_element, cases))
    for attribute, outcome in (
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        suite.set(attribute, str(sum(case.outcome == outcome for case in cases)))
    suites = ET.Element("testsuites")
    suites.append(suite)
    text = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def outcome_of(verdict: Verdict, *, allow_inconclusive: bool) -> str | None:
    """Return what JUnit has for a verdict, None for what passes.

    >>> outcome_of(Verdict.LEAK, allow_inconclusive=True)
    'failure'
    """
    if verdict is Verdict.INCONCLUSIVE:
        return "skipped" if allow_inconclusive else "failure"
    return {Verdict.LEAK: "failure", Verdict.ERROR: "error"}.get(verdict)


def _element(case: Case) -> ET.Element:
    named = {"classname": "leakcheck", "name": _xml_safe(case.name)}
    element = ET.Element("testcase", {**named, "time": f"{case.seconds:.3f}"})
    if case.outcome is not None:
        why = {"type": case.kind, "message": _xml_safe(case.message)}
        ET.SubElement(element, case.outcome, why).text = _xml_safe(case.details)
    return element


def _case(
    record: RunRecord, project: PurePath | None, allowed: Allowed, *, allow_inconclusive: bool
) -> Case:
    verdict = record.judgement.verdict
    outcome = outcome_of(verdict, allow_inconclusive=allow_inconclusive)
    said = "; ".join(allowed.sentences) if allowed.passes else record.judgement.reason
    return Case(
        name=record.plan.target,
        seconds=record.measurement.elapsed_s,
        outcome="skipped" if allowed.passes else outcome,
        kind=str(verdict).lower(),
        message=shown_text(said, project),
        details=shown_text(_details(record, allowed), project),
    )


def _details(record: RunRecord, allowed: Allowed) -> str:
    judgement = record.judgement
    sites = (
        f"{site.file}:{site.line} {site.function}: {site.bytes_per_iteration:.1f} B and "
        f"{site.objects_per_iteration:.3g} objects an iteration"
        for site in judgement.sites
    )
    held_by = (f"held by {chain}" for chain in judgement.held_by)
    said = (judgement.reason, *allowed.sentences, *sites, *held_by, f"record {record.id}")
    return "\n".join(said)


def _xml_safe(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
