"""The command line as a user meets it, in a folder of its own, and what it leaves behind."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from leakcheck.cli import main
from leakcheck.model.run_record import RunRecord
from leakcheck.record.store import RecordStore

MARK = "LEAKCHECK_TEST"
WORKLOADS = Path(__file__).with_name("workloads.py")
QUICK = ("--profiler", "none", "--exact-iterations", "300")
PATIENT = ("--time-limit", "900")
"""What ends a run here is what the test asks for, and not how busy the machine is."""


def workload(name: str) -> str:
    """Return the target of a workload of this folder's workloads.py."""
    return f"{WORKLOADS}:{name}"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that has ended; `left` are processes of it that are still there."""

    code: int
    out: str
    err: str
    records: list[RunRecord]
    left: list[psutil.Process]
    temporary: list[str]

    @property
    def record(self) -> RunRecord:
        """Return the only record."""
        (record,) = self.records
        return record

    @property
    def complaint(self) -> str:
        """Return the one line that was said of wrong usage."""
        (line,) = [line for line in self.err.splitlines() if line.startswith("leakcheck: ")]
        return line


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A folder to work in, with records under `out`.

    `always` are options that each run begins with; a test's own come later, and win. `command` is
    the one that runs.
    """

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    always: tuple[str, ...] = PATIENT
    command: str = "run"

    @property
    def store(self) -> RecordStore:
        """Return the records that were written here."""
        return RecordStore(self.folder / "records")

    def write(self, name: str, text: str) -> str:
        """Write a file of the user's and return its name."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def start(
        self,
        *arguments: str,
        variables: dict[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> "Running":
        """Start the command here."""
        token = secrets.token_hex(8)
        temporary = self.folder / f"tmp-{token}"
        temporary.mkdir()
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name != "FORCE_COLOR" and not name.startswith("GITHUB_")
        }
        popen = subprocess.Popen(
            [
                *(sys.executable, "-m", "leakcheck", self.command),
                *("--out", "records", *self.always, *arguments),
            ],
            cwd=self.folder,
            env={
                **inherited,
                "TMPDIR": str(temporary),
                MARK: token,
                **self.variables,
                **(variables or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=before,  # noqa: PLW1509 -- no threads here yet
        )
        return Running(desk=self, popen=popen, token=token, temporary=temporary)

    def run(
        self,
        *arguments: str,
        variables: dict[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> Ran:
        """Run the command here to its end, and see that it leaves nothing behind."""
        ran = self.start(*arguments, variables=variables, before=before).end()
        assert "Traceback" not in ran.out + ran.err
        assert ran.left == []
        assert ran.temporary == []
        return ran

    def json(self, name: str = "verdicts.json") -> dict[str, Any]:
        """Return the verdicts that a command wrote here."""
        document: dict[str, Any] = json.loads((self.folder / name).read_bytes())
        return document


@dataclass(frozen=True, kw_only=True)
class Here:
    """The command line inside this process, which is quick: for what it refuses."""

    desk: Desk
    capture: pytest.CaptureFixture[str]

    def refused(self, *arguments: str) -> str:
        """Return the one line with which `leakcheck run` refuses, with exit code 2."""
        before = set(psutil.Process().children())  # servers of other tests may be among them
        code = main(["run", "--out", "records", *arguments])
        said = self.capture.readouterr()
        assert code == 2
        assert said.out == ""
        assert set(psutil.Process().children()) <= before
        (line,) = said.err.splitlines()
        return line


@dataclass(frozen=True, kw_only=True)
class Running:
    """A command under way."""

    desk: Desk
    popen: "subprocess.Popen[bytes]"
    token: str
    temporary: Path

    def processes(self) -> list[psutil.Process]:
        """Return the processes that this command started, whoever their parent is by now."""
        return [
            process
            for process in psutil.process_iter()
            if process.pid != self.popen.pid and _mark_of(process) == self.token
        ]

    def end(self, seconds: float = 900) -> Ran:
        """Wait for the end of the command; the time is for a machine that is slow and busy."""
        out, err = self.popen.communicate(timeout=seconds)
        store = self.desk.store
        return Ran(
            code=self.popen.returncode,
            out=out.decode(errors="surrogateescape"),
            err=err.decode(errors="surrogateescape"),
            records=[store.load(name) for name in store.ids()],
            left=self.processes(),
            temporary=sorted(path.name for path in self.temporary.iterdir()),
        )


def _mark_of(process: psutil.Process) -> str | None:
    with suppress(psutil.Error, OSError):
        return process.environ().get(MARK)
    return None


def samples_of(record: RunRecord, signals: Sequence[str] = ("heap", "rss")) -> int:
    """Return how many samples a record holds of each of `signals`: the same number of all."""
    series = {str(signal): len(one) for signal, one in record.measurement.series.items()}
    (number,) = {series[signal] for signal in signals}
    return number
