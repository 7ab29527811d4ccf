"""The journal of a matrix: which cells have a verdict already, on disk after each of them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Final

from leakcheck.matrix.cells import Matrix
from leakcheck.matrix.entry import Entry, read_entry
from leakcheck.model.errors import LeakcheckError, RecordError, UsageError
from leakcheck.record.fields import Field
from leakcheck.record.whole import read_whole, write_whole

FILE_NAME: Final = "matrix.json"
_LOCK_NAME: Final = ".matrix.lock"
_SCHEMA_VERSION: Final = 1
_LARGEST_BYTES: Final = 512 << 20


class Journal:
    """What is known of the cells of a matrix in the folder `out`, by their keys.

    It keeps what it has of cells that are no longer in the matrix: they may come back.
    """

    def __init__(self, out: Path, entries: Mapping[str, Entry] | None = None) -> None:
        self._file = out / FILE_NAME
        self.entries: dict[str, Entry] = dict(entries or {})

    def add(self, key: str, entry: Entry) -> None:
        """Write down what became of a cell; it stays through crash and power cut.

        Raises:
            LeakcheckError: if it cannot be written.
        """
        self.entries[key] = entry
        document = {
            "schema_version": _SCHEMA_VERSION,
            "cells": {key: entry.document() for key, entry in self.entries.items()},
        }
        try:
            write_whole(self._file, json.dumps(document, allow_nan=False).encode("ascii"))
        except OSError as error:
            msg = f"{self._file}: cannot be written ({error.strerror})"
            raise LeakcheckError(msg) from error

    def others(self, matrix: Matrix) -> int:
        """Return how many cells are known that are not of `matrix`."""
        return len(self.entries.keys() - {cell.key for cell in matrix.cells})


def read_journal(out: Path) -> Journal:
    """Return the journal in the folder `out`, an empty one where there is none.

    Raises:
        UsageError: if it cannot be read, or is damaged.
    """
    file = out / FILE_NAME
    try:
        text = read_whole(file, _LARGEST_BYTES, wanted="the journal of a matrix")
        return Journal(out, _entries(text))
    except FileNotFoundError:
        return Journal(out)
    except (OSError, RecordError) as error:
        msg = f"{file}: {error}; take it away, and every cell is run again"
        raise UsageError(msg) from error


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Have the journal in `out` to oneself.

    Raises:
        UsageError: if another process has it.
    """
    with (out / _LOCK_NAME).open("w", encoding="ascii") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except OSError as error:
            msg = f"{out}: found another matrix under way there, wanted an --out of its own"
            raise UsageError(msg) from error
        yield


def _entries(text: bytes) -> dict[str, Entry]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        msg = "found text that is no JSON"
        raise RecordError(msg) from None
    members = Field("journal", document).members("schema_version", "cells")
    if members["schema_version"].value != _SCHEMA_VERSION:
        members["schema_version"].refuse(f"{_SCHEMA_VERSION}: another leakcheck wrote it")
    return {key: read_entry(field) for key, field in members["cells"].members().items()}
