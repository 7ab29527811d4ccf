"""The verdicts as SARIF 2.1.0: a result for each leaking line, as code scanning reads them."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from leakcheck._version import __version__
from leakcheck.analysis.growing_places import Place, Roots, places
from leakcheck.analysis.places import shown_text
from leakcheck.model.reported import Reported
from leakcheck.model.text import printable
from leakcheck.model.verdict import Diagnosis, Verdict

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT: Final = "%SRCROOT%"
_LEAK: Final = "leak"
_RULES: Final = {
    _LEAK: "The process grows",
    Diagnosis.PYTHON_OBJECTS: "Python objects pile up",
    Diagnosis.NATIVE_HEAP: "Native code allocates and does not free",
    Diagnosis.OUTSIDE_MALLOC: "Memory grows that was not allocated by malloc",
    Diagnosis.FRAGMENTATION: "The process grows although what lives in it does not",
    Diagnosis.UNCOLLECTED_CYCLES: "Cycles pile up while the collector is off",
    Diagnosis.DESCRIPTORS: "Descriptors are opened and not closed",
    Diagnosis.THREADS: "Threads are started and do not end",
    Diagnosis.TASKS: "asyncio tasks are created and not done",
    Diagnosis.BACKLOG: "Work is handed in faster than it is done",
}
_NOTIFIED: Final = {Verdict.ERROR: "error", Verdict.INCONCLUSIVE: "warning"}
Json = dict[str, object]


def sarif_text(runs: Sequence[Reported], *, roots: Roots) -> str:
    """Return the runs as SARIF, with files named from the root of the repository.

    Each leaking line is a result, suppressed where it is allowed; ERROR and INCONCLUSIVE are
    notifications of the tool, which have no line.
    """
    return json.dumps(_document(runs, roots), allow_nan=False, indent=1) + "\n"


def _document(runs: Sequence[Reported], roots: Roots) -> Json:
    leaks = [one for one in runs if one.verdict is Verdict.LEAK]
    rules = list(dict.fromkeys(map(rule_of, leaks)))
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(rules)},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {
                    _ROOT: {"description": {"text": "The root of the repository."}}
                },
                "invocations": [_invocation(runs)],
                "results": [
                    result
                    for one in leaks
                    for result in _results(one, rules.index(rule_of(one)), roots)
                ],
            }
        ],
    }


def _driver(rules: Iterable[str]) -> Json:
    return {
        "name": "leakcheck",
        "version": __version__,
        "rules": [
            {
                "id": rule,
                "shortDescription": {"text": f"{_RULES[rule]}."},
                "fullDescription": {"text": f"{_RULES[rule]}, iteration after iteration."},
                "defaultConfiguration": {"level": "error"},
            }
            for rule in rules
        ],
    }


def _invocation(runs: Iterable[Reported]) -> Json:
    told = [one for one in runs if one.verdict in _NOTIFIED]
    return {
        "executionSuccessful": all(one.verdict is not Verdict.ERROR for one in told),
        "toolExecutionNotifications": [
            {
                "level": _NOTIFIED[one.verdict],
                "message": {
                    "text": printable(
                        f"{one.verdict}: {one.record.plan.target}: "
                        f"{shown_text(one.record.judgement.reason, None)}"
                    )
                },
            }
            for one in told
        ],
    }


def rule_of(run: Reported) -> str:
    """Return what kind of leak it is: a backlog says less than what is in it."""
    kinds = sorted(run.record.judgement.diagnosis, key=lambda one: one is Diagnosis.BACKLOG)
    return str(next((one for one in kinds if one in _RULES), _LEAK))


def _results(run: Reported, rule: int, roots: Roots) -> list[Json]:
    found = places(run, roots)
    return [
        {
            "ruleId": rule_of(run),
            "ruleIndex": rule,
            "level": "note" if run.allowed.passes else "error",
            "message": {"text": place.said},
            "locations": [_location(place, run)],
            "partialFingerprints": {"leakcheck/v1": fingerprint},
            "suppressions": _suppressions(run),
        }
        for place, fingerprint in zip(found, fingerprints(run, found), strict=True)
    ]


def _location(place: Place, run: Reported) -> Json:
    name = place.function or printable(run.record.plan.target)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(place.file), "uriBaseId": _ROOT},
            "region": {"startLine": place.line},
        },
        "logicalLocations": [{"name": name, "kind": "function"}],
    }


def _numbers(found: Sequence[Place]) -> list[int]:
    """Return the how-manieth of its function each place is, by line: that survives moves."""
    order = sorted(range(len(found)), key=lambda at: found[at].line)
    seen: Counter[tuple[object, ...]] = Counter()
    numbers = [0] * len(found)
    for at in order:
        key = (found[at].file, found[at].function, found[at].within)
        numbers[at], seen[key] = seen[key], seen[key] + 1
    return numbers


def fingerprints(run: Reported, found: Sequence[Place]) -> list[str]:
    """Return what tells each leak from others, and stays when the lines above it change."""
    return [
        _fingerprint(run, place, number)
        for place, number in zip(found, _numbers(found), strict=True)
    ]


def _fingerprint(run: Reported, place: Place, number: int) -> str:
    parts = (
        rule_of(run),
        printable(run.record.plan.target),
        place.file,
        place.function,
        *place.within,
        str(number),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _suppressions(run: Reported) -> list[Json]:
    if not run.allowed.passes:
        return []
    said = printable("; ".join(run.allowed.sentences))
    return [{"kind": "external", "status": "accepted", "justification": said}]
