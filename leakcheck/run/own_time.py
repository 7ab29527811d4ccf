"""A child's own time: that in which it could run, whatever its neighbours do.

A time limit that counted the clock's seconds would end a run after fewer iterations where others
keep the processors busy, and so leave undecided what is decided on an idle machine.
"""

from collections.abc import Callable
from typing import Final, Protocol

from leakcheck.probes.waiting import Turns, waited_here_s

LONGEST_STRETCH: Final = 5.0
"""Times a limit: longer than that nobody waits for it, however little the child could run."""
_LOOK_EVERY_S: Final = 0.05


class Probe(Protocol):
    """What tells how long a process ran and waited."""

    def read(self) -> Turns:
        """Return what came together since the probe was made."""
        ...


class OwnTime:
    """Counts the seconds of one stage of a child's life, without those it waited for a processor.

    Threads that wait for each other are no neighbours: as long as the process gets one whole
    processor, nothing is taken off. All times are of one clock, in seconds.
    """

    def __init__(
        self, probe: Probe, now_s: float, waited: Callable[[], float] = waited_here_s
    ) -> None:
        self._probe = probe
        self._waited_here_s = waited
        self._waited_s = waited()
        self._turns = Turns()
        self.restart(now_s)

    def restart(self, now_s: float) -> None:
        """Begin another stage."""
        self._began_s = self._looked_s = now_s
        self._began = self._turns = self._probe.read()
        self._own_s = self._unanswered_s = 0.0

    def end_turn(self, *, is_answered: bool) -> None:
        """Take off what this thread, on whose answer the child waited, waited for a processor."""
        waited_s = self._waited_here_s()
        if is_answered:
            self._unanswered_s += max(waited_s - self._waited_s, 0.0)
        self._waited_s = waited_s

    def seconds(self, now_s: float) -> float:
        """Return the stage's own seconds up to `now_s`, which never become fewer."""
        if now_s - self._looked_s >= _LOOK_EVERY_S:
            self._looked_s, self._turns = now_s, self._probe.read()
        clock_s = now_s - self._began_s
        own_s = own_seconds(
            clock_s,
            ran_s=self._turns.ran_s - self._began.ran_s,
            waited_s=self._turns.waited_s - self._began.waited_s + self._unanswered_s,
        )
        self._own_s = max(self._own_s, own_s)
        return self._own_s

    def is_stretched(self, now_s: float) -> bool:
        """Return whether the child could run so little that the clock had to count instead."""
        clock_s = now_s - self._began_s
        return clock_s > 0 and self.seconds(now_s) <= clock_s / LONGEST_STRETCH

    def share(self, now_s: float) -> float:
        """Return which part of the clock's seconds is the stage's own, from 1/5 to 1."""
        clock_s = now_s - self._began_s
        return min(self.seconds(now_s) / clock_s, 1.0) if clock_s > 0 else 1.0


def own_seconds(clock_s: float, *, ran_s: float, waited_s: float) -> float:
    """Return what of `clock_s` seconds is a process' own, never less than a fifth of them.

    `ran_s` is how long its threads ran, all together; `waited_s` how long the one that was held
    up most waited for a processor. A process that slept has its sleep counted.

    >>> own_seconds(10.0, ran_s=4.0, waited_s=6.0), own_seconds(10.0, ran_s=20.0, waited_s=30.0)
    (4.0, 10.0)
    """
    lost_s = min(waited_s, max(clock_s - ran_s, 0.0))
    return max(clock_s - lost_s, clock_s / LONGEST_STRETCH)
