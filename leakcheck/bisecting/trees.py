"""Checkouts of single commits, in private clones: the user's own is not touched."""

import os
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.bisecting.cache import Cache, digest
from leakcheck.bisecting.git import Git, clone_command
from leakcheck.bisecting.programs import Tick
from leakcheck.bisecting.steps import Candidate, UntestableError

_COMPLETE: Final = ".complete"
_LARGEST_BYTES: Final = 1 << 20
_BACKENDS: Final = ("project", "build-system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """The checkouts of one repository, whose folder is `top`."""

    cache: Cache
    git: Git
    top: Path

    @contextmanager
    def checked_out(self, commit: Candidate, tick: Tick) -> Iterator[Path]:
        """Yield the folder that a commit is checked out in, to nobody else at the same time.

        Raises:
            UntestableError: if it cannot be checked out.
        """
        folder = self.cache.room("trees") / digest(str(self.top), commit.key)
        with self.cache.alone(folder, tick):
            if not folder.with_name(folder.name + _COMPLETE).exists():
                self._check_out(commit, folder, tick)
            yield folder

    def _check_out(self, commit: Candidate, folder: Path, tick: Tick) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.git.out(*clone_command(self.top, folder), tick=tick)
        clone = Git(folder=folder, variables=self.git.variables)
        clone.out("checkout", "--quiet", "--detach", commit.key, tick=tick)
        folder.with_name(folder.name + _COMPLETE).touch()


def put(content: bytes, file: Path, tree: Path) -> None:
    """Write a file of a checkout anew, wherever links that a commit holds would lead.

    Raises:
        UntestableError: if it would lie outside the checkout, or cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.parent.resolve().is_relative_to(tree.resolve()):
            msg = f"{file.relative_to(tree)} leads out of the commit's own folder"
            raise UntestableError(msg)
        _note(tree).write_text(file.relative_to(tree).as_posix(), encoding="utf-8")
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
    except OSError as error:
        msg = f"{file.name} cannot be put into the commit ({error.strerror})"
        raise UntestableError(msg) from error


def put_back(tree: Path, git: Git, tick: Tick) -> None:
    """Bring back the file that was put into a checkout as the commit has it, if it has one.

    Raises:
        UntestableError: if git does not.
    """
    note = _note(tree)
    if not note.exists():
        return
    name = note.read_text(encoding="utf-8")
    clone = Git(folder=tree, variables=git.variables)
    if clone.ended("cat-file", "-e", f"HEAD:{name}", tick=tick).code == 0:
        clone.out("checkout", "--quiet", "HEAD", "--", name, tick=tick)
    else:
        (tree / name).unlink(missing_ok=True)
    note.unlink()


def _note(tree: Path) -> Path:
    """Return the file that says what was put into a checkout, also after a crash."""
    return tree.with_name(f"{tree.name}.put")


def is_project(tree: Path) -> bool:
    """Return whether an installer can install what lies in a folder."""
    file = tree / "pyproject.toml"
    if (tree / "setup.py").is_file():
        return True
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST_BYTES:
            return False
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True  # the installer says what is wrong with it
    return any(name in tables for name in _BACKENDS)
