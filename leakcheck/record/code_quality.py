"""The leaking lines as GitLab's Code Quality reads them: a list, in Code Climate's form."""

import json
from collections.abc import Sequence

from leakcheck.analysis.growing_places import Roots, places
from leakcheck.model.reported import Reported
from leakcheck.model.verdict import Verdict
from leakcheck.record.sarif import fingerprints, rule_of


def code_quality_text(runs: Sequence[Reported], *, roots: Roots) -> str:
    r"""Return a finding for each line of each LEAK, one that is allowed among the lesser ones.

    >>> from pathlib import PurePath
    >>> code_quality_text([], roots=Roots(repository=PurePath("/r"), here=PurePath("/r")))
    '[]\n'
    """
    found = [
        {
            "description": "; ".join([place.said, *run.allowed.sentences]),
            "check_name": f"leakcheck/{rule_of(run)}",
            "fingerprint": fingerprint,
            "severity": "info" if run.allowed.passes else "critical",
            "location": {"path": place.file, "lines": {"begin": place.line}},
        }
        for run in runs
        if run.verdict is Verdict.LEAK
        for place, fingerprint in zip(
            places(run, roots), fingerprints(run, places(run, roots)), strict=True
        )
    ]
    return json.dumps(found, indent=1) + "\n"
