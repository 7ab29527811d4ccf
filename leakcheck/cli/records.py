"""Records that the command line names: loaded whole, or refused in one line."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from leakcheck.model.errors import RecordError, UsageError
from leakcheck.model.run_record import RunRecord
from leakcheck.record.store import RecordStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A record, and the folder that its file lies in."""

    record: RunRecord
    folder: Path


def stored(name: str, out: Path) -> Stored:
    """Return the record with this id in `out`, or in this folder or file.

    Raises:
        UsageError: if it is missing, damaged or too new.
    """
    store = RecordStore(out)
    try:
        return Stored(record=store.load(name), folder=store.file_of(name).parent)
    except RecordError as error:
        raise UsageError(str(error)) from error


def all_stored(names: Iterable[str], out: Path) -> list[Stored]:
    """Return every record of `names`; see `stored`.

    Raises:
        UsageError: if one cannot be read: then none is of use.
    """
    return [stored(name, out) for name in names]
