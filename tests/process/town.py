"""A real Dask cluster on loopback: one scheduler, and workers that can be killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import distributed
import psutil

_PATIENCE_S = 120


@dataclass(kw_only=True)
class Town:
    """A cluster whose files are in `folder`, which is also where its workers stand."""

    folder: Path
    address: str = ""
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    scheduler: "subprocess.Popen[bytes] | None" = None

    def begin(self) -> None:
        """Start the scheduler and wait until it can be reached."""
        file = self.folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(file))
        self.address = str(json.loads(_awaited(file))["address"])

    def add_worker(self) -> "subprocess.Popen[bytes]":
        """Start one more worker."""
        worker = self._start("worker", self.address, "--nthreads", "1", "--no-nanny")
        self.workers.append(worker)
        return worker

    def end(self) -> None:
        """End all of it."""
        for process in (*self.workers, self.scheduler):
            if process is not None:
                process.kill()
                process.communicate()

    def _start(self, what: str, *arguments: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "dask",
                what,
                "--host",
                "127.0.0.1",
                "--no-dashboard",
                *arguments,
            ],
            cwd=self.folder,
            env={**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60s"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@contextmanager
def town_in(folder: Path, workers: int) -> Iterator[Town]:
    """Have a cluster with so many workers."""
    town = Town(folder=folder)
    try:
        town.begin()
        for _ in range(workers):
            town.add_worker()
        with distributed.Client(  # type: ignore[no-untyped-call]
            town.address, timeout=_PATIENCE_S, set_as_default=False
        ) as client:
            if workers:
                client.wait_for_workers(workers, timeout=_PATIENCE_S)
        yield town
    finally:
        town.end()


def kill_the_worker_of(child_of_helper: Path) -> psutil.Process:
    """Kill the worker whose helper's id a workload writes to that file; return the helper."""
    helper = psutil.Process(int(_awaited(child_of_helper)))
    worker = helper.parent()
    assert worker is not None
    worker.kill()
    return helper


def _awaited(file: Path) -> str:
    deadline_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline_s:
        if file.exists() and (text := file.read_text(encoding="utf-8")):
            return text
        time.sleep(0.05)
    msg = f"{file}: not there after {_PATIENCE_S} s"
    raise AssertionError(msg)
