"""The process that makes one check for a worker: `python -m leakcheck.elsewhere.helper`.

Its order is a line on standard input; when that ends, since the worker wants no more or is dead,
so does the check. On standard output it says a line now and then, and at last how many bytes of a
parcel follow. A process of its own: it has the order's folder and environment, and what a worker
does besides is not in its way.
"""

import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Final

from leakcheck._version import __version__
from leakcheck.check import Checked, Settings, check, load
from leakcheck.elsewhere.order import Order, read_order
from leakcheck.elsewhere.parcel import LARGEST_PAGE_BYTES, PAGES, Parcel, failure, pack
from leakcheck.model.errors import LeakcheckError
from leakcheck.record.store import FILE_NAME
from leakcheck.run.interpreter import own_interpreter
from leakcheck.run.outcome import Progress

_SAY_EVERY_S: Final = 1.0


def main() -> None:
    """Make the check that is ordered on standard input."""
    order = read_order(sys.stdin.buffer.readline())
    unwanted = threading.Event()
    threading.Thread(target=_await_end, args=(sys.stdin.buffer, unwanted), daemon=True).start()
    say = _Teller(sys.stdout.buffer)
    content = pack(made(order, unwanted, say))
    say.line({"parcel": len(content)})
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def made(order: Order, unwanted: threading.Event, say: "_Teller") -> Parcel:
    """Return what became of an order: a record, or the error that there was instead."""
    with tempfile.TemporaryDirectory(prefix="leakcheck-") as out:
        settings = Settings(
            out=Path(out),
            python=Path(order.python) if order.python else own_interpreter(),
            configured=order.configured,
            commanded=order.commanded,
        )
        try:
            _require_version(order)
            if order.only_load:
                load(order.target, settings, unwanted)
                return Parcel()
            found = check([order.target], settings, observe=say.progress, interrupted=unwanted)
        except (LeakcheckError, OSError) as error:
            return failure(error)
        return _parcel(found[0]) if found else Parcel()


def _parcel(checked: Checked) -> Parcel:
    pages = (checked.folder / name for name in PAGES)
    return Parcel(
        record=(checked.folder / FILE_NAME).read_bytes(),
        pages={
            page.name: page.read_bytes()
            for page in pages
            if page.is_file() and page.stat().st_size <= LARGEST_PAGE_BYTES
        },
        traceback=checked.traceback,
        output_tail=checked.output_tail,
    )


def _require_version(order: Order) -> None:
    if order.version != __version__:
        msg = f"--cluster: found leakcheck {__version__} on a worker, wanted {order.version}"
        raise LeakcheckError(msg)


def _await_end(stream: IO[bytes], unwanted: threading.Event) -> None:
    while stream.read(1):
        pass
    unwanted.set()


class _Teller:
    """Says how a check stands, a line a second at most."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._said_s = 0.0

    def progress(self, progress: Progress) -> None:
        now_s = time.monotonic()
        if now_s - self._said_s >= _SAY_EVERY_S:
            self._said_s = now_s
            self.line(
                {
                    "phase": progress.phase,
                    "part": progress.part,
                    "iterations": progress.iterations,
                    "most_iterations": progress.most_iterations,
                    "elapsed_s": progress.elapsed_s,
                    "time_limit_s": progress.time_limit_s,
                    "rss_bytes": progress.rss_bytes[-1] if progress.rss_bytes else 0,
                }
            )

    def line(self, members: dict[str, object]) -> None:
        self._stream.write(json.dumps(members).encode("ascii") + b"\n")
        self._stream.flush()


if __name__ == "__main__":
    main()
