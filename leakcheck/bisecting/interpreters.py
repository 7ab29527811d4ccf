"""The interpreter that environments are made of, and the memray that they are lent."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakcheck.bisecting.cache import Cache, digest
from leakcheck.bisecting.programs import Tick, ran
from leakcheck.bisecting.steps import UntestableError
from leakcheck.model.errors import UsageError

if TYPE_CHECKING:
    from importlib.metadata import Distribution

_LIMIT_S: Final = 60
_QUESTION: Final = """
import importlib.util, json, os, sys, sysconfig
site = sysconfig.get_path("purelib")
print(json.dumps({
    "base": getattr(sys, "_base_executable", None) or sys.executable,
    "version": sys.version, "abi": sysconfig.get_config_var("EXT_SUFFIX") or "",
    "site": os.stat(site).st_mtime_ns if os.path.isdir(site) else 0,
    "pip": importlib.util.find_spec("pip") is not None}))
"""
_LINK_NAME: Final = "leakcheck_lent.pth"
_END_OF_NAME: Final = frozenset(" ;<>=!~([")
_MOST_LENT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an interpreter says of itself.

    `base` is the one that a virtual environment was made of, `abi` the suffix of its extension
    modules; `site` is when its installed packages changed last, in nanoseconds; `has_pip` whether
    a pip is among them.
    """

    base: Path
    version: str
    abi: str
    site: int
    has_pip: bool


def facts_of(python: Path, variables: Mapping[str, str], tick: Tick) -> Facts:
    """Return what the interpreter at `python` says of itself.

    Raises:
        UsageError: if it does not answer.
    """
    try:
        answer = ran(
            [str(python), "-c", _QUESTION], tick=tick, limit_s=_LIMIT_S, variables=variables
        )
        told = json.loads(answer.out.decode().strip().rpartition("\n")[2])
        return Facts(
            base=Path(told["base"]),
            version=str(told["version"]),
            abi=str(told["abi"]),
            site=int(told["site"]),
            has_pip=bool(told["pip"]),
        )
    except (UntestableError, ValueError, TypeError, KeyError) as error:
        msg = f"{python}: found no interpreter that answers ({error}), wanted a Python"
        raise UsageError(msg) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A folder of links to memray and to what it needs, as they are installed beside leakcheck."""

    folder: Path
    key: str

    def hand_over(self, site_packages: Path) -> None:
        """Put the folder behind all that is installed in an environment.

        Whatever the environment has of its own, a release of rich say, comes first there.
        """
        (site_packages / _LINK_NAME).write_text(f"{self.folder}\n", encoding="utf-8")


def loan_for(facts: Facts, cache: Cache) -> Loan | None:
    """Return the memray that environments of an interpreter can share with us, None if they cannot.

    They can where their extension modules are like ours.
    """
    if facts.abi != _own_abi():
        return None
    links = dict(_links())
    if not links:
        return None
    key = digest("loan", sorted((name, str(path)) for name, path in links.items()))
    folder = cache.room("lent") / key
    folder.mkdir(exist_ok=True)
    for name, path in links.items():
        with suppress(FileExistsError):
            (folder / name).symlink_to(path)
    return Loan(folder=folder, key=key)


def _own_abi() -> str:
    import sysconfig  # noqa: PLC0415 -- slow, and of no use to other commands

    return str(sysconfig.get_config_var("EXT_SUFFIX") or "")


def _links() -> Iterator[tuple[str, Path]]:
    """Yield the folders and modules that memray and what it requires consist of, by their names."""
    from importlib.metadata import (  # noqa: PLC0415 -- of no use to other commands
        PackageNotFoundError,
        distribution,
    )

    wanted, seen = ["memray"], set[str]()
    while wanted and len(seen) < _MOST_LENT:
        name = wanted.pop()
        if name.lower() in seen:
            continue
        seen.add(name.lower())
        with suppress(PackageNotFoundError):
            found = distribution(name)
            wanted += _required(found)
            yield from _parts(found)


def _required(found: "Distribution") -> Iterator[str]:
    for line in found.requires or ():
        requirement, _, condition = line.partition(";")
        if "extra" not in condition:
            end = next((k for k, c in enumerate(requirement) if c in _END_OF_NAME), None)
            yield requirement[:end].strip()


def _parts(found: "Distribution") -> Iterator[tuple[str, Path]]:
    names = {file.parts[0] for file in found.files or () if file.parts}
    for name in sorted(names - {"..", "__pycache__"}):
        path = Path(str(found.locate_file(name)))
        if path.exists() and not name.endswith(".pth"):
            yield name, path


def pip_of(
    facts: Facts, python: Path, variables: Mapping[str, str], tick: Tick
) -> tuple[str, ...] | None:
    """Return the command that is a pip for `python`: its own, or that of its base, if any."""
    if facts.has_pip:
        return str(python), "-m", "pip"
    if facts_of(facts.base, variables, tick).has_pip:
        return str(facts.base), "-m", "pip"
    return None
