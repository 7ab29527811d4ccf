"""Records on disk: one folder each, written whole or not at all, the oldest let go first."""

import contextlib
import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn

from leakcheck.model.errors import RecordError, UsageError
from leakcheck.model.run_record import RunRecord
from leakcheck.record import codec
from leakcheck.record.ids import is_id, new_id, require_id
from leakcheck.record.whole import read_whole, write_whole

FILE_NAME: Final = "record.json"
LARGEST_RECORD_BYTES: Final = 256 << 20
"""A larger file is not read: no run writes one, and reading it takes ten times as much memory."""
KEPT_BYTES: Final = 1_000_000_000
"""What all records of one folder may take together."""


@dataclass(frozen=True, slots=True)
class RecordStore:
    """The records in the folder `out`, which is made when the first is written."""

    out: Path

    def prepare(self) -> None:
        """Make the folder, if it is not there, and prove that it can be written.

        A folder that is new or empty gets a `.gitignore` of its own, so that git never sees
        what lies in it; one in which something else lives is left as it is.

        Raises:
            UsageError: if `out` is a file, or cannot be made or written.
        """
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            if not any(self.out.iterdir()):
                write_whole(self.out / ".gitignore", b"*\n")
            _probe(self.out)
        except OSError as error:
            msg = f"{self.out}: cannot be used for run records ({_why(error)}), wanted a folder"
            raise UsageError(msg) from None

    def new_id(self, started: datetime, target: str) -> str:
        """Return an id that no record here has, for a run of `target` that began at `started`."""
        while (self.out / (fresh := new_id(started, target))).exists():
            pass
        return fresh

    def folder(self, record_id: str) -> Path:
        """Return the folder of the record `record_id`, made if it was not there.

        Raises:
            RecordError: if `record_id` is no id, or its folder cannot be made.
        """
        folder = self.out / require_id(record_id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _refuse_write(folder, error)
        return folder

    def save(self, record: RunRecord) -> Path:
        """Return the file that now holds `record`, the whole of it, through crash and power cut.

        Raises:
            RecordError: if it cannot be written; what was there before still is.
        """
        content = codec.dumps(record).encode("ascii")
        file = self.folder(record.id) / FILE_NAME
        try:
            write_whole(file, content)
        except OSError as error:
            _refuse_write(file, error)
        return file

    def load(self, record: str | Path) -> RunRecord:
        """Return the record with this id, or in this folder or file.

        Raises:
            RecordError: if there is none, or it cannot be read, or is damaged.
        """
        file = self.file_of(record)
        try:
            loaded = codec.loads(read_whole(file, LARGEST_RECORD_BYTES, wanted="a run record"))
        except RecordError as error:
            msg = f"{file}: {error}"
            raise RecordError(msg) from None
        except OSError as error:
            msg = f"{file}: cannot be read ({_why(error)}), wanted a run record"
            raise RecordError(msg) from None
        return loaded

    def file_of(self, record: str | Path) -> Path:
        """Return the file of a record: of an id in `out`, else of a folder, else the path itself.

        Raises:
            RecordError: if nothing is there.
        """
        paths = [Path(record)]
        if is_id(str(record)):
            paths.insert(0, self.out / record)
        with contextlib.suppress(OSError, ValueError):  # a name too long, or with a zero byte
            for path in paths:
                if path.exists():
                    return path / FILE_NAME if path.is_dir() else path
        msg = f"{str(record)!r}: found no such record in {self.out} and no such path"
        raise RecordError(msg)

    def ids(self) -> tuple[str, ...]:
        """Return the ids of the records here, the oldest first."""
        if not self.out.is_dir():
            return ()
        return tuple(
            sorted(
                path.name
                for path in self.out.iterdir()
                if is_id(path.name) and path.is_dir() and not path.is_symlink()
            )
        )

    def prune(self, *, keep: str, max_bytes: int = KEPT_BYTES) -> tuple[str, ...]:
        """Return the ids of the records removed, so that the others take `max_bytes` at most.

        The oldest go first, and `keep`, the newest, never does.
        """
        sizes = {name: _size(self.out / name) for name in self.ids()}
        excess = sum(sizes.values()) - max_bytes
        removed: list[str] = []
        for name in (name for name in sizes if name != keep):
            if excess <= 0:
                break
            shutil.rmtree(self.out / name, ignore_errors=True)
            removed.append(name)
            excess -= sizes[name]
        return tuple(removed)


def _probe(folder: Path) -> None:
    trial = folder / f".{secrets.token_hex(4)}.tmp"
    trial.touch(exist_ok=False)
    trial.unlink()


def _size(folder: Path) -> int:
    """Return the bytes of the files under `folder`; what vanishes meanwhile counts nothing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(parent) / name).lstat().st_size
    return total


def _refuse_write(path: Path, error: OSError) -> NoReturn:
    msg = f"{path}: the run record cannot be written ({_why(error)})"
    raise RecordError(msg) from None


def _why(error: OSError) -> str:
    return error.strerror or str(error)
