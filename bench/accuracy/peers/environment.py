"""The environment of the peers: made once, in a folder of the user's cache."""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = (
    "psleak==0.1.6",
    "psutil==7.2.2",
    "pytest==9.2.0",
    "pytest-memray==1.11.0",
    "memray==1.20.0",
    "python-leak-hunter==0.1.1",
    "numpy>=2.2",  # for the case that needs it; not the same release on every Python
)
_DONE: Final = "complete"


class NoEnvironmentError(Exception):
    """The peers could not be installed."""


def cache_folder() -> Path:
    """Return where environments are kept between runs."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "leakcheck-corpus"


def key(requirements: tuple[str, ...], executable: str) -> str:
    """Return the name of the environment with these requirements for this interpreter.

    >>> key(("a==1",), "/bin/python") == key(("a==2",), "/bin/python")
    False
    """
    text = "\n".join([*requirements, executable])
    return "peers-" + hashlib.sha256(text.encode()).hexdigest()[:12]


def peer_python() -> Path:
    """Return the interpreter that has the peers, in an environment made now if there is none.

    Raises:
        NoEnvironmentError: if they cannot be installed.
    """
    folder = _folder()
    python = folder / "bin" / "python"
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        if not (folder / _DONE).exists():
            _run(sys.executable, "-m", "venv", "--clear", str(folder))
            _run(str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS)
            (folder / _DONE).touch()
    return python


def is_installed() -> bool:
    """Return whether `peer_python` would find the peers, and install nothing."""
    return (_folder() / _DONE).exists()


def _folder() -> Path:
    return cache_folder() / key(REQUIREMENTS, os.path.realpath(sys.executable))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command: str) -> None:
    ended = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if ended.returncode:
        msg = f"{' '.join(command)}: exit code {ended.returncode}: {ended.stderr.strip()[-500:]}"
        raise NoEnvironmentError(msg)
