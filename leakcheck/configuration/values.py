"""Values of options: sizes, and files and folders that can be used."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any, Final

from leakcheck.configuration.table import Configuration
from leakcheck.model.errors import UsageError
from leakcheck.model.units import parse_size

DEFAULT_OUT: Final = Path(".leakcheck")


def size_of(values: dict[str, Any], name: str, origin: str) -> float | None:
    """Return the size in bytes that `values` give under `name`, None if they give none.

    Raises:
        UsageError: if it is no size; `origin` says who gave it.
    """
    if name not in values:
        return None
    try:
        return parse_size(str(values[name]))
    except UsageError as error:
        msg = f"{origin}{name}: {error}"
        raise UsageError(msg) from error


def out_of(given: str | None, configuration: Configuration) -> Path:
    """Return the folder of run records: as given, else as configured, else ``.leakcheck``.

    Raises:
        UsageError: if a configured one is, or lies below, something that is no folder.
    """
    if given is not None:
        return Path(given)
    configured = configuration.values.get("out")
    if configured is None:
        return DEFAULT_OUT
    folder: Path = configuration.folder / configured
    if not _may_be_folder(folder):
        msg = f"{configuration.given('out')}: found a file in its way, wanted a folder"
        raise UsageError(msg)
    return folder


def interpreter_named(name: str, base: Path) -> Path:
    """Return the interpreter `name`: looked for on PATH, or a path as seen from `base`.

    Raises:
        UsageError: if nothing on PATH has that name.
    """
    found = program(name, base)
    if found is None:
        msg = f"--python: found no {name!r} on PATH, wanted an interpreter"
        raise UsageError(msg)
    return found


def program(name: str, base: Path) -> Path | None:
    """Return the program `name`: looked for on PATH, or a path as seen from `base`."""
    found = shutil.which(name) if os.sep not in name else str(base / name)
    # Made absolute and not resolved: the link in a virtual environment is what makes it one.
    return Path(os.path.abspath(found)) if found is not None else None  # noqa: PTH100


def writable(option: str, file: Path, *, given: str | None = None) -> Path:
    """Return `file`, once it is known that it can be written.

    Raises:
        UsageError: if it cannot; `given` says who gave it, or else `option` what it was given for.
    """
    origin = given or f"{'-' if len(option) == 1 else '--'}{option}"
    try:
        _try_to_write(file)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        msg = f"{origin}: {file} cannot be written ({why}), wanted a file in a folder that is there"
        raise UsageError(msg) from error
    return file


def _may_be_folder(path: Path) -> bool:
    """Return whether what is there of `path` is folders, so that the rest could be made."""
    nearest = next(one for one in (path, *path.parents) if os.path.lexists(one))
    return nearest.is_dir()


def _try_to_write(file: Path) -> None:
    """Raise the OSError that writing `file` would; what is in it stays."""
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not file.exists():
        file.touch()
        file.unlink()
    elif not os.access(file, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
