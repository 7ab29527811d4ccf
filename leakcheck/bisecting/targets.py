"""The workload as it is named: a module's, or a file's that lies here."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.bisecting.cache import digest
from leakcheck.model.errors import TargetError, UsageError
from leakcheck.run.pytest_item import is_test

_MOST_FILES: Final = 2_000
_LARGEST_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target that was typed: `file` is where its file lies here, None for a module's.

    `rest` is what follows the file's name in it, with its colon or colons.
    """

    text: str
    file: Path | None
    rest: str

    def at(self, file: str) -> str:
        """Return the target of the same name in another file."""
        return f"{file}{self.rest}"

    def state(self) -> str:
        """Return what is another once the file, or a Python file beside it, is another."""
        folder = self.file.parent if self.file is not None else Path.cwd()
        found = sorted(folder.glob("*.py"))[:_MOST_FILES]
        return digest([[one.name, _content(one)] for one in found])


def target_named(text: str, here: Path) -> Target:
    """Return the target that a text names, as seen from `here`.

    Raises:
        UsageError: if it is none.
    """
    place, separator, name = text.partition("::") if is_test(text) else text.rpartition(":")
    if not (place and name) or "\0" in text:
        msg = f"{text!r} is no target: wanted package.module:name or path/to/file.py:name"
        raise TargetError(msg)
    if not place.endswith(".py"):
        return Target(text=text, file=None, rest=f"{separator}{name}")
    # Not resolved: a link may lie beside the modules that it imports.
    file = Path(os.path.abspath(here / place))  # noqa: PTH100
    return Target(text=text, file=file, rest=f"{separator}{name}")


def content_of(target: Target) -> bytes:
    """Return what is in the target's file here.

    Raises:
        UsageError: if there is none, or it cannot be read or is too large.
    """
    try:
        if target.file is None or target.file.stat().st_size > _LARGEST_BYTES:
            msg = f"{target.text}: found no file of 4 MiB at most, wanted path/to/file.py:name"
            raise TargetError(msg)
        return target.file.read_bytes()
    except OSError as error:
        msg = f"{target.file}: found no such file ({error.strerror}), wanted path/to/file.py:name"
        raise UsageError(msg) from error


def _content(file: Path) -> str:
    if file.stat().st_size > _LARGEST_BYTES:
        return str(file.stat().st_mtime_ns)
    return hashlib.sha256(file.read_bytes()).hexdigest()
