"""Environments: one for each set of requirements, made once and kept.

Each holds what was asked for and memray, and nothing of this project.
"""

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.bisecting.cache import Cache, digest
from leakcheck.bisecting.interpreters import Facts, Loan
from leakcheck.bisecting.programs import Tick, last_line, ran
from leakcheck.bisecting.steps import NOT_INSTALLED, UntestableError

MEMRAY: Final = "memray>=1.20"
_FORMAT: Final = 1
_COMPLETE: Final = "leakcheck-complete"
_LIMIT_S: Final = 900
_NO_VERSION_CHECK: Final = "--disable-pip-version-check"
_MOST_LISTED: Final = 10_000
_SAME: Final = re.compile("[-_.]+")
"""What makes no difference between two names of a package (PEP 503)."""
_MODULE: Final = re.compile(r"[^\W\d]\w*(?:\.py)?")
_BESIDES: Final = frozenset({"__pycache__", "bin", "docs", "examples", "test", "tests"})
"""What packages install by mistake, and projects have for themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Where an installer looks, beyond what is configured for it."""

    find_links: tuple[Path, ...] = ()
    no_index: bool = False

    def options(self) -> list[str]:
        """Return the options that pip and uv both take."""
        links = [f"--find-links={folder}" for folder in self.find_links]
        return [*links, *(["--no-index"] if self.no_index else [])]

    def state(self) -> list[object]:
        """Return what is another once one of the folders holds other files."""
        return [self.no_index, *(_listing(folder) for folder in self.find_links)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an environment is to hold.

    `requirements` are installed by name, `files` of requirements are read, and `project`, where
    there is one, is installed so that its own folder is what is imported; `extras` are its own.
    """

    requirements: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    project: Path | None = None
    extras: str = ""

    def options(self) -> list[str]:
        """Return them as pip and uv both take them."""
        files = [f"--requirement={file}" for file in self.files]
        own = [f"--editable={self.project}{self.extras}"] if self.project is not None else []
        return [*files, *own, "--", *self.requirements]

    def state(self) -> list[object]:
        """Return what is another once something else is wanted."""
        read = [hashlib.sha256(file.read_bytes()).hexdigest() for file in self.files]
        return [list(self.requirements), read, str(self.project or ""), self.extras]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environments:
    """Where environments are kept, and of what they are made.

    `loan` is the memray that they share with us; without one it is installed, unless `has_memray`
    says that they need none. `uv` is the program, None where there is none; `pip` a command that
    fills environments of others, without which each gets a pip of its own.
    """

    cache: Cache
    facts: Facts
    index: Index
    variables: Mapping[str, str]
    loan: Loan | None = None
    has_memray: bool = True
    uv: str | None = None
    pip: tuple[str, ...] | None = None

    def key(self, wanted: Wanted) -> str:
        """Return the name of the environment: another for anything else that it is made of."""
        lent = self.loan.key if self.loan is not None else self.has_memray
        made_by = "uv" if self.uv else "pip"
        base = [str(self.facts.base), self.facts.version, self.facts.abi]
        return digest(_FORMAT, base, wanted.state(), self.index.state(), lent, made_by)

    def get(self, wanted: Wanted, tick: Tick) -> Path:
        """Return the interpreter of the environment, which is made at the first call.

        Two processes that ask for the same one at once get the same one; one that was left
        half-made is made anew.

        Raises:
            UntestableError: if it cannot be installed.
        """
        folder = self.cache.room("environments") / self.key(wanted)
        with self.cache.alone(folder, tick):
            if not (folder / _COMPLETE).exists():
                self._make(folder, wanted, tick)
        return folder / "bin" / "python"

    def _make(self, folder: Path, wanted: Wanted, tick: Tick) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        try:
            for command in self._commands(folder, wanted):
                self._do(command, tick)
            if self.loan is not None:
                (site_packages,) = folder.glob("lib/python*/site-packages")
                self.loan.hand_over(site_packages)
            (folder / _COMPLETE).touch()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _do(self, command: list[str], tick: Tick) -> None:
        ended = ran(command, tick=tick, limit_s=_LIMIT_S, variables=self.variables)
        if ended.code != 0:
            msg = f"{NOT_INSTALLED}{last_line(ended.err or ended.out)}"
            raise UntestableError(msg)

    def _commands(self, folder: Path, wanted: Wanted) -> Iterator[list[str]]:
        """Yield what makes the environment and fills it.

        A pip of its own would take longer to put there than all else.
        """
        base, interpreter = str(self.facts.base), str(folder / "bin" / "python")
        if self.uv is not None:
            yield [self.uv, "venv", "--quiet", f"--python={base}", str(folder)]
            install = [self.uv, "pip", "install", "--quiet", f"--python={interpreter}"]
        else:
            own = [] if self.pip is None else ["--without-pip"]
            yield [base, "-m", "venv", *own, str(folder)]
            pip = [interpreter, "-m", "pip"] if self.pip is None else [*self.pip]
            where = [] if self.pip is None else [f"--python={interpreter}"]
            install = [*pip, *where, "install", "--quiet", "--no-input", _NO_VERSION_CHECK]
        more = [MEMRAY] if self.has_memray and self.loan is None else []
        if more or wanted != Wanted():
            yield [*install, *self.index.options(), *wanted.options(), *more]


def _listing(folder: Path) -> list[object]:
    """Return the names, sizes and times of a folder's files."""
    if not folder.is_dir():
        return [str(folder)]
    found = sorted(folder.iterdir())[:_MOST_LISTED]
    facts = [(one.name, one.stat()) for one in found if one.is_file()]
    return [str(folder), [[name, stat.st_size, stat.st_mtime_ns] for name, stat in facts]]


def modules_of(package: str, python: Path) -> list[str]:
    """Return the files and folders beside the others that an installed package is imported from."""
    wanted = _SAME.sub("-", package.lower())
    found: set[str] = set()
    for info in python.parent.parent.glob("lib/python*/site-packages/*.dist-info"):
        if _SAME.sub("-", info.name.partition("-")[0].lower()) == wanted:
            found |= _recorded(info / "RECORD")
    return sorted(found)


def _recorded(file: Path) -> set[str]:
    """Return the first parts of the paths in a list of installed files that can be imported."""
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            names = {line.split(",")[0].split("/")[0].strip('"') for line in lines}
    except OSError:
        return set()
    return {name for name in names - _BESIDES if _MODULE.fullmatch(name)}
