"""Programs that make environments and read histories: bounded, and with nothing left of them."""

import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.bisecting.steps import UntestableError
from leakcheck.model.text import printable

Tick = Callable[[], None]
"""Called some times a second while a program runs."""

_TURN_S: Final = 0.25
_CHUNK: Final = 1 << 16
_MOST_OUT_BYTES: Final = 32 << 20
_MOST_ERR_BYTES: Final = 1 << 16
_LONGEST_LINE: Final = 300
_LOGIN: Final = re.compile(r"://[^/\s@]+@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A program that has ended, with what it printed; of its complaints only the last 64 KiB."""

    code: int
    out: bytes
    err: bytes


def ran(
    command: Sequence[str],
    *,
    tick: Tick,
    limit_s: float,
    variables: Mapping[str, str],
    folder: Path | None = None,
) -> Ended:
    """Return what a program came to, which has `limit_s` seconds and no input.

    It runs in a session of its own, all of which is killed when it ends, or when this is left.

    Raises:
        UntestableError: if it cannot be started, takes longer, or prints more than 32 MiB.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 -- our own commands, without a shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=dict(variables),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        msg = f"{command[0]} could not be started ({getattr(error, 'strerror', None) or error})"
        raise UntestableError(msg) from error
    with process:
        try:
            out, err = _heard(process, tick, time.monotonic() + limit_s)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    return Ended(code=process.returncode, out=out, err=err)


def last_line(printed: bytes) -> str:
    r"""Return the last line that was printed: printable, not too long, and without a URL's login.

    >>> last_line(b"WARNING: retrying\nERROR: no such version\n\n")
    'ERROR: no such version'
    """
    lines = [line for line in printed.decode(errors="replace").splitlines() if line.strip()]
    if not lines:
        return "it said nothing"
    # Installers mask passwords, but not all of them do so everywhere.
    return _LOGIN.sub("://***@", printable(lines[-1].strip()))[:_LONGEST_LINE]


def _heard(
    process: "subprocess.Popen[bytes]", tick: Tick, deadline_s: float
) -> tuple[bytes, bytes]:
    """Return what a program printed until it ended; what it left behind may hold its pipes open."""
    out, err = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for stream, heard in ((process.stdout, out), (process.stderr, err)):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, heard)
        while selector.get_map():
            ready = selector.select(_TURN_S)
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK)
                key.data.extend(chunk)
                if not chunk:
                    selector.unregister(key.fileobj)
            del err[:-_MOST_ERR_BYTES]
            _require_bounds(out, deadline_s)
            tick()
            if not ready and _has_ended(process):
                break
    while not _has_ended(process):
        _require_bounds(out, deadline_s)
        time.sleep(_TURN_S / 10)
    return bytes(out), bytes(err)


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Return whether it has; not reaped yet, so that its session still is the one to kill."""
    ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return ended is not None


def _require_bounds(out: bytearray, deadline_s: float) -> None:
    if len(out) > _MOST_OUT_BYTES:
        msg = f"it printed more than {_MOST_OUT_BYTES >> 20} MiB"
        raise UntestableError(msg)
    if time.monotonic() > deadline_s:
        msg = "it took too long"
        raise UntestableError(msg)
