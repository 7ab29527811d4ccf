"""Sentences about runs that ended badly: what was found, and what it most likely means."""

import signal
from collections.abc import Mapping
from typing import Any, Final

from leakcheck.model.plan import GRACE_S, Plan, Profiler
from leakcheck.model.units import format_bytes
from leakcheck.run.child.slots import Slot, Stage
from leakcheck.run.own_time import LONGEST_STRETCH

_DOING: Final = {
    Stage.STARTING: "while it was started",
    Stage.LOADING: "while it was imported",
    Stage.SETTING_UP: "in its set-up",
    Stage.TEARING_DOWN: "in its tear-down",
}
GARBLED: Final = "wrote into leakcheck's own descriptors: what came through was no message"
_MEMRAY_LOST: Final = "Bad file descriptor"


def when(slots: memoryview) -> str:
    """Return where in its life the child is, such as ``at iteration 700``."""
    stage = Stage(slots[Slot.STAGE])
    return _DOING.get(stage, f"at iteration {slots[Slot.ITERATIONS] + 1}")


def cannot_load(target: str, content: Mapping[str, Any]) -> str:
    """Return the sentence on a target whose import failed."""
    if content["bad_target"]:
        return str(content["text"])
    place = f" ({content['place']})" if content["place"] else ""
    return f"{target}: could not be imported: {content['type']}: {content['text']}{place}"


def raised(content: Mapping[str, Any], slots: memoryview) -> str:
    """Return the sentence on an exception; its text stays out, it may hold anything."""
    if content["bad_target"]:
        return str(content["text"])  # our own sentence
    place = f" ({content['place']})" if content.get("place") else ""
    return f"raised {content['type']} {when(slots)}{place}"


def hung(plan: Plan, slots: memoryview) -> str:
    """Return the sentence on an iteration that outlived the time limit and its grace."""
    iteration = slots[Slot.ITERATIONS] + 1
    return (
        f"iteration {iteration} was still running {GRACE_S:g} s past the time limit of "
        f"{plan.time_limit_s:g} s, and was killed"
    )


def stretched(plan: Plan) -> str:
    """Return the sentence on a time limit that neighbours left next to nothing of."""
    return (
        f"others kept the processors busy: the time limit of {plan.time_limit_s:g} s ended the run "
        f"after {LONGEST_STRETCH * plan.time_limit_s:g} s, in which it had less than a fifth of one"
    )


def never_ready(slots: memoryview, limit_s: float) -> str:
    """Return the sentence on an import or a set-up that does not come to an end."""
    return f"was killed {when(slots)}: it took more than {limit_s:g} s"


def outgrown(plan: Plan, slots: memoryview, growth_bytes: int) -> str:
    """Return the sentence on a child that was killed since it did not stop growing."""
    sentence = (
        f"was killed {when(slots)}: it had grown by {format_bytes(growth_bytes)}, "
        f"the limit is {format_bytes(plan.memory_limit_bytes)}"
    )
    if plan.profiler is Profiler.NONE:
        return sentence
    return f"{sentence}; call sites lack what memray had not written by then"


def vanished(
    plan: Plan, slots: memoryview, code: int, rss_bytes: int | None, output_tail: str
) -> str:
    """Return the sentence on a child that ended without a word.

    `code` is its exit code, negative for a signal; `rss_bytes` its last known memory.
    """
    place = when(slots)
    if slots[Slot.LOST_CHANNEL]:
        return f"closed all descriptors {place}, leakcheck's among them: nothing could be read"
    if code >= 0:
        return f"ended its own process {place}, with exit code {code}"
    if -code == signal.SIGABRT and plan.profiler is Profiler.MEMRAY and _MEMRAY_LOST in output_tail:
        return f"closed memray's descriptor {place} and was aborted: --profiler none needs none"
    return f"was killed by {_signal_name(-code)} {place}{_likely(-code, rss_bytes)}"


def _likely(number: int, rss_bytes: int | None) -> str:
    held = "" if rss_bytes is None else f" (it held {format_bytes(rss_bytes)})"
    if number == signal.SIGKILL:
        return f"{held}: by another process, or by the kernel for want of memory"
    if number == signal.SIGABRT:
        return f"{held}: closing all descriptors closes memray's too, which aborts"
    return held


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
