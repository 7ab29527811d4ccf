"""Writing a text that was asked for."""

from pathlib import Path

from leakcheck.model.errors import LeakcheckError


def write_text(file: Path, text: str) -> None:
    """Write a file whose folder is there.

    Raises:
        LeakcheckError: if it cannot be written.
    """
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"{error.filename}: could not be written ({error.strerror})"
        raise LeakcheckError(msg) from error
