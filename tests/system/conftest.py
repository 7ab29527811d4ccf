"""Real servers for the tests that need them: private ones, on loopback, gone with the session."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_START_SECONDS = 180.0


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a private Redis."""
    program, port = _binary("redis-server"), _free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        with _process(command, folder=folder, user=None):
            _wait_for_port(port)
            yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a private PostgreSQL. It refuses to run as root, so then another user runs it."""
    initdb, postgres, port = _binary("initdb"), _binary("postgres"), _free_port()
    user = _unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        if user is not None:
            shutil.chown(folder, user)
        data = str(Path(folder) / "data")
        make = [initdb, "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(make, check=True, capture_output=True, cwd=folder, user=user)
        serve = [postgres, "-D", data, "-F", "-h", "127.0.0.1", "-p", str(port), "-k", folder]
        with _process(serve, folder=folder, user=user):
            _wait_for_postgres(port, user)
            yield f"postgresql://tester@127.0.0.1:{port}/postgres"


def _binary(name: str) -> str:
    """The server's program, wherever Debian keeps it; without it the test cannot run."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, versions)])
    found = shutil.which(name, path=path)
    if found is None:
        msg = f"{name} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{msg}, and CI tests with real servers")
        pytest.skip(msg)
    return found


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _process(command: list[str], *, folder: str, user: str | None) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, user=user, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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
    ask = [_binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + _START_SECONDS
    while subprocess.run(ask, check=False, user=user).returncode != 0:
        if time.monotonic() > deadline:
            msg = f"PostgreSQL on port {port}: not ready after {_START_SECONDS:.0f} s"
            raise TimeoutError(msg)
        time.sleep(0.1)
