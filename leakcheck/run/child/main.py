"""The life of a measured child, from its first line to its last message."""

import ctypes
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from leakcheck.probes import capture, collector, garbage, inventory
from leakcheck.probes.census import Census, describe
from leakcheck.probes.heap import heap_probe
from leakcheck.probes.origins import Origins
from leakcheck.run.child.channel import Channel, ChannelLostError, low_descriptors_taken
from leakcheck.run.child.loading import BadTargetError, ItemEndedError, Loaded, load
from leakcheck.run.child.loop import Loop
from leakcheck.run.child.sampling import Sampler
from leakcheck.run.child.slots import CENSUS, FAILED, FINISHED, HEADER, LOADED, Slot, Stage

EXIT_FAILED = 70
_OUR_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
_PR_SET_PDEATHSIG = 1
_MOST_FRAMES = 30
_MOST_TEXT = 2_000
_MOST_SHOWN = 400


def main(order: str) -> None:
    """Run as the JSON text `order` says, and report to the parent that wrote it."""
    given = json.loads(order)
    _die_with_parent(given["parent"])
    channel = Channel(given["page"], given["up"], given["down"])
    try:
        _run(channel, given)
    except ChannelLostError:
        os._exit(EXIT_FAILED)
    except BaseException as error:  # whatever a workload raises is a finding
        if not channel.is_owner():
            raise
        _report(channel, error)
        sys.exit(EXIT_FAILED)


def _run(channel: Channel, given: dict[str, Any]) -> None:
    sys.argv = [given["target"]]
    allow_descriptors()
    for name in given["unset"]:
        # What the harness needs of the environment is not handed on to the workload's children.
        os.environ.pop(name, None)
    tracker = _tracker(given)
    sampler = Sampler(channel, heap_probe())
    if not given["only_load"]:
        sampler.prove()
    channel.slots[Slot.STAGE] = Stage.LOADING
    # Absolute, so that a workload that changes directory can still import its own modules.
    sys.path[:] = [given["folder"], *(entry for entry in sys.path if entry)]

    def begin(loaded: Loaded) -> None:
        if _tell_options(channel, loaded.options):
            _measure(channel, sampler, tracker, loaded)

    if given["application"] is not None:
        # Only here: a child that serves nothing loads nothing of it.
        from leakcheck.run.child.serving.application import load_application  # noqa: PLC0415

        begin(load_application(given["application"]))
    elif given["item"] is None:
        begin(load(given["target"]))
    else:
        _with_pytest(given["item"], begin, lambda options: _tell_options(channel, options))


def _tell_options(channel: Channel, options: dict[str, Any]) -> bool:
    """Hand on what a workload says of itself, and return whether it is to run."""
    message = json.dumps({"options": options}).encode()
    return channel.ask(HEADER.pack(LOADED, len(message)) + message)


def _with_pytest(
    item: dict[str, Any], begin: Callable[[Loaded], None], refine: Callable[[dict[str, Any]], bool]
) -> None:
    """Run a test of pytest's, where there is a pytest."""
    try:
        from leakcheck.run.child.testing.item import run_item  # noqa: PLC0415 -- only here
    except ModuleNotFoundError as error:
        msg = f"{item['nodeid']}: found no {error.name} in {sys.executable}, wanted it for tests"
        raise BadTargetError(msg) from error
    run_item(item, begin, refine)


def allow_descriptors() -> None:
    """Allow this process as many descriptors as it may have.

    A workload that leaks them should be found out by their trend, before it fails for want of
    more.
    """
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _tracker(given: dict[str, Any]) -> capture.Recording | None:
    if given["capture"] is None:
        return None
    capture.pay_once()
    with low_descriptors_taken():
        return capture.open_tracker(given["capture"], native_stacks=given["native"])


def _measure(
    channel: Channel, sampler: Sampler, tracker: capture.Recording | None, loaded: Loaded
) -> None:
    origins = Origins(channel.slots[Slot.ITERATIONS : Slot.ITERATIONS + 1])
    sampler.on_watch(origins.watch)
    if tracker is not None:
        tracker.__enter__()
    sampler.mark(tracker)
    sampler.note_profiler()
    census = Census()
    channel.inspect = lambda: sampler.aside(lambda: channel.send(CENSUS, describe(census.take)))

    after_set_up: dict[str, inventory.Look] = {}

    def note() -> None:
        after_set_up.update(inventory.look())
        census.begin()

    def finish() -> None:
        last = describe(census.take) if channel.slots[Slot.LAST_CENSUS] else None
        # Before the capture is closed: memray's thread and file are there after set-up too.
        grown, remarks = inventory.grown(after_set_up, inventory.look())
        came_from, failed = origins.told()
        if tracker is not None:
            tracker.__exit__(None, None, None)
        found = _found(sampler, grown, [*remarks, *failed])
        channel.send(FINISHED, {**found, "origins": came_from, "census": last})

    Loop(channel, sampler, before=lambda: collector.settle(note), after=finish).run(loaded)


def _found(
    sampler: Sampler, grown: dict[str, inventory.Groups], remarks: list[str]
) -> dict[str, Any]:
    """Return the last message's content, with what only a forced collection shows."""
    collectable_bytes, freed, remark = garbage.freed_by(sampler.collectable_bytes)
    return {
        "collectable_bytes": collectable_bytes,
        "inventory": {**grown, "cycles": inventory.as_groups(freed)},
        "remarks": [*remarks, *([remark] if remark else [])],
    }


def _die_with_parent(parent: int) -> None:
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(EXIT_FAILED)  # the parent had died before the request was made


def _report(channel: Channel, error: BaseException) -> None:
    stage = Stage(channel.slots[Slot.STAGE])
    told = _told_of_test(error) if isinstance(error, ItemEndedError) else _told(error)
    channel.send(FAILED, {"stage": stage.name, "word": "", **told})


def _told(error: BaseException) -> dict[str, Any]:
    return {
        "bad_target": isinstance(error, BadTargetError),
        "type": type(error).__name__,
        "text": _text(error),
        "place": _last_place(error.__traceback__),
        "traceback": _workload_traceback(error),
    }


def _told_of_test(error: ItemEndedError) -> dict[str, Any]:
    told = _told(error.cause or error)
    sentence = str(error)[:_MOST_TEXT]
    shown = error.shown.splitlines()[:_MOST_SHOWN]
    told["traceback"] = [line[:_MOST_TEXT] for line in shown]
    return {**told, "text": sentence or told["text"], "word": error.word}


def _last_place(trace: TracebackType | None) -> str | None:
    place = None
    for frame in traceback.extract_tb(trace):
        if not _is_ours(frame.filename):
            place = f"{frame.filename}:{frame.lineno} {frame.name}"
    return place


def _workload_traceback(error: BaseException) -> list[str]:
    """Return the traceback without our frames: what is left is the workload's."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not _is_ours(f.filename)]
    if isinstance(error, BadTargetError):
        return []
    lines = traceback.format_list(frames[-_MOST_FRAMES:])
    return [line[:_MOST_TEXT] for line in lines + traceback.format_exception_only(error)[-1:]]


def _text(error: BaseException) -> str:
    try:
        return str(error)[:_MOST_TEXT]
    except Exception:  # noqa: BLE001 -- the workload's own __str__
        return "an exception that cannot be shown"


def _is_ours(filename: str) -> bool:
    return filename.startswith((_OUR_PACKAGE, "<string>", "<frozen"))
