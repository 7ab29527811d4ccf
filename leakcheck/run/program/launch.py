"""Launching a program: an order goes in, an outcome comes out, and nothing is left running."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from leakcheck.model.errors import UsageError
from leakcheck.model.plan import Plan
from leakcheck.probes.outside import descendants
from leakcheck.run.outcome import Observer, Outcome
from leakcheck.run.program.adoption import adopting
from leakcheck.run.program.order import Line, Order
from leakcheck.run.program.process import ProgramProcess
from leakcheck.run.program.readiness import require_free
from leakcheck.run.program.supervise import ProgramSupervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramLaunch:
    """How the program of one command is launched, from which environment.

    `interrupted` may be set from another thread at any time.
    """

    variables: Mapping[str, str]
    observe: Observer
    interrupted: threading.Event

    def run(self, plan: Plan, order: Order) -> Outcome:
        """Return the outcome of a run, once the program and all that it started have ended.

        Raises:
            UsageError: if the program cannot be started, or its port is taken.
        """
        _require_linux()
        require_free(order.trigger)
        others = descendants(os.getpid())
        with adopting():
            process = ProgramProcess(
                order.words,
                self.variables,
                others=others,
                is_spoken_to=isinstance(order.trigger, Line),
            )
            try:
                return ProgramSupervisor(
                    plan, order, process, observe=self.observe, interrupted=self.interrupted
                ).run()
            finally:
                process.end()


def _require_linux() -> None:
    if not os.path.exists("/proc/self/task"):  # noqa: PTH110 -- as in probes/outside.py
        msg = "exec: found no /proc on this system, wanted Linux: a program is seen through it"
        raise UsageError(msg)
