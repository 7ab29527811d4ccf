"""Asking an application for something, once: it is served as for a run, and nothing is judged."""

import tempfile
from dataclasses import replace
from pathlib import Path

from leakcheck.driving.drive import Drive
from leakcheck.model.errors import WorkloadError
from leakcheck.model.plan import Plan, Profiler
from leakcheck.run.launch import Launch


def answer_of(drive: Drive, launch: Launch, python: Path) -> bytes:
    """Return the body with which the application in `python` answers one request.

    Raises:
        TargetError: if it could not be loaded.
        WorkloadError: if it did not answer, or not as expected.
    """
    plan = Plan(
        target=drive.target, python=python, iterations=1, exact=True, profiler=Profiler.NONE
    )
    body = bytearray()
    asking = replace(launch, drives={drive.target: drive}, bodies=body)
    with tempfile.TemporaryDirectory(prefix="leakcheck-") as folder:
        failure = asking.run(plan, lambda _: plan, Path(folder)).measurement.failure
    if failure is not None:
        msg = f"{drive.target}: {failure}"
        raise WorkloadError(msg)
    return bytes(body)
