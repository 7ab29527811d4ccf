"""The folder of environments, checkouts and verdicts of steps, for this user alone."""

import fcntl
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.bisecting.programs import Tick
from leakcheck.model.errors import UsageError

_PRIVATE: Final = 0o700
_OTHERS: Final = 0o022
_KEY_LENGTH: Final = 16
_TURN_S: Final = 0.1


def default_cache(variables: Mapping[str, str]) -> Path:
    """Return the folder that is taken where none is named, by the XDG base directories (0.8).

    >>> default_cache({"XDG_CACHE_HOME": "/var/cache"})
    PosixPath('/var/cache/leakcheck/bisect')
    """
    named = variables.get("XDG_CACHE_HOME", "")
    # A relative path there is to be ignored, says the specification.
    home = Path(named) if named.startswith("/") else Path.home() / ".cache"
    return home / "leakcheck" / "bisect"


def digest(*parts: object) -> str:
    """Return a short name that is another for other parts; they are what JSON can hold.

    >>> digest("a", ["b"]) == digest("a", "b")
    False
    """
    text = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]


@dataclass(frozen=True, slots=True)
class Cache:
    """The folder; `prepare` it before anything is kept in it."""

    folder: Path

    def prepare(self) -> None:
        """Make the folder, readable for this user alone.

        Raises:
            UsageError: if it cannot be made, or belongs to others or can be written by them: what
                lies in it is run.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
            found = self.folder.stat()
        except OSError as error:
            msg = f"{self.folder}: cannot be used as a cache ({error.strerror}), wanted a folder"
            raise UsageError(msg) from None
        if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & _OTHERS:
            msg = f"{self.folder}: found a folder that others can write, wanted one of your own"
            raise UsageError(msg)

    def room(self, name: str) -> Path:
        """Return the folder `name` in it, made if it was not there."""
        folder = self.folder / name
        folder.mkdir(mode=_PRIVATE, exist_ok=True)
        return folder

    @contextmanager
    def alone(self, folder: Path, tick: Tick) -> Iterator[None]:
        """Let no other process into the block for the same folder; a lock dies with its process."""
        with folder.with_name(f"{folder.name}.lock").open("a") as lock:
            while not _locked(lock.fileno()):
                tick()
                time.sleep(_TURN_S)
            yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
