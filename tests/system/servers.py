"""Real servers, private ones on loopback, that a test may kill and start again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_START_SECONDS = 180.0


class RealServer:
    """A server that listens on one port whenever it runs."""

    def __init__(
        self,
        command: list[str],
        *,
        url: str,
        folder: str,
        user: str | None,
        ready: Callable[[], None],
    ) -> None:
        self.url = url
        self._command = command
        self._folder = folder
        self._user = user
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            user=self._user,
            stdout=quiet,
            stderr=quiet,
            start_new_session=True,
        )
        self._ready()

    def kill(self) -> None:
        """End it and every process of its own at once, as a machine that goes down does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None


@contextmanager
def running_redis() -> Iterator[RealServer]:
    program, port = binary("redis-server"), free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        server = RealServer(
            command,
            url=f"redis://127.0.0.1:{port}/0",
            folder=folder,
            user=None,
            ready=lambda: _wait_for_port(port),
        )
        yield from _running(server)


@contextmanager
def running_postgres() -> Iterator[RealServer]:
    """It refuses to run as root, so then another user runs it."""
    initdb, postgres, port = binary("initdb"), binary("postgres"), free_port()
    user = _unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        if user is not None:
            shutil.chown(folder, user)
        data = str(Path(folder) / "data")
        make = [initdb, "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(make, check=True, capture_output=True, cwd=folder, user=user)
        server = RealServer(
            [postgres, "-D", data, "-F", "-h", "127.0.0.1", "-p", str(port), "-k", folder],
            url=f"postgresql://tester@127.0.0.1:{port}/postgres",
            folder=folder,
            user=user,
            ready=lambda: _wait_for_postgres(port, user),
        )
        yield from _running(server)


def _running(server: RealServer) -> Iterator[RealServer]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def binary(name: str) -> str:
    """The program, wherever Debian keeps it; without it the test cannot run."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, versions)])
    found = shutil.which(name, path=path)
    if found is None:
        msg = f"{name} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{msg}, and CI tests with it")
        pytest.skip(msg)
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _wait_for_postgres(port: int, user: str | None) -> None:
    """The port opens before the server takes clients: ask the server itself."""
    ask = [binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + _START_SECONDS
    while subprocess.run(ask, check=False, user=user).returncode != 0:
        if time.monotonic() > deadline:
            msg = f"PostgreSQL on port {port}: not ready after {_START_SECONDS:.0f} s"
            raise TimeoutError(msg)
        time.sleep(0.1)
