"""One iteration of a program: what sets it off, and how its end is told."""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from leakcheck.probes.activity import Activity, activity, signals_of
from leakcheck.run.process import monotonic_s
from leakcheck.run.program import endings
from leakcheck.run.program.endings import NotDoneError
from leakcheck.run.program.order import HttpRequest, Line, Signal, Trigger
from leakcheck.run.program.process import ProgramProcess
from leakcheck.run.program.requests import RequestThread

POLL_S: Final = 0.05
_IDLE_POLL_S: Final = 0.0005
"""How long a program is left alone between two looks at whether it does anything."""
_IDLE_S: Final = 0.002
"""For so long it must have done nothing."""
MOST_ANSWER_BYTES: Final = 64 << 20
"""More than this is no answer that ends."""
_STDOUT: Final = 1
_STDERR: Final = 2


class Firing(Protocol):
    """What triggers iterations of one program."""

    poll_s: float
    """How long the program may be listened to before `is_done` is asked again."""

    def fire(self) -> None:
        """Begin an iteration.

        Raises:
            NotDoneError: if that is not possible any more.
        """
        ...

    def is_done(self) -> bool:
        """Return whether the iteration has come to its end.

        Raises:
            NotDoneError: if it never will.
        """
        ...

    def remarks(self) -> tuple[str, ...]:
        """Return what is worth a note, once all iterations are over."""
        ...

    def close(self) -> None:
        """Give back what was opened."""
        ...


def firing_of(trigger: Trigger, process: ProgramProcess, timeout_s: float) -> Firing:
    """Return what triggers iterations of a program; a response may take `timeout_s` seconds."""
    if isinstance(trigger, HttpRequest):
        return RequestFiring(trigger, process, timeout_s)
    return LineFiring(trigger, process) if isinstance(trigger, Line) else _signals(trigger, process)


class LineFiring:
    """Sends a line, and waits for an answer."""

    poll_s = POLL_S

    def __init__(self, line: Line, process: ProgramProcess) -> None:
        self._data = f"{line.text}\n".encode(errors="surrogateescape")
        self._until = line.until
        self._process = process

    def fire(self) -> None:
        """Send the line; see `Firing`."""
        _forget_old_answers(self._process)
        try:
            self._process.send(self._data)
        except BrokenPipeError:
            raise NotDoneError(endings.CLOSED_STDIN) from None

    def is_done(self) -> bool:
        """Return whether the line was taken and answered; see `Firing`."""
        heard = self._process.heard
        if self._process.is_unsent:
            return False
        if self._until is None:
            if not heard.lines(_STDOUT) and self._process.is_silent((_STDOUT,)):
                raise NotDoneError(endings.CLOSED_STDOUT)
            return heard.lines(_STDOUT) > 0
        return _is_said(self._process, heard.matches(self._until))

    def remarks(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def close(self) -> None:
        """Do nothing: nothing was opened."""


class SignalFiring:
    """Sends a signal, and waits until `done` says that it was dealt with."""

    def __init__(
        self, number: int, process: ProgramProcess, done: Callable[[], bool], poll_s: float
    ) -> None:
        self._number = number
        self._process = process
        self._done = done
        self.poll_s = poll_s

    def fire(self) -> None:
        """Send the signal; see `Firing`."""
        _forget_old_answers(self._process)
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, self._number)

    def is_done(self) -> bool:
        """Return whether the signal was dealt with; see `Firing`."""
        return self._done()

    def remarks(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def close(self) -> None:
        """Do nothing: nothing was opened."""


class Idle:
    """Tells when a program has dealt with a signal: it waits for none, and does nothing."""

    def __init__(self, process: ProgramProcess, number: int | None = None) -> None:
        self._process = process
        self._number = number
        self._last: Activity | None = None
        self._since_s = 0.0

    def __call__(self) -> bool:
        """Return whether nothing was done for a while; true once, and then anew."""
        if not self._is_delivered():
            self._last = None
            return False
        now, look = monotonic_s(), activity(self._process.tree.members())
        if not look.is_asleep or look != self._last:
            self._last, self._since_s = look, now
            return False
        if now - self._since_s < _IDLE_S:
            return False
        self._last = None
        return True

    def _is_delivered(self) -> bool:
        signals = signals_of(self._process.pid)
        return signals is not None and self._number not in signals.pending


class RequestFiring:
    """Sends a request, and waits for the end of its response."""

    poll_s = POLL_S

    def __init__(self, order: HttpRequest, process: ProgramProcess, timeout_s: float) -> None:
        self._process = process
        self._thread = RequestThread(order, timeout_s)
        self._bad: Counter[int] = Counter()
        self._number = 0
        process.wake_by(self._thread.woken)

    def fire(self) -> None:
        """Hand the request over; see `Firing`."""
        self._process.heard.ask()
        self._thread.send(self._number)
        self._number += 1

    def is_done(self) -> bool:
        """Return whether all of the response was read; see `Firing`."""
        answer = self._thread.answer()
        if answer is None:
            return False
        if isinstance(answer, str):
            raise NotDoneError(endings.unanswered(answer))
        if answer >= endings.LEAST_BAD_STATUS:
            self._bad[answer] += 1
        return True

    def remarks(self) -> tuple[str, ...]:
        """Return how many responses were no success, if any were."""
        return endings.bad_statuses(self._bad, self._number)

    def close(self) -> None:
        """Break a request off that is under way, and end the thread."""
        self._thread.close()


def _signals(trigger: Signal, process: ProgramProcess) -> SignalFiring:
    until = trigger.until
    if until is None:
        idle = Idle(process, trigger.number)
        return SignalFiring(trigger.number, process, idle, _IDLE_POLL_S)

    def said() -> bool:
        return _is_said(process, process.heard.matches(until))

    return SignalFiring(trigger.number, process, said, POLL_S)


def _forget_old_answers(process: ProgramProcess) -> None:
    """Take what was said after the last answer for none of the next."""
    with suppress(BrokenPipeError):  # `fire` will say so
        process.drain()
    process.heard.ask()


def _is_said(process: ProgramProcess, found: bool) -> bool:  # noqa: FBT001 -- what was found
    if not found and process.is_silent((_STDOUT, _STDERR)):
        raise NotDoneError(endings.CLOSED_STDOUT)
    if not found and process.heard.answer_bytes > MOST_ANSWER_BYTES:
        raise NotDoneError(endings.flooded(process.heard.answer_bytes))
    return found
