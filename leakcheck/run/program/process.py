"""A program under way: started, heard, spoken to, and ended with all that it started."""

import errno
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from leakcheck.analysis.masking import masked
from leakcheck.model.errors import UsageError
from leakcheck.model.text import printable
from leakcheck.probes.tree import TreeProbe
from leakcheck.run.process import monotonic_s
from leakcheck.run.program.adoption import reap
from leakcheck.run.program.heard import Heard

_CHUNK: Final = 65_536
_MOST_CHUNKS: Final = 64
_GRACE_S: Final = 2.0
"""How long a program may take to end when it is asked to, before it is killed."""
_KILLED_S: Final = 10.0
_WAIT_S: Final = 0.01
_STDIN: Final = 0


class ProgramProcess:
    """One program, in a session of its own; it is to be `adopting` while it lives.

    `pid` is its first process, `tree` all of them, `heard` what it says. Its environment is
    `variables`, in which Python is told not to hold its output back.
    """

    def __init__(
        self,
        words: tuple[str, ...],
        variables: Mapping[str, str],
        *,
        others: frozenset[int],
        is_spoken_to: bool,
    ) -> None:
        """Start it.

        Raises:
            UsageError: if there is no such program, or it cannot be started.
        """
        self._popen = _started(words, variables, is_spoken_to=is_spoken_to)
        self.pid: Final = self._popen.pid
        self.tree: Final = TreeProbe(self.pid, adopter=os.getpid(), others=others)
        self.heard: Final = Heard()
        self._unsent = bytearray()
        self._open = {1, 2}
        self._selector = selectors.DefaultSelector()
        for stream, file in ((1, self._popen.stdout), (2, self._popen.stderr)):
            if file is not None:
                os.set_blocking(file.fileno(), False)
                self._selector.register(file.fileno(), selectors.EVENT_READ, stream)
        if self._popen.stdin is not None:
            os.set_blocking(self._popen.stdin.fileno(), False)

    @property
    def is_unsent(self) -> bool:
        """Return whether the program has not yet taken all that it was sent."""
        return bool(self._unsent)

    def is_silent(self, streams: Iterable[int]) -> bool:
        """Return whether it has closed all of these streams, or ended: nothing comes on them."""
        return not set(streams) & self._open

    def listen(self, timeout_s: float) -> None:
        """Take in what there is within `timeout_s` seconds, and send on what waits to be sent.

        Raises:
            BrokenPipeError: if it has closed its standard input and something is to be sent.
        """
        for key, _ in self._selector.select(timeout_s):
            if key.data == _STDIN:
                self._send_on()
            elif key.data is not None:
                self._take_in(key.fd, key.data)

    def drain(self) -> None:
        """Take in what it has said by now, however much: up to 4 MiB, and no more."""
        for _ in range(_MOST_CHUNKS):
            before = self.heard.answer_bytes
            self.listen(0)
            if self.heard.answer_bytes == before:
                return

    def send(self, data: bytes) -> None:
        """Send data to its standard input, of which it may take a part only later.

        Raises:
            BrokenPipeError: if it has closed that.
        """
        self._unsent += data
        self._send_on()

    def wake_by(self, descriptor: int) -> None:
        """Have `listen` also end where a descriptor becomes readable."""
        self._selector.register(descriptor, selectors.EVENT_READ)

    def exit_code(self) -> int | None:
        """Return how it ended (negative: the signal), or None while it runs."""
        ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status

    def reap(self) -> None:
        """Let go of what it started, has ended since and lost its parent before."""
        reap(self.tree.members() - {self.pid})

    def end(self) -> None:
        """End it and all that it started: ask first, then kill; give back the descriptors."""
        try:
            self._ask_to_end()
        finally:
            self._kill()
            self._give_back()

    def _send_on(self) -> None:
        if self._popen.stdin is None:
            return
        descriptor = self._popen.stdin.fileno()
        with suppress(BlockingIOError):
            while self._unsent:
                del self._unsent[: os.write(descriptor, self._unsent)]
        is_waiting = descriptor in self._selector.get_map()
        if self._unsent and not is_waiting:
            self._selector.register(descriptor, selectors.EVENT_WRITE, _STDIN)
        if is_waiting and not self._unsent:
            self._selector.unregister(descriptor)

    def _take_in(self, descriptor: int, stream: int) -> None:
        try:
            data = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return
        if data:
            self.heard.add(stream, data)
        else:
            self._selector.unregister(descriptor)
            self._open.discard(stream)

    def _ask_to_end(self) -> None:
        self._unsent.clear()
        if self._popen.stdin is not None:
            with suppress(KeyError):
                self._selector.unregister(self._popen.stdin.fileno())
            self._popen.stdin.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGTERM)
        deadline_s = monotonic_s() + _GRACE_S
        while self.exit_code() is None and monotonic_s() < deadline_s:
            self.listen(_WAIT_S)
        self.listen(0)

    def _kill(self) -> None:
        """Kill all of it, and what appears meanwhile, until nothing is left."""
        deadline_s = monotonic_s() + _KILLED_S
        while True:
            for pid in self.tree.members():
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            self._popen.poll()
            self.reap()
            if not self.tree.members() or monotonic_s() > deadline_s:
                return
            time.sleep(_WAIT_S)

    def _give_back(self) -> None:
        self._selector.close()
        for file in (self._popen.stdout, self._popen.stderr):
            if file is not None:
                file.close()
        self._popen.poll()


def _started(
    words: tuple[str, ...], variables: Mapping[str, str], *, is_spoken_to: bool
) -> "subprocess.Popen[bytes]":
    program = _found(words[0], variables)
    try:
        return subprocess.Popen(  # noqa: S603 -- the program that the user named
            words,
            executable=program,
            stdin=subprocess.PIPE if is_spoken_to else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={"PYTHONUNBUFFERED": "1", **variables},
            start_new_session=True,
        )
    except OSError as error:
        what = "too many or too long arguments" if error.errno == errno.E2BIG else error.strerror
        msg = f"exec: {_shown(words[0])} could not be started ({what}), wanted a program"
        raise UsageError(msg) from None


def _found(word: str, variables: Mapping[str, str]) -> str:
    found = shutil.which(word, path=variables.get("PATH"))
    if found is not None:
        return found
    if "/" not in word:
        msg = f"exec: found no {_shown(word)} on PATH, wanted a command"
    elif not Path(word).exists():
        msg = f"exec: found no file {_shown(word)}, wanted a command"
    elif Path(word).is_dir():
        msg = f"exec: {_shown(word)} is a folder, wanted a command"
    else:
        msg = f"exec: {_shown(word)} may not be executed, wanted a command (chmod +x)"
    raise UsageError(msg)


def _shown(word: str) -> str:
    return repr(printable(*masked([word])))
