"""What is to be imported, found on the disk and read: all of it, or an error and nothing."""

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from bench.history import benchmark_json, from_record
from bench.history.facts import Commit, HistoryError, Run
from bench.history.from_record import source_of_record
from leakcheck.model.errors import RecordError
from leakcheck.record import store
from leakcheck.record.store import RecordStore
from leakcheck.record.whole import read_whole

LARGEST_FILE_BYTES: Final = 256 << 20
"""A larger file is not read: a million rounds with all their data take less."""

CommitAt = Callable[[datetime], Commit | None]


def runs_in(
    paths: Iterable[Path], commit_at: CommitAt, known: Container[str] = frozenset()
) -> list[Run]:
    """Return the runs in `paths`: benchmark files, run records, and folders of either.

    `commit_at` tells which commit stood at a time, for records. Of a folder of records those
    whose source is `known` are not read again: there may be a gigabyte of them.

    Raises:
        HistoryError: if one of them cannot be read, is neither, or is damaged.
    """
    return [_run(file, commit_at) for path in paths for file in _files(path, known)]


def _files(path: Path, known: Container[str]) -> Iterator[Path]:
    """Yield the files that `path` stands for: itself, a record's, or all in a folder of either."""
    if not path.is_dir():
        yield path
        return
    if (path / store.FILE_NAME).exists():
        yield path / store.FILE_NAME
        return
    records = [path / name / store.FILE_NAME for name in RecordStore(path).ids()]
    found = [*sorted(path.glob("*.json")), *(file for file in records if file.exists())]
    if not found:
        msg = f"{path}: found no benchmark file and no run record in it, wanted one or more"
        raise HistoryError(msg)
    yield from (file for file in found if source_of_record(file.parent.name) not in known)


def _run(file: Path, commit_at: CommitAt) -> Run:
    try:
        if file.name == store.FILE_NAME:
            record = RecordStore(file.parent).load(file)
            return from_record.run_of(record, commit_at(datetime.fromisoformat(record.started_at)))
        return benchmark_json.run_of(
            read_whole(file, LARGEST_FILE_BYTES, wanted="a benchmark file")
        )
    except RecordError as error:
        known = str(error)
        msg = known if known.startswith(str(file)) else f"{file}: {known}"
        raise HistoryError(msg) from None
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror or error}), wanted a benchmark file"
        raise HistoryError(msg) from None
