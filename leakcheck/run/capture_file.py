"""The capture of a run: where it lies, and reading it back while it is fresh."""

import json
import subprocess
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from leakcheck.model.sites import Frame, SiteSeries, SiteTable
from leakcheck.run.outcome import Outcome
from leakcheck.run.process import monotonic_s

GROWTH_PAGE: Final = "growth.html"
"""What grew, as a page: it is drawn before there is a verdict, and is of no use to a CLEAN one."""
CAPTURE_LIMIT_BYTES: Final = 384 << 20
_READ_LIMIT_S: Final = 300
_POLL_S: Final = 0.2
_CLOCK_SLACK_MS: Final = 5
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from leakcheck.run.child.readout import main; sys.path.pop(0); main()"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """What a capture gave: its site table, or in one sentence why there is none.

    `creators` are the stacks of lines that create tasks, where tasks are of interest; `stopped`
    says why the capture ends before the run does, where it does.
    """

    table: SiteTable | None = None
    creators: tuple[tuple[Frame, ...], ...] = ()
    stopped: str | None = None
    note: str | None = None


class UnreadError(Exception):
    """A capture could not be read back; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFile:
    """The capture of one run, in the folder of its record."""

    path: Path

    def size_bytes(self) -> int:
        """Return how large the capture is by now; 0 before it exists."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0


class CaptureReader:
    """A process of the workload's interpreter that reads one capture back.

    It is started with the run and has imported what it needs by the time that one ends.
    """

    def __init__(self, python: Path, bridge: Path) -> None:
        self._hide = bridge / "leakcheck"
        self._process = subprocess.Popen(  # noqa: S603 -- the interpreter that the user named
            [python, "-c", _START, bridge],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C is the parent's to hear
        )

    def read(self, capture: CaptureFile, outcome: Outcome, interrupted: threading.Event) -> Readout:
        """Return the site table of a finished run, and draw memray's pages beside the capture.

        It never raises for what a capture may hold: a capture that cannot be read, or whose
        reading is `interrupted`, costs the call sites, not the verdict.
        """
        try:
            content, complaint = self.content(capture, outcome, interrupted)
        except UnreadError as error:
            return Readout(note=f"no call sites: {error}")
        note = f"memray's pages: {complaint}" if complaint else None
        stopped = _stopped(content, outcome)
        # What was recorded until then would pass for the whole run.
        if stopped:
            return Readout(stopped=stopped, note=note)
        creators = tuple(map(read_stack, content.get("creators", ())))
        return Readout(table=_table(content), creators=creators, note=note)

    def content(
        self,
        capture: CaptureFile,
        outcome: Outcome,
        interrupted: threading.Event,
        *,
        native: Path | None = None,
    ) -> tuple[dict[str, Any], str]:
        """Return what the process told of a capture, and why it could not draw all its pages.

        With `native` it tells of native stacks, and draws them there.

        Raises:
            UnreadError: if it told nothing.
        """
        if not outcome.instants or not capture.size_bytes():
            msg = "the capture is empty"
            raise UnreadError(msg)
        table = capture.path.with_name("sites.json")
        try:
            errors = self._answer(self._order(capture.path, outcome, table, native), interrupted)
            if not table.exists():
                raise UnreadError(_last_line(errors))
            content = json.loads(table.read_bytes())
        except subprocess.TimeoutExpired:
            why = "was interrupted" if interrupted.is_set() else f"took more than {_READ_LIMIT_S} s"
            msg = f"reading the capture {why}"
            raise UnreadError(msg) from None
        except (OSError, ValueError) as error:
            msg = f"{type(error).__name__} in reading the capture"
            raise UnreadError(msg) from None
        finally:
            table.unlink(missing_ok=True)
        return content, _last_line(errors) if self._process.returncode else ""

    def close(self) -> None:
        """End the process, whether it has read anything or not."""
        with self._process:
            self._process.kill()

    def _order(
        self, capture: Path, outcome: Outcome, table: Path, native: Path | None
    ) -> dict[str, Any]:
        return {
            "capture": str(capture),
            "table": str(table),
            "last_iteration": outcome.instants[-1][1],
            "hide": str(self._hide),
            "pages": True,
            "native": str(native) if native else None,
            "growth": str(capture.with_name(GROWTH_PAGE)),
            "flamegraph": str(capture.with_name("flamegraph.html")),
            "leaks": str(capture.with_name("leaks.html")),
        }

    def _answer(self, order: dict[str, Any], interrupted: threading.Event) -> str:
        """Return what the reader said; it is killed when it takes too long or is not wanted."""
        deadline_s = monotonic_s() + _READ_LIMIT_S
        said: str | None = json.dumps(order) + "\n"
        while True:
            try:
                return self._process.communicate(said, timeout=_POLL_S)[1]
            except subprocess.TimeoutExpired:
                if interrupted.is_set() or monotonic_s() > deadline_s:
                    self._process.kill()
                    raise
                said = None  # what was said goes on being said


def _stopped(content: dict[str, Any], outcome: Outcome) -> str | None:
    """Return why memray's last record is older than the end of the run, where it is."""
    finished_ms = outcome.instants[-1][0]
    if outcome.finished_ms is None or content["end_ms"] >= finished_ms - _CLOCK_SLACK_MS:
        return None
    return "the capture could not grow: a full disk, or a limit on the size of files"


def _table(content: dict[str, Any]) -> SiteTable:
    return SiteTable(
        marks=tuple(content["marks"]),
        sites=tuple(_series(site) for site in content["sites"]),
        remainder=_series(content["remainder"]),
    )


def _series(site: dict[str, Any]) -> SiteSeries:
    return SiteSeries(
        stack=read_stack(site["stack"]),
        allocator=site["allocator"],
        live_bytes=tuple(site["live_bytes"]),
        live_objects=tuple(site["live_objects"]),
    )


def read_stack(frames: Iterable[Mapping[str, Any]]) -> tuple[Frame, ...]:
    """Return the stack that a reader told of."""
    return tuple(Frame(**frame) for frame in frames)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else "the reader ended without a word"
