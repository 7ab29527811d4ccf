"""The verdicts as JUnit XML: one test case a workload, as CI servers read them."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Final
from xml.etree import ElementTree as ET

from leakcheck.analysis.places import shown_text
from leakcheck.model.allowance import Allowed
from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Verdict

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


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
    suite = ET.Element("testsuite", {"name": "leakcheck"})
    known = alloweds or {}
    cases = [
        _case(one, project, known.get(one.id, Allowed()), allow_inconclusive=allow_inconclusive)
        for one in records
    ]
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for attribute, outcome in (
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        suite.set(attribute, str(sum(case.find(outcome) is not None for case in cases)))
    suites = ET.Element("testsuites")
    suites.append(suite)
    text = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _case(
    record: RunRecord, project: PurePath | None, allowed: Allowed, *, allow_inconclusive: bool
) -> ET.Element:
    judgement = record.judgement
    case = ET.Element(
        "testcase",
        {
            "classname": "leakcheck",
            "name": _xml_safe(record.plan.target),
            "time": f"{record.measurement.elapsed_s:.3f}",
        },
    )
    outcome = _outcome(judgement.verdict, allow_inconclusive=allow_inconclusive)
    if allowed.passes:
        outcome = "skipped"
    if outcome is not None:
        said = "; ".join(allowed.sentences) if allowed.passes else judgement.reason
        message = _xml_safe(shown_text(said, project))
        kind = str(judgement.verdict).lower()
        text = _xml_safe(shown_text(_details(record, allowed), project))
        ET.SubElement(case, outcome, {"type": kind, "message": message}).text = text
    return case


def _outcome(verdict: Verdict, *, allow_inconclusive: bool) -> str | None:
    if verdict is Verdict.INCONCLUSIVE:
        return "skipped" if allow_inconclusive else "failure"
    return {Verdict.LEAK: "failure", Verdict.ERROR: "error"}.get(verdict)


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
