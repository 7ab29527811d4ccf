"""Candidates and what was measured of them, made by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from leakcheck.bisecting.bisection import Bisection
from leakcheck.bisecting.steps import Candidate, Finding, Measured, Step
from leakcheck.model.run_record import RunRecord
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Judgement, Verdict
from tests.unit.records import leak_record


def record(verdict: Verdict, *, function: str = "tick", file: str = "jobs.py") -> RunRecord:
    """Return a record with that verdict; a LEAK grows in that function."""
    leaky = leak_record()
    if verdict is not Verdict.LEAK:
        judgement = Judgement(
            verdict=verdict,
            reason=f"why it is {verdict}",
            smallest_detectable_bytes_per_iteration=1.7,
        )
        return replace(leaky, judgement=judgement)
    frame = Frame(file=f"/project/{file}", line=12, function=function)
    (site,) = leaky.judgement.sites
    sites = (replace(site, file=frame.file, function=function, stack=(frame,)),)
    return replace(leaky, judgement=replace(leaky.judgement, sites=sites))


def bisected(
    answers: Sequence[RunRecord | str],
    *,
    is_fix: bool = False,
    subjects: Mapping[int, str] | None = None,
    told: list[Step] | None = None,
    labels: list[str] | None = None,
) -> Finding:
    """Return what a bisection comes to among candidates that answer so; a text is why none does."""
    named = subjects or {}
    candidates = tuple(
        Candidate(key=f"1.{n}", name=f"shop 1.{n}", subject=named.get(n, ""))
        for n in range(len(answers))
    )

    def measure(candidate: Candidate, label: str) -> Measured:
        if labels is not None:
            labels.append(label)
        answer = answers[candidates.index(candidate)]
        if isinstance(answer, str):
            return Measured(candidate=candidate, why=answer)
        return Measured(candidate=candidate, record=answer)

    return Bisection(
        candidates=candidates,
        target="jobs.py:tick",
        subject="" if subjects else "shop",
        is_fix=is_fix,
        measure=measure,
        told=(told if told is not None else []).append,
    ).run()
