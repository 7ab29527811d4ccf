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
    """Return the folder of run records: as given, else as configured, else ``.leakcheck``."""
    if given is not None:
        return Path(given)
    configured = configuration.values.get("out")
    return DEFAULT_OUT if configured is None else configuration.folder / configured


def interpreter_named(name: str, base: Path) -> Path:
    """Return the interpreter `name`: looked for on PATH, or a path as seen from `base`.

    Raises:
        UsageError: if nothing on PATH has that name.
    """
    found = shutil.which(name) if os.sep not in name else str(base / name)
    if found is None:
        msg = f"--python: found no {name!r} on PATH, wanted an interpreter"
        raise UsageError(msg)
    # Made absolute and not resolved: the link in a virtual environment is what makes it one.
    return Path(os.path.abspath(found))  # noqa: PTH100


def writable(option: str, file: Path) -> Path:
    """Return `file`, once it is known that it can be written.

    Raises:
        UsageError: if it cannot; `option` says what it was given for.
    """
    try:
        _try_to_write(file)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        msg = (
            f"--{option}: {file} cannot be written ({why}), wanted a file in a folder that is there"
        )
        raise UsageError(msg) from error
    return file


def _try_to_write(file: Path) -> None:
    """Raise the OSError that writing `file` would; what is in it stays."""
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not file.exists():
        file.touch()
        file.unlink()
    elif not os.access(file, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
