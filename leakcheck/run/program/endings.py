"""How a run of a program can end badly: each way as one sentence that a person can act on."""

import signal
from collections.abc import Mapping
from typing import Final

from leakcheck.model.plan import GRACE_S, Plan
from leakcheck.model.units import format_bytes
from leakcheck.run.child.slots import Stage
from leakcheck.run.program.order import HttpRequest, Line, Signal, Trigger

LEAST_BAD_STATUS: Final = 400
CLOSED_STDIN: Final = "closed its standard input, so that no line can be given to it"
CLOSED_STDOUT: Final = "closed its standard output, so that no answer can come"
BUFFERED: Final = (
    "it may hold its output back, as C programs do in a pipe (stdbuf -oL, fflush), "
    "or end its answer in another way (--until)"
)
_UNTIL: Final = "look at what --until should match"
_BUSY: Final = "it was never idle again: say with --until which output ends an iteration"


class NotDoneError(Exception):
    """An iteration that cannot come to its end; the text says what the program did, or did not."""


def when(stage: Stage, iterations: int) -> str:
    """Return where in its life a program is, such as ``at iteration 700``.

    >>> when(Stage.ITERATING, 6), when(Stage.STARTING, 0)
    ('at iteration 7', 'before the first iteration')
    """
    return (
        f"at iteration {iterations + 1}"
        if stage is Stage.ITERATING
        else "before the first iteration"
    )


def ended(code: int, place: str, left: int = 0) -> str:
    """Return the sentence on a program that ended by itself; `left` processes of it go on.

    >>> ended(3, "at iteration 7")
    'ended at iteration 7, with exit code 3'
    >>> ended(0, "before the first iteration", left=1)[:52]
    'ended before the first iteration, with exit code 0, '
    """
    if code < 0:
        return f"was killed by {_name(-code)} {place}"
    sentence = f"ended {place}, with exit code {code}"
    if not left:
        return sentence
    processes = "a process" if left == 1 else f"{left} processes"
    return f"{sentence}, and left {processes} behind: have it stay in the foreground"


def hung(plan: Plan, trigger: Trigger, iterations: int) -> str:
    """Return the sentence on an iteration that outlived the time limit and its grace."""
    return (
        f"iteration {iterations + 1} was not over {GRACE_S:g} s past the time limit of "
        f"{plan.time_limit_s:g} s, and the program was ended; {_likely(trigger, iterations)}"
    )


def never_ready(trigger: Trigger, limit_s: float) -> str:
    """Return the sentence on a program that is not ready for its first iteration in time."""
    if isinstance(trigger, HttpRequest):
        return f"nothing accepted connections at {trigger.address} within {limit_s:g} s"
    what = "a line" if isinstance(trigger, Line) else trigger.name
    return f"was not ready for {what} within {limit_s:g} s"


def unhandled(name: str) -> str:
    """Return the sentence on a program that a signal would end.

    >>> unhandled("SIGUSR1")
    'did not handle SIGUSR1, which would end it (a script has to start the program with exec)'
    """
    return (
        f"did not handle {name}, which would end it (a script has to start the program with exec)"
    )


def talkative(n_bytes: int) -> str:
    """Return the sentence on a program that writes without having been asked anything."""
    return (
        f"wrote {format_bytes(n_bytes)} without being asked, and went on: which line is an answer "
        "cannot be told; say with --until what ends one"
    )


def flooded(n_bytes: int) -> str:
    """Return the end of the sentence on an answer that does not end."""
    return f"wrote {format_bytes(n_bytes)} in which --until matches nothing, and was ended"


def unanswered(why: str) -> str:
    """Return the end of the sentence on a request without a response."""
    return f"did not answer the request: {why}"


def bad_statuses(bad: Mapping[int, int], sent: int) -> tuple[str, ...]:
    """Return a note on responses that were no success, none where all were.

    >>> bad_statuses({404: 20}, 20)
    ('20 of 20 responses were no success: status 404 (20)',)
    """
    if not bad:
        return ()
    found = ", ".join(f"{status} ({number:,})" for status, number in sorted(bad.items()))
    total = sum(bad.values())
    return (f"{total:,} of {sent:,} responses were no success: status {found}",)


def outgrown(plan: Plan, place: str, growth_bytes: int) -> str:
    """Return the note on a program that was ended since it did not stop growing."""
    return (
        f"was ended {place}: it had grown by {format_bytes(growth_bytes)}, "
        f"the limit is {format_bytes(plan.memory_limit_bytes)}"
    )


def _likely(trigger: Trigger, iterations: int) -> str:
    if iterations and not isinstance(trigger, Signal):
        return "those before had been answered"
    if isinstance(trigger, HttpRequest):
        return "there was no response"
    if trigger.until is not None:
        return _UNTIL
    return BUFFERED if isinstance(trigger, Line) else _BUSY


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
