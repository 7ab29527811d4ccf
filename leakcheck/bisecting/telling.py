"""What is said of a bisection, as lines of plain text."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.fixed import leaking_signals
from leakcheck.analysis.lines import shortened
from leakcheck.analysis.places import shown_file, shown_text
from leakcheck.analysis.same_leak import leading_line
from leakcheck.bisecting.steps import (
    NOT_INSTALLED,
    Candidate,
    Finding,
    Measured,
    Outcome,
    Step,
)
from leakcheck.model.signals import COUNT_SIGNALS
from leakcheck.model.text import printable
from leakcheck.model.units import format_count, format_rate
from leakcheck.model.verdict import Judgement, Verdict

INDENT: Final = " " * 14
_MOST_NAMED: Final = 5
_UNTESTABLE: Final = "UNTESTABLE"
_LONGEST: Final = 200


def step_line(step: Step) -> str:
    """Return the row of a step: its verdict, which candidate, the rate and the line, or why not."""
    measured = step.measured
    word = measured.verdict or _UNTESTABLE
    cells = [f"{word:<13} {step.candidate.name}"]
    if step.candidate.subject:
        cells.append(step.candidate.subject)
    cells += filter(None, (rate_said(measured), line_said(measured), why_said(measured)))
    if step.is_elsewhere:
        cells.append("another leak")
    if measured.is_kept:
        cells.append("(measured before)")
    return printable("   ".join(cells))


def rate_said(measured: Measured) -> str:
    """Return how fast a candidate grows, or below what it stays; nothing of what is not sure."""
    if measured.record is None:
        return ""
    judgement = measured.record.judgement
    if measured.verdict is Verdict.CLEAN:
        bound = judgement.smallest_detectable_bytes_per_iteration
        return "" if bound is None else f"below {format_rate(bound)}/iteration"
    if measured.verdict is not Verdict.LEAK:
        return ""
    if judgement.growth is not None:
        return f"+{format_rate(judgement.growth.estimate)}/iteration"
    return ", ".join(_counts(judgement))


def line_said(measured: Measured) -> str:
    """Return the line that grows most, of a LEAK that has one."""
    if measured.record is None or measured.verdict is not Verdict.LEAK:
        return ""
    frame = leading_line(measured.record)
    if frame is None:
        return ""
    file = shown_file(shortened(frame).file, PurePath(measured.root or ""))
    return printable(f"{shown_text(file, None)}:{frame.line} {frame.function}()")


def why_said(measured: Measured) -> str:
    """Return why a candidate cannot tell; nothing of one that can."""
    if measured.record is None:
        why = measured.why
    elif measured.verdict in (Verdict.LEAK, Verdict.CLEAN):
        return ""
    else:
        why = measured.record.judgement.reason
    shown = printable(shown_text(why, measured.root))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."


def sentence(finding: Finding) -> str:
    """Return the answer in one sentence."""
    if finding.at_fault is not None:
        return printable(f"{finding.target}: {_fault(finding, finding.at_fault)}")
    last, first = finding.last, finding.first
    if last is None or first is None:
        msg = f"a bisection with outcome {finding.outcome}: wanted both of its candidates"
        raise ValueError(msg)
    verb = "leaks no more since" if finding.is_fix else "leaks since"
    steps = f"{len(finding.steps)} steps"
    if finding.outcome is Outcome.FOUND:
        said = f"{verb} {_name(first.candidate)} ({_before(finding, last)}), {steps}"
    else:
        said = (
            f"{verb} {_name(first.candidate)}, or since one of {len(finding.between)} before it"
            f" that cannot tell ({_named(finding)}; {_before(finding, last)}), {steps}"
        )
    return printable(f"{finding.target} {said}")


def closing_lines(finding: Finding, here: PurePath) -> list[str]:
    """Return the sentence, and below it both sides of the change with their records."""
    return [sentence(finding), *(INDENT + printable(line) for line in _below(finding, here))]


def _below(finding: Finding, here: PurePath) -> Iterator[str]:
    if finding.at_fault is not None:
        yield from _hints(finding, finding.at_fault)
        return
    for step in (finding.last, finding.first):
        if step is not None:
            yield _side(step, here)
    names = [
        str(one.measured.folder.name)
        for one in (finding.last, finding.first)
        if one and one.measured.folder
    ]
    if len(names) == len(("last", "first")):
        yield f"more: leakcheck compare {' '.join(names)}"
    first = finding.first
    if first is not None and first.candidate.is_merge:
        main, side = (one[:12] for one in first.candidate.parents[:2])
        yield (
            f"it is a merge: its own commits are asked with --good $(git merge-base {main} {side})"
            f" --bad {side}"
        )


def _side(step: Step, here: PurePath) -> str:
    measured = step.measured
    cells = [step.candidate.name, str(measured.verdict), rate_said(measured), line_said(measured)]
    if measured.folder is not None:
        cells.append(f"record {shown_file(str(measured.folder), here)}")
    return "   ".join(filter(None, cells))


def _fault(finding: Finding, step: Step) -> str:
    name, end = _name(step.candidate), "good" if _is_good_end(finding, step) else "bad"
    if finding.outcome is Outcome.UNTESTED_END:
        return f"{name}, the {end} end, cannot be tested: {why_said(step.measured)}"
    if finding.outcome is Outcome.UNSURE_END:
        return f"{name}, the {end} end, is INCONCLUSIVE: {why_said(step.measured)}"
    if end == "good":
        return f"{name}, the good end, leaks too: {rate_said(step.measured)}"
    return f"{name}, the bad end, is CLEAN: there is no leak to look for"


def _hints(finding: Finding, step: Step) -> Iterator[str]:
    if not finding.subject and step.measured.why.startswith(NOT_INSTALLED):
        yield "next: what it needs, --with REQ; or --no-install, to run it from its folder"
    if finding.outcome is Outcome.UNSURE_END:
        yield "next: a larger --time-limit or --iterations"
    elif finding.outcome is Outcome.WRONG_END and _is_good_end(finding, step):
        if not finding.subject and ".py" in finding.target:
            yield (
                "next: an older --good; or, if the leak is in the file of the workload, which is"
                " the one of now in each commit, --target-from commit"
            )
        else:
            yield "next: an older --good" if not finding.is_fix else "next: a newer --good"


def _is_good_end(finding: Finding, step: Step) -> bool:
    """Return whether a step is that of the good end: the bad one is asked first."""
    return step is not finding.steps[0]


def _before(finding: Finding, last: Step) -> str:
    name = last.candidate.key if finding.subject else last.candidate.name
    if finding.is_fix:
        return f"{name} is a LEAK"
    if last.is_elsewhere:
        return f"{name} leaks too, but elsewhere: {line_said(last.measured)}"
    return f"{name} is CLEAN"


def _name(candidate: Candidate) -> str:
    return f'{candidate.name} "{candidate.subject}"' if candidate.subject else candidate.name


def _named(finding: Finding) -> str:
    names = [one.key if finding.subject else one.name for one in finding.between]
    more = len(names) - _MOST_NAMED
    said = ", ".join(names[:_MOST_NAMED])
    return f"{said} and {more} more" if more > 0 else said


def _counts(judgement: Judgement) -> Iterator[str]:
    for signal in leaking_signals(judgement):
        trend = judgement.trends.get(signal)
        if signal in COUNT_SIGNALS and trend is not None:
            yield f"+{format_count(trend.growth.estimate)} {signal}/iteration"
