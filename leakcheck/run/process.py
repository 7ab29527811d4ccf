"""A child process: starting it, hearing from it, and leaving nothing of it behind."""

import json
import mmap
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from leakcheck.model.errors import WorkloadError
from leakcheck.probes.outside import descendants
from leakcheck.run.child.slots import PAGE_BYTES, SLOT_FORMAT

if TYPE_CHECKING:
    import psutil

_START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from leakcheck.run.child.main import main; sys.path.pop(0); main(sys.argv[2])"
)
_REAP_S: Final = 5.0
_WAIT_S: Final = 0.01


class ChildProcess:
    """One measured child, in a process group of its own.

    `pid` is its process id; `slots` the shared page; `messages` and `output` are the reading
    ends of its pipes, set to non-blocking.
    """

    def __init__(
        self,
        python: Path,
        bridge: Path,
        order: Mapping[str, Any],
        environment: dict[str, str],
        handed_down: Sequence[int] = (),
    ) -> None:
        """Start the child.

        `order` is what it is to do; where the page and the pipes are is added here. It gets the
        descriptors `handed_down` too, under the same numbers.

        Raises:
            WorkloadError: if the interpreter cannot be started.
        """
        with tempfile.NamedTemporaryFile(dir=bridge, prefix="page-", delete=False) as page:
            page.write(bytes(PAGE_BYTES))
            page.flush()
            self._mapping = mmap.mmap(page.fileno(), PAGE_BYTES)
        self.slots = memoryview(self._mapping).cast(SLOT_FORMAT)
        self._page = Path(page.name)
        self._seen: dict[int, psutil.Process] = {}
        self._start([python, "-c", _START, bridge], order, environment, handed_down)

    def _start(
        self,
        command: Sequence[str | Path],
        order: Mapping[str, Any],
        environment: dict[str, str],
        handed_down: Sequence[int],
    ) -> None:
        self.messages, up = os.pipe()
        down, self._words = os.pipe()
        self.output, output = os.pipe()
        ends = {"page": str(self._page), "up": up, "down": down, "parent": os.getpid()}
        text = json.dumps({**order, **ends})
        try:
            self._popen = subprocess.Popen(  # noqa: S603 -- the interpreter that the user named
                [*command, text],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(up, down, *handed_down),
                env=environment,
                cwd=order.get("folder"),
                start_new_session=True,
            )
        except OSError as error:
            self._give_back()
            msg = f"{command[0]}: could not be started ({error.strerror})"
            raise WorkloadError(msg) from error
        finally:
            for end in (up, down, output):
                os.close(end)
        for end in (self.messages, self.output):
            os.set_blocking(end, False)

    @property
    def pid(self) -> int:
        """Return the process id of the child."""
        return self._popen.pid

    def say(self, word: bytes) -> None:
        """Send one word; a child that is gone does not hear it."""
        with suppress(BrokenPipeError):
            os.write(self._words, word)

    def exit_code(self) -> int | None:
        """Return how the child ended (negative: the signal), or None while it runs."""
        if self._popen.returncode is None and hasattr(os, "waitid"):
            # Not reaped before `close`: until then nothing else can be given its id.
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return None
            code = ended.si_status
            return code if ended.si_code == os.CLD_EXITED else -code
        return self._popen.poll()

    def remember(self, pids: frozenset[int]) -> None:
        """Remember descendants, so that `close` finds those that outlive the child."""
        new = pids - self._seen.keys()
        if not new:
            return
        import psutil  # noqa: PLC0415 -- dear to import, and most workloads start no process

        for pid in new:
            with suppress(psutil.NoSuchProcess):
                self._seen[pid] = psutil.Process(pid)

    def await_exit_code(self, seconds: float) -> int | None:
        """Return how the child ended, given `seconds` to do so: its memory goes before it does."""
        deadline_s = monotonic_s() + seconds
        while (code := self.exit_code()) is None and monotonic_s() < deadline_s:
            time.sleep(_WAIT_S)
        return code

    def close(self) -> None:
        """End the child and all that it started, and give back the descriptors."""
        self.remember(descendants(self._popen.pid))
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        if self._seen:
            self._end_seen()
        self._popen.wait()
        self._give_back()

    def _end_seen(self) -> None:
        import psutil  # noqa: PLC0415 -- it is imported already

        for process in self._seen.values():
            with suppress(psutil.Error):
                process.kill()
        self._popen.wait()
        psutil.wait_procs(list(self._seen.values()), timeout=_REAP_S)

    def _give_back(self) -> None:
        for end in (self.messages, self.output, self._words):
            os.close(end)
        self.slots.release()
        self._mapping.close()
        self._page.unlink(missing_ok=True)


def monotonic_s() -> float:
    """Return the parent's clock in seconds: the child's may be mocked by its workload."""
    return time.monotonic()


def epoch_ms() -> int:
    """Return the wall clock in milliseconds, as memray's records carry it."""
    return time.time_ns() // 1_000_000
