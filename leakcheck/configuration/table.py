"""The configuration: `[tool.leakcheck]` in the nearest pyproject.toml."""

import difflib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from leakcheck.configuration.ranges import wanted_instead
from leakcheck.model.errors import UsageError

FILE_NAME: Final = "pyproject.toml"

KINDS: Final[dict[str, tuple[type, ...]]] = {
    "iterations": (int,),
    "exact-iterations": (int,),
    "time-limit": (int, float),
    "memory-limit": (str, int),
    "threshold": (str, int, float),
    "count-threshold": (int, float),
    "profiler": (str,),
    "python": (str,),
    "out": (str,),
    "json": (str,),
    "junit": (str,),
    "sarif": (str,),
    "code-quality": (str,),
    "badge": (str,),
    "github": (bool,),
    "plot": (bool,),
    "html": (bool,),
    "jobs": (int,),
    "cluster": (str,),
    "keep-capture": (bool,),
    "native": (bool,),
    "allow-inconclusive": (bool,),
    "warn-only": (bool,),
    "allow": (list,),
}
_NAMES: Final = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list of texts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The keys of the table, checked for kinds and ranges; `folder` is where the file lies."""

    folder: Path
    values: dict[str, Any] = field(default_factory=dict)

    def given(self, key: str) -> str:
        """Return who says what under `key`, as an error begins."""
        return f"{_key(self.folder / FILE_NAME, key)} = {self.values[key]!r}"


def read_configuration(start: Path) -> Configuration:
    """Return the nearest `[tool.leakcheck]`, from `start` upwards; an empty one if there is none.

    Raises:
        UsageError: if the file is no TOML, or a key is unknown, of the wrong kind or out of range.
    """
    for folder in (start, *start.parents):
        file = folder / FILE_NAME
        if file.is_file():
            return Configuration(folder=folder, values=_values(file))
    return Configuration(folder=start)


def _values(file: Path) -> dict[str, Any]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{file}: cannot be read as TOML ({error})"
        raise UsageError(msg) from error
    tool = tables.get("tool", {})
    values = tool.get("leakcheck", {}) if isinstance(tool, dict) else {}
    if not isinstance(values, dict):
        msg = f"{file}: tool.leakcheck = {values!r}, wanted a table: [tool.leakcheck]"
        raise UsageError(msg)
    for key, value in values.items():
        _require_known(file, key)
        _require_kind(file, key, value)
        _require_range(file, key, value)
    return dict(values)


def _require_known(file: Path, key: str) -> None:
    if key not in KINDS:
        near = difflib.get_close_matches(key, KINDS, n=1)
        meant = f" (did you mean {near[0]!r}?)" if near else ""
        msg = (
            f"{file}: [tool.leakcheck] has no key {key!r}{meant}, wanted one of {', '.join(KINDS)}"
        )
        raise UsageError(msg)


def _require_kind(file: Path, key: str, value: object) -> None:
    kinds = KINDS[key]
    if type(value) not in kinds:
        wanted = " or ".join(_NAMES[kind] for kind in kinds)
        msg = f"{_key(file, key)} = {value!r}, wanted {wanted}"
        raise UsageError(msg)


def _require_range(file: Path, key: str, value: object) -> None:
    wanted = wanted_instead(key, value)
    if wanted is not None:
        msg = f"{_key(file, key)} = {value!r}, wanted {wanted}"
        raise UsageError(msg)


def _key(file: Path, key: str) -> str:
    return f"{file}: [tool.leakcheck] {key}"
