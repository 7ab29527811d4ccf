"""The journal of a watch: each reading a line, in a file that does not grow without end."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from leakcheck.model.errors import RecordError
from leakcheck.watch.journal_lines import HEADER, MOST_LINE_BYTES, is_header, line_of, reading_in
from leakcheck.watch.reading import Reading

MOST_BYTES: Final = 8 << 20
"""Of one file; with the one before it that is ten weeks of a reading each half minute."""
_MOST_TO_READ: Final = 64 << 20


class Journal:
    """A file that readings are appended to; at 8 MiB it becomes FILE.1 and begins anew."""

    def __init__(self, file: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """Append to `file`.

        Raises:
            OSError: if it cannot be written.
        """
        self._file = file
        self._most = most_bytes
        self._open: BinaryIO = _opened(file)

    def write(self, reading: Reading) -> None:
        """Append a reading, through to the operating system.

        Raises:
            OSError: if it cannot be written, as on a full disk; what was there stays whole.
        """
        if self._open.tell() > self._most:
            self._open.close()
            self._file.replace(before(self._file))
            self._open = _opened(self._file)
        self._open.write(f"{line_of(reading)}\n".encode())

    def close(self) -> None:
        """Write no more."""
        self._open.close()


def before(file: Path) -> Path:
    """Return the file that a journal leaves its older half in.

    >>> before(Path("shop.jsonl")).name
    'shop.jsonl.1'
    """
    return file.with_name(f"{file.name}.1")


def history_of(file: Path) -> Iterator[Reading]:
    """Yield the readings of a journal and of its older half, the oldest first; none if new.

    A last line that was cut off, as when the machine stopped, is left out.

    Raises:
        RecordError: if a file is no journal, or damaged.
    """
    for one in (before(file), file):
        if one.exists():
            yield from readings_of(one)


def readings_of(file: Path) -> Iterator[Reading]:
    """Yield the readings of one file, the oldest first.

    Raises:
        RecordError: if it cannot be read, is no journal, or is damaged; with file and line.
    """
    try:
        with file.open("rb") as lines:
            yield from _readings(file, lines)
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}), wanted a journal of leakcheck watch"
        raise RecordError(msg) from error


def _readings(file: Path, lines: BinaryIO) -> Iterator[Reading]:
    last_s, read, number = -1.0, 0, 0
    while line := lines.readline(MOST_LINE_BYTES + 1):
        number, read = number + 1, read + len(line)
        if read > _MOST_TO_READ or len(line) > MOST_LINE_BYTES:
            msg = (
                f"{file}:{number}: found too much, wanted lines of {MOST_LINE_BYTES} bytes at most"
            )
            raise RecordError(msg)
        if not line.endswith(b"\n"):
            return
        try:
            text = line.decode()
            if number == 1:
                _require_header(text)
                continue
            reading = reading_in(text)
        except (RecordError, UnicodeDecodeError) as error:
            msg = f"{file}:{number}: {error}"
            raise RecordError(msg) from error
        if reading.at_s < last_s:
            msg = f"{file}:{number}: found a reading from before the last one, wanted them in order"
            raise RecordError(msg)
        last_s = reading.at_s
        yield reading


def _require_header(line: str) -> None:
    if not is_header(line):
        msg = f"found {line[:40]!r}, wanted {HEADER}: a journal of leakcheck watch"
        raise RecordError(msg)


def _opened(file: Path) -> BinaryIO:
    """Return the file, open at its end, with whole lines only and the header first."""
    stream = file.open("r+b" if file.exists() else "w+b", buffering=0)
    end = _end_of_lines(stream)
    stream.truncate(end)
    stream.seek(end)
    if not end:
        stream.write(f"{HEADER}\n".encode())
    return stream


def _end_of_lines(stream: BinaryIO) -> int:
    """Return where the last whole line ends."""
    size = stream.seek(0, 2)
    begin = max(0, size - MOST_LINE_BYTES)
    stream.seek(begin)
    return begin + stream.read(size - begin).rfind(b"\n") + 1 if size else 0
