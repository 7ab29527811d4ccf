"""Reports in any installed format: found by name, and written whole or not at all."""

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from leakcheck.model.briefing import Briefing
from leakcheck.model.errors import LeakcheckError, UsageError
from leakcheck.record.whole import write_whole

FORMATS: Final = "leakcheck.formats"
"""The entry-point group: a name, and a function from a briefing to the bytes of a file."""
HTML: Final = "html"
_SUFFIXES: Final = {"markdown": "md", "text": "txt"}


def require_format(name: str) -> EntryPoint:
    """Return the format of this name.

    Raises:
        UsageError: if none is installed.
    """
    found = {entry.name: entry for entry in entry_points(group=FORMATS)}
    if name not in found:
        msg = f"--format: found {name!r}, wanted {' or '.join(sorted(found)) or 'one installed'}"
        raise UsageError(msg)
    return found[name]


def file_name(name: str) -> str:
    """Return what a report in this format is called beside its record.

    >>> file_name("html"), file_name("markdown")
    ('report.html', 'report.md')
    """
    return f"report.{_SUFFIXES.get(name, name)}"


def rendered(entry: EntryPoint, briefing: Briefing) -> bytes:
    """Return the content of a report.

    Raises:
        UsageError: if the format needs something that is not installed, or cannot tell this.
    """
    try:
        content: bytes = entry.load()(briefing)
    except (ImportError, ValueError) as error:
        msg = f"--format {entry.name}: {error}"
        raise UsageError(msg) from error
    return content


def write_report(file: Path, content: bytes) -> Path:
    """Return `file`, which holds `content` now.

    Raises:
        LeakcheckError: if it cannot be written; what was there before still is.
    """
    try:
        if file.exists() and not file.is_file():
            file.write_bytes(content)  # a pipe or a device, which nothing can take the place of
        else:
            write_whole(file, content)
    except OSError as error:
        msg = f"{file}: could not be written ({error.strerror})"
        raise LeakcheckError(msg) from error
    return file
