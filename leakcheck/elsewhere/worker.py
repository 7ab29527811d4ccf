"""What a worker of a cluster does for a check: it has a helper make it, one at a time."""

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from leakcheck.elsewhere.order import Order, read_order
from leakcheck.elsewhere.parcel import Parcel, failure, pack
from leakcheck.fanout.cluster import environment_without_nanny, publish
from leakcheck.model.errors import LeakcheckError

_POLL_S: Final = 0.2
_ONE_AT_A_TIME: Final = threading.Lock()
"""Two checks of one worker would share a processor that the scheduler counts as one place."""
_HALTS: Final[dict[str, threading.Event]] = {}


def make(text: bytes) -> bytes:
    """Return the parcel that comes of an order."""
    order = read_order(text)
    with _may_be_halted(order.name) as halted, _turn(halted) as is_mine:
        if not is_mine:
            return pack(Parcel())
        try:
            return _have_made(order, text, halted)
        except OSError as error:
            return pack(failure(error))


def halt(name: str) -> None:
    """Have the order called `name` come to its end, if this worker has it under way."""
    halted = _HALTS.get(name)
    if halted is not None:
        halted.set()


@contextlib.contextmanager
def _may_be_halted(name: str) -> Iterator[threading.Event]:
    halted = _HALTS.setdefault(name, threading.Event())
    try:
        yield halted
    finally:
        _HALTS.pop(name, None)


@contextlib.contextmanager
def _turn(halted: threading.Event) -> Iterator[bool]:
    """Wait until no other check runs here; yield whether that came before the halt."""
    while not _ONE_AT_A_TIME.acquire(timeout=_POLL_S):
        if halted.is_set():
            yield False
            return
    try:
        yield not halted.is_set()
    finally:
        _ONE_AT_A_TIME.release()


def _have_made(order: Order, text: bytes, halted: threading.Event) -> bytes:
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [sys.executable, "-P", "-m", "leakcheck.elsewhere.helper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=order.folder if Path(order.folder).is_dir() else None,
            env={**environment_without_nanny(), **order.variables},
            start_new_session=True,  # a Ctrl-C in the worker's terminal is the worker's
        ) as process,
    ):
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 -- pipes, as asked for
        process.stdin.write(text + b"\n")
        process.stdin.flush()
        ended = threading.Event()
        watch = threading.Thread(target=_pass_on, args=(halted, ended, process.stdin), daemon=True)
        watch.start()
        try:
            content = _hear(order, process.stdout)
        finally:
            ended.set()
            watch.join()
        if content is not None:
            return content
        return pack(failure(LeakcheckError(_last_word(process.wait(), errors))))


def _pass_on(halted: threading.Event, ended: threading.Event, stdin: IO[bytes]) -> None:
    """Close the helper's input when it is halted: that is how it hears of it."""
    while not ended.wait(_POLL_S):
        if halted.is_set():
            stdin.close()
            return


def _hear(order: Order, stdout: IO[bytes]) -> bytes | None:
    """Return the parcel, having passed on what is said before it; None if there is none."""
    for line in stdout:
        said: dict[str, Any] = json.loads(line)
        if "parcel" in said:
            content = stdout.read(said["parcel"])
            return content if len(content) == said["parcel"] else None
        publish(order.topic, {**said, "name": order.name})
    return None


def _last_word(code: int, errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return f"the helper ended with {code}" + (f": {lines[-1][:200]}" if lines else "")
