"""An explanation as lines of plain text: what grows, where, and what to do about it."""

from pathlib import PurePath
from typing import Final

from leakcheck.analysis.explanation import explain_record
from leakcheck.analysis.lines import package_of, shortened
from leakcheck.analysis.outlook import format_duration
from leakcheck.analysis.places import shown_file, shown_text
from leakcheck.analysis.task_origins import said_of
from leakcheck.model.explanation import Cause, Explanation, Outlook
from leakcheck.model.run_record import RunRecord
from leakcheck.model.units import format_bytes, format_count, format_rate
from leakcheck.model.verdict import Growth, Judgement, Verdict
from leakcheck.record.explanation_json import shown_frame
from leakcheck.run.interpreter import own_interpreter
from leakcheck.wording.native import native_lines

_MOST_CAUSES: Final = 5
_MOST_CALLERS: Final = 2
_MOST_HOLDERS: Final = 3
_LITTLE: Final = 0.01
_NO_MORE: Final = 1e-5
"""Objects an iteration that round to none: a leak of one in 100,000 cannot be seen."""


def explained_from(record: RunRecord, project: PurePath) -> Explanation:
    """Return what is known of a leak, as seen from a folder and in this program's interpreter."""
    return explain_record(record, project=project, own_python=own_interpreter())


def explanation_lines(
    judgement: Judgement, explanation: Explanation, project: PurePath
) -> list[str]:
    """Return the lines that explain a leak, without indentation; of any other verdict, its kind.

    The last one is the command that runs the workload again, where that is of use.
    """
    lines = [_kind(judgement, explanation)] if judgement.diagnosis else []
    for number, cause in enumerate(explanation.causes[:_MOST_CAUSES], 1):
        lines += _cause(number, cause, project)
    hidden = len(explanation.causes) - _MOST_CAUSES
    lines += [f"    and {hidden} more growing lines"] if hidden > 0 else []
    lines += [one for one in (explanation.no_line, explanation.no_native) if one]
    lines += [f"held by  {chain}" for chain in judgement.held_by[:_MOST_HOLDERS]]
    lines += explanation.growing
    lines += [f"until: {until_text(explanation.outlook)}"] if explanation.outlook else []
    lines += [f"next: {step}" for step in explanation.next_steps]
    return [*lines, f"repeat: {explanation.repeat}"] if explanation.repeat else lines


def _kind(judgement: Judgement, explanation: Explanation) -> str:
    kinds = f"kind: {', '.join(judgement.diagnosis)}"
    share, rest = explanation.share, explanation.unattributed_bytes
    if judgement.verdict is not Verdict.LEAK or share is None:
        return kinds
    number = sum(cause.lines for cause in explanation.causes if cause.sites)
    if not number:
        return kinds
    lines = "1 line" if number == 1 else f"{number} lines"
    said = f"{kinds}   {100 * share:.0f} % of the growth is explained by {lines}"
    if explanation.spread_bytes:
        said += f", +{format_rate(explanation.spread_bytes)}/iteration by smaller ones"
    if not rest or share > 1 - _LITTLE:
        return said
    return f"{said}, UNATTRIBUTED +{format_rate(rest)}/iteration"


def _cause(number: int, cause: Cause, project: PurePath) -> list[str]:
    lines = [f"{number:>2}  {_place(cause, project)}   {'   '.join(_growth(cause))}"]
    made = "allocated" if cause.sites else "opened"
    lines += [f"      {made} at {shown_frame(shortened(frame), project)}" for frame in cause.inner]
    lines += [f"      {line}" for line in native_lines(cause.native)]
    callers = cause.callers[:_MOST_CALLERS]
    lines += [f"      called from {shown_frame(frame, project)}" for frame in callers]
    if cause.task:
        lines.append(f"      in a task of {cause.task}(){_creator(cause, project)}")
    return lines


def _creator(cause: Cause, project: PurePath) -> str:
    said = said_of(cause.origin)
    return shown_text(said, project) if said else "; its creator is not on the stack"


def _place(cause: Cause, project: PurePath) -> str:
    if not cause.line.file:
        return "(no Python frame was running)"
    line = shortened(cause.line)
    place = f"{shown_file(line.file, project)}:{line.line}  {line.function}()"
    if cause.lines == 1:
        return place
    others = "1 more line" if cause.lines == 2 else f"{cause.lines - 1} more lines"  # noqa: PLR2004 -- one and one more
    return f"{place} and {others} of {package_of(cause.line)}"


def _growth(cause: Cause) -> list[str]:
    """Return what grows at a line, each with its rate: memory, descriptors or both."""
    parts = []
    if cause.sites:
        bytes_ = f"+{format_rate(cause.growth.estimate)}/iteration{_interval(cause.growth)}"
        parts += [bytes_, _objects(cause.objects.estimate)]
    if cause.descriptors:
        opened = _counted(cause.descriptors_per_iteration, "descriptor")
        parts += [f"+{opened}/iteration", cause.descriptors]
    return parts


def _objects(number: float) -> str:
    """Return how many more objects there are an iteration.

    >>> _objects(1.0), _objects(0.02), _objects(-0.0003)
    ('1 object', '0.02 objects', 'larger objects, not more')
    """
    return "larger objects, not more" if number < _NO_MORE else _counted(number, "object")


def _counted(number: float, what: str) -> str:
    count = format_count(number)
    return f"{count} {what}" if count == "1" else f"{count} {what}s"


def _interval(growth: Growth) -> str:
    if growth.high - growth.low <= _LITTLE * abs(growth.estimate):
        return ""
    return f" ({format_rate(growth.low)} .. {format_rate(growth.high)})"


def until_text(outlook: Outlook) -> str:
    """Return how long memory lasts, and until what.

    >>> until_text(Outlook(room_bytes=1 << 30, limit_bytes=None, iterations_per_second=8.0,
    ...     seconds=7200.0))
    '1.0 GiB more in 2 h at 8 iterations/s'
    """
    room = format_bytes(outlook.room_bytes)
    what = f"{room} more" if outlook.limit_bytes is None else f"the {room} left of the limit"
    pace = format_count(outlook.iterations_per_second)
    return f"{what} in {format_duration(outlook.seconds)} at {pace} iterations/s"
