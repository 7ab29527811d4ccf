"""Files written whole or not at all, and read likewise."""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from leakcheck.model.errors import RecordError


def write_whole(file: Path, content: bytes) -> None:
    """Write `content` beside `file`, onto the disk, and only then in its place.

    Raises:
        OSError: if it cannot be written; what was there before still is.
    """
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        with beside.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    with _opened(file.parent) as folder:
        os.fsync(folder)


def read_whole(file: Path, most_bytes: int, *, wanted: str) -> bytes:
    """Return what is in `file`, which is `wanted` of it.

    Raises:
        OSError: if it cannot be read.
        RecordError: if it is no regular file, or a larger one.
    """
    found = file.stat()
    if not stat.S_ISREG(found.st_mode):
        msg = f"found no regular file, wanted {wanted}"
        raise RecordError(msg)
    if found.st_size > most_bytes:
        msg = f"found {found.st_size} bytes, wanted {most_bytes} at most"
        raise RecordError(msg)
    return file.read_bytes()


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
