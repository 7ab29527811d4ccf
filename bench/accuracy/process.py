"""A command run to its end, with the CPU of it and of every process that it waited for."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

ROOT: Final = Path(__file__).parents[2]
"""Where commands run: the folder in which `bench` can be imported."""

_TICK_S: Final = 0.02
_KILL_AFTER_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended; `code` is negative for a signal, `timed_out` if it had to be stopped."""

    code: int
    out: str
    wall_s: float
    cpu_s: float
    timed_out: bool


class Running:
    """The commands that are under way, so that all of them can be interrupted."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def run(
        self,
        command: Sequence[str],
        *,
        variables: Mapping[str, str],
        scratch: Path,
        limit_s: float,
    ) -> Ended:
        """Return how `command` ended; what it printed goes through a file in `scratch`."""
        started_s = time.monotonic()
        with (scratch / "output.txt").open("w+b") as output:
            popen = self._start(command, variables, output.fileno())
            try:
                code, cpu_s, timed_out = _wait(popen, started_s + limit_s)
            finally:
                with self._lock:
                    self._running.discard(popen)
            output.seek(0)
            return Ended(
                code=code,
                out=output.read().decode(errors="replace"),
                wall_s=time.monotonic() - started_s,
                cpu_s=cpu_s,
                timed_out=timed_out,
            )

    def interrupt(self) -> None:
        """Interrupt what is under way and refuse to start more."""
        with self._lock:
            self._stopped = True
            for popen in self._running:
                popen.send_signal(signal.SIGINT)

    def _start(
        self, command: Sequence[str], variables: Mapping[str, str], output: int
    ) -> "subprocess.Popen[bytes]":
        with self._lock:
            if self._stopped:
                raise KeyboardInterrupt
            popen = subprocess.Popen(  # noqa: S603 -- commands of our own
                list(command),
                cwd=ROOT,
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to hand on, once
            )
            self._running.add(popen)
            return popen


def _wait(popen: "subprocess.Popen[bytes]", limit_s: float) -> tuple[int, float, bool]:
    """Wait by wait4, the one call that tells the CPU of this process and its descendants."""
    timed_out = killed = False
    while True:
        pid, status, usage = os.wait4(popen.pid, os.WNOHANG)
        if pid:
            popen.returncode = os.waitstatus_to_exitcode(status)
            return popen.returncode, usage.ru_utime + usage.ru_stime, timed_out
        late_s = time.monotonic() - limit_s
        if late_s > 0 and not timed_out:
            timed_out = True
            popen.send_signal(signal.SIGINT)
        if late_s > _KILL_AFTER_S and not killed:
            killed = True
            os.killpg(popen.pid, signal.SIGKILL)
        time.sleep(_TICK_S)
