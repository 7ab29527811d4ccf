"""When a program is ready for its first iteration."""

import socket
from collections.abc import Callable
from typing import Final

from leakcheck.model.errors import UsageError
from leakcheck.probes.activity import Activity, activity, signals_of
from leakcheck.run.process import monotonic_s
from leakcheck.run.program import endings
from leakcheck.run.program.endings import NotDoneError
from leakcheck.run.program.order import HttpRequest, Line, Signal, Trigger
from leakcheck.run.program.process import ProgramProcess

_QUIET_S: Final = 0.1
"""A program that does and says nothing for so long waits for something."""
_BUSY_S: Final = 5.0
"""One that is never quiet is not waited for any longer: its work may have no end."""
_TALKING_S: Final = 1.0
"""One that has said something so lately still talks."""
_UNHANDLED_S: Final = 3.0
"""One that has been quiet for so long will not begin to handle a signal."""
_CONNECT_S: Final = 1.0

Ready = Callable[[], bool]


def require_free(trigger: Trigger) -> None:
    """Do nothing, if nothing listens yet where the program is to be asked.

    Raises:
        UsageError: if something does: that would be measured in its place.
    """
    if isinstance(trigger, HttpRequest) and _accepts(trigger):
        msg = (
            f"--request: found something that listens at {trigger.address} before the program was "
            "started, wanted a free port"
        )
        raise UsageError(msg)


def ready_of(trigger: Trigger, process: ProgramProcess) -> Ready:
    """Return a question to be asked until it is answered with true."""
    if isinstance(trigger, HttpRequest):
        return lambda: _accepts(trigger)
    quiet = Quiet(process, may_talk=trigger.until is not None or isinstance(trigger, Signal))
    if isinstance(trigger, Line):
        return quiet
    return lambda: _is_handled(trigger, process, quiet) and quiet()


class Quiet:
    """Tells when a program has settled: it says nothing and does nothing."""

    def __init__(self, process: ProgramProcess, *, may_talk: bool) -> None:
        self._process = process
        self._may_talk = may_talk
        self._began_s = self._since_s = self._spoke_s = monotonic_s()
        self._last: Activity | None = None
        self._said = 0

    @property
    def lasts_s(self) -> float:
        """Return for how many seconds it has been quiet."""
        return monotonic_s() - max(self._since_s, self._spoke_s)

    def __call__(self) -> bool:
        """Return whether it has been quiet for a moment, or busy for so long that it stays so.

        Raises:
            NotDoneError: if it never stops to talk, and must, for an answer to be told.
        """
        now, said = monotonic_s(), self._process.heard.answer_bytes
        look = activity(self._process.tree.members())
        if said != self._said:
            self._said, self._spoke_s = said, now
        if look != self._last or not look.is_asleep:
            self._last, self._since_s = look, now
        if self.lasts_s >= _QUIET_S:
            return True
        if now - self._began_s < _BUSY_S:
            return False
        if not self._may_talk and now - self._spoke_s < _TALKING_S:
            raise NotDoneError(endings.talkative(said))
        return True


def _is_handled(trigger: Signal, process: ProgramProcess, quiet: Quiet) -> bool:
    """Return whether a program handles a signal: sent before that, it would end the program.

    Raises:
        NotDoneError: if it does nothing that could change that.
    """
    signals = signals_of(process.pid)
    if signals is not None and trigger.number in signals.handled:
        return True
    if quiet() and quiet.lasts_s > _UNHANDLED_S and signals is not None:
        raise NotDoneError(endings.unhandled(trigger.name))
    return False


def _accepts(trigger: HttpRequest) -> bool:
    try:
        with socket.create_connection((trigger.host, trigger.port), timeout=_CONNECT_S):
            return True
    except OSError:
        return False
