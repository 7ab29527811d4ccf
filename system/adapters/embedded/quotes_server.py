"""A quote service of the service's own: recorded prices over HTTP, as a process. Run as a file.

Prints the port it listens on, on loopback, and ends when its standard input does: with its parent,
however the parent ended. It needs the standard library only. What it answers depends on the request
alone: each three minutes of the time asked for play the next recorded month.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import threading
import time
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_DATA = Path(__file__).parent / "data" / "monthly_prices.csv"
_SECONDS_PER_MONTH = 180


class Recording:
    """The recorded prices, and the two answers made of them."""

    def __init__(self, path: Path) -> None:
        """Read the recording: a header of symbols, then a date and prices a row."""
        with path.open(newline="") as lines:
            header, *rows = csv.reader(lines)
        self._symbols = header[1:]
        self._dates = [row[0] for row in rows]
        self._prices = [[float(cell) if cell else None for cell in row[1:]] for row in rows]
        by_symbol = dict(zip(self._symbols, zip(*self._prices, strict=True), strict=True))
        self.history = json.dumps({"dates": self._dates, "prices": by_symbol}).encode()

    def quotes(self, at_seconds: int) -> bytes:
        """Return the quotes of that time: the month it plays, and the one before."""
        month = at_seconds // _SECONDS_PER_MONTH % len(self._dates)
        rows = zip(self._symbols, self._prices[month], self._prices[month - 1], strict=True)
        return json.dumps({"as_of": self._dates[month], "quotes": list(rows)}).encode()


class Handler(BaseHTTPRequestHandler):
    """``GET /quotes``, of the time in ``Accept-Datetime`` or now, and ``GET /history``."""

    protocol_version = "HTTP/1.1"
    wbufsize = (
        -1
    )  # head and body leave in one segment: two would wait for each other's acknowledgement
    disable_nagle_algorithm = True
    recording: Recording

    def do_GET(self) -> None:
        """Answer with JSON, or with 404."""
        if self.path == "/history":
            self._answer(200, self.recording.history)
        elif self.path == "/quotes":
            self._answer(200, self.recording.quotes(self._seconds_asked_for()))
        else:
            self._answer(404, b"{}")

    def _seconds_asked_for(self) -> int:
        asked = self.headers["Accept-Datetime"]
        return int(parsedate_to_datetime(asked).timestamp() if asked else time.time())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's own name
        """Write no access log: nobody reads this process's output."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until standard input ends."""
    Handler.recording = Recording(_DATA)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
