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
CAPTURE_LIMIT_BYTES: Final = 1 << 30
"""Two thousand iterations of half a megabyte of records each, read back in a minute."""
_READ_LIMIT_S: Final = 300
_COUNT_LIMIT_S: Final = 270
"""The reader's own limit to counting, after which nothing is left to draw the pages in."""
_LEAST_MEMORY: Final = 512 << 20
"""What a reader may have where the workload was allowed to grow by less."""
_SILENT: Final = "the reader ended without a word"
_POLL_S: Final = 0.2
_CLOCK_SLACK_MS: Final = 5
START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from leakcheck.run.child.readout import main; sys.path.pop(0); main()"
)
"""What a reader's interpreter runs; its argument is the folder of the bridge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """What a capture gave: its site table, and in `notes` what is missing, each in a sentence.

    `creators` are the stacks of lines that create tasks, where tasks are of interest; `stopped`
    says why the capture ends before the run does, where it does.
    """

    table: SiteTable | None = None
    creators: tuple[tuple[Frame, ...], ...] = ()
    stopped: str | None = None
    notes: tuple[str, ...] = ()


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
        self._bridge = bridge
        self._process = subprocess.Popen(  # noqa: S603 -- the interpreter that the user named
            [python, "-c", START, bridge],
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
            return Readout(notes=(f"no call sites: {error}",))
        pages = (f"memray's pages: {complaint}",) if complaint else ()
        stopped = _stopped(content, outcome)
        # What was recorded until then would pass for the whole run.
        if stopped:
            return Readout(stopped=stopped, notes=pages)
        return Readout(
            table=_table(content),
            creators=tuple(map(read_stack, content.get("creators", ()))),
            notes=(*_coarse(content), *pages),
        )

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
        wanted = order(capture.path, outcome, table, self._bridge, native=native)
        try:
            why = self._answer(wanted, interrupted)
            if not table.exists():
                raise UnreadError(why or _SILENT)
            return json.loads(table.read_bytes()), why
        except (OSError, ValueError) as error:
            msg = f"{type(error).__name__} in reading the capture"
            raise UnreadError(msg) from None
        finally:
            table.unlink(missing_ok=True)

    def close(self) -> None:
        """End the process, whether it has read anything or not."""
        with self._process:
            self._process.kill()

    def _answer(self, wanted: dict[str, Any], interrupted: threading.Event) -> str:
        """Return what kept the reader from doing all of that, nothing where it did.

        It is killed when it takes too long or is not wanted any more.
        """
        deadline_s = monotonic_s() + _READ_LIMIT_S
        said: str | None = json.dumps(wanted) + "\n"
        while True:
            try:
                errors = self._process.communicate(said, timeout=_POLL_S)[1]
            except subprocess.TimeoutExpired:
                if interrupted.is_set():
                    return self._killed("was interrupted")
                if monotonic_s() > deadline_s:
                    return self._killed(f"took more than {_READ_LIMIT_S} s")
                said = None  # what was said goes on being said
            else:
                return _last_line(errors) if self._process.returncode else ""

    def _killed(self, why: str) -> str:
        self._process.kill()
        self._process.wait()
        return f"reading the capture {why}"


def order(
    capture: Path, outcome: Outcome, table: Path, bridge: Path, *, native: Path | None = None
) -> dict[str, Any]:
    """Return what to tell a reader: to write `table`, and memray's pages beside the capture.

    With `native` it is to tell of native stacks instead, and to draw them there.
    """
    return {
        "capture": str(capture),
        "table": str(table),
        "instants": outcome.instants,
        "hide": str(bridge / "leakcheck"),
        "keep": outcome.plan.keep_capture,
        "most_s": _COUNT_LIMIT_S,
        "most_bytes": max(outcome.plan.memory_limit_bytes, _LEAST_MEMORY),
        "pages": True,
        "native": str(native) if native else None,
        "growth": str(capture.with_name(GROWTH_PAGE)),
        "flamegraph": str(capture.with_name("flamegraph.html")),
        "leaks": str(capture.with_name("leaks.html")),
    }


def _coarse(content: dict[str, Any]) -> tuple[str, ...]:
    one_in = content["one_in"]
    if one_in == 1:
        return ()
    return (f"call sites are counted at one mark in {one_in}: all of them were too much to read",)


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
    return lines[-1][:200] if lines else _SILENT
