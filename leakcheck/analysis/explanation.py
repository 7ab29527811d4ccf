"""The explanation of a leak, from what was recorded of its run."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.attribution import growth_besides
from leakcheck.analysis.causes import causes, heap_bytes, ranked
from leakcheck.analysis.native_paths import with_native_paths
from leakcheck.analysis.next_steps import line_of_program, next_steps
from leakcheck.analysis.opened import unseen_share, with_openings
from leakcheck.analysis.outlook import outlook
from leakcheck.analysis.places import shown_text
from leakcheck.analysis.repeat import repeat_command
from leakcheck.analysis.what import what_grows
from leakcheck.model.explanation import Cause, Explanation
from leakcheck.model.measurement import Measurement
from leakcheck.model.native import NativeGrowth
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import BYTE_SIGNALS, Signal
from leakcheck.model.verdict import Diagnosis, Growth, Judgement, Verdict

_UNSEEN: Final = (
    "no growing call site: what grows was not allocated through anything that memray sees "
    "(malloc reached by dlsym or ctypes, a C library's own allocator, a kernel object)"
)
_UNREPORTED: Final = "opened where Python does not report it: os.pipe, os.dup, or a C library"
_FEW: Final = 0.05
_EVEN: Final = 0.01
_REPEATED: Final = (Verdict.LEAK, Verdict.INCONCLUSIVE)


def explain(
    measurement: Measurement,
    judgement: Judgement,
    *,
    limit_bytes: float | None = None,
    iterations_per_second: float | None = None,
) -> Explanation:
    """Return what is known of a leak; an empty explanation for any other verdict.

    It reads what was recorded and changes no verdict. `limit_bytes` is the process's limit,
    `iterations_per_second` a pace other than the measured one.

    >>> from leakcheck.model.measurement import Ending
    >>> nothing = Measurement(series={}, iterations=0, ending=Ending.ITERATIONS)
    >>> explain(nothing, Judgement(verdict=Verdict.CLEAN, reason="")) == Explanation()
    True
    """
    if judgement.verdict is not Verdict.LEAK:
        return Explanation()
    found = _lines(measurement, judgement)
    no_line = "" if found else _why_no_line(measurement, judgement)
    share, spread, rest = _shares(measurement, judgement)
    return Explanation(
        causes=found,
        share=share,
        spread_bytes=spread,
        unattributed_bytes=rest,
        growing=(
            *what_grows(measurement, judgement),
            *(() if _UNREPORTED in no_line else _unreported(measurement, judgement)),
            *_not_searched(measurement),
        ),
        no_line=no_line,
        no_native=_why_no_native(measurement.native, found),
        outlook=outlook(
            measurement,
            _paid(judgement),
            limit_bytes=limit_bytes,
            iterations_per_second=iterations_per_second,
        ),
        next_steps=(
            *next_steps(judgement, found, measurement.native),
            *line_of_program(measurement.from_outside),
        ),
    )


def _paid(judgement: Judgement) -> Growth | None:
    """Return what a leak costs of memory: where threads leak, their stacks are in RSS alone."""
    rss, threads = map(judgement.trends.get, (Signal.RSS, Signal.THREADS))
    if judgement.growth is None or rss is None or threads is None:
        return judgement.growth
    both_leak = rss.verdict is threads.verdict is Verdict.LEAK
    is_faster = rss.growth.low > judgement.growth.high
    return rss.growth if both_leak and is_faster else judgement.growth


def explain_record(
    record: RunRecord,
    *,
    limit_bytes: float | None = None,
    iterations_per_second: float | None = None,
    project: PurePath | None = None,
    own_python: PurePath | None = None,
) -> Explanation:
    """Return what is known of a leak, by the limit of the container that it ran in by default.

    Files below `project` are named from there; `own_python` is where workloads run by default.
    Also growth that may yet be a leak comes with the command that measures it again.
    """
    limit = record.machine.container_limit_bytes if limit_bytes is None else limit_bytes
    found = explain(
        record.measurement,
        record.judgement,
        limit_bytes=limit,
        iterations_per_second=iterations_per_second,
    )
    found = replace(
        found,
        causes=tuple(
            replace(cause, descriptors=shown_text(cause.descriptors, project))
            for cause in found.causes
        ),
        growing=tuple(shown_text(line, project) for line in found.growing),
    )
    if record.judgement.verdict not in _REPEATED:
        return found
    repeat = repeat_command(record.plan, project=project, own_python=own_python)
    return replace(found, repeat=repeat)


def _lines(measurement: Measurement, judgement: Judgement) -> tuple[Cause, ...]:
    """Return the lines to look at: those that open descriptors first, where no bytes leak."""
    native = measurement.native
    found = with_native_paths(
        causes(judgement.sites, measurement.sites, measurement.task_origins),
        native.sites if native else (),
    )
    if Diagnosis.DESCRIPTORS not in judgement.diagnosis:
        return found
    lines = with_openings(found, measurement.origins)
    opened = ranked(lines, lambda cause: cause.descriptors_per_iteration)
    kinds = [kind for kind in judgement.diagnosis if kind is not Diagnosis.BACKLOG]
    if kinds[0] is Diagnosis.DESCRIPTORS:
        return opened
    return ranked(opened, lambda cause: cause.growth.estimate)


def _unseen(measurement: Measurement, judgement: Judgement) -> int:
    """Return of how many descriptors that leak nobody knows the line, 0 for a few."""
    origins = measurement.origins
    if origins is None or Diagnosis.DESCRIPTORS not in judgement.diagnosis:
        return 0
    return origins.unseen if unseen_share(origins) > _FEW else 0


def _unreported(measurement: Measurement, judgement: Judgement) -> tuple[str, ...]:
    unseen = _unseen(measurement, judgement)
    return (f"{unseen:,} of the descriptors were {_UNREPORTED}",) if unseen else ()


def _shares(
    measurement: Measurement, judgement: Judgement
) -> tuple[float | None, float | None, float | None]:
    """Return the part of the growth that the sites explain, and what is spread and what is left.

    The last two are in bytes of heap an iteration. What is less than a hundredth of the growth,
    or within its interval, is nothing.
    """
    growth = judgement.growth
    if growth is None or growth.estimate <= 0:
        return None, None, None
    explained = max(heap_bytes(judgement.sites), 0.0)
    rest = growth.estimate - explained
    if explained >= growth.low or rest < _EVEN * growth.estimate:
        return 1.0 if judgement.sites else 0.0, 0.0, 0.0
    table = measurement.sites
    besides = growth_besides(table, judgement.sites) if table else ()
    spread = min(max(heap_bytes(besides), 0.0), rest)
    left = rest - spread
    is_left = explained + spread < growth.low and left >= _EVEN * growth.estimate
    return explained / growth.estimate, spread, left if is_left else 0.0


def _not_searched(measurement: Measurement) -> tuple[str, ...]:
    """Return the sentence that says why holders were not searched for to the end, if there is."""
    census = measurement.census
    return (census.remark,) if census is not None and census.remark else ()


def _why_no_line(measurement: Measurement, judgement: Judgement) -> str:
    if judgement.growth is None and not judgement.sites and not _grows_in_bytes(judgement):
        if _unseen(measurement, judgement):
            return f"no line: what leaks was {_UNREPORTED}"
        return "no call site: what grows is not memory, and nothing records where it is made"
    if measurement.from_outside is not None:
        return "no call sites: the program was seen from outside"
    if measurement.capture_stopped is not None:
        return f"no call sites: memray stopped recording ({measurement.capture_stopped})"
    if measurement.sites is None:
        return "no call sites: memray did not record this run"
    return _UNSEEN


def _why_no_native(native: NativeGrowth | None, found: Sequence[Cause]) -> str:
    """Return why native stacks that were asked for are not there, empty where they are."""
    if native is None or not native.was_tried or any(cause.native for cause in found):
        return ""
    return f"no native stacks: {native.note or 'in the second run other lines grew'}"


def _grows_in_bytes(judgement: Judgement) -> bool:
    return any(
        trend.verdict is Verdict.LEAK
        for signal, trend in judgement.trends.items()
        if signal in BYTE_SIGNALS
    )
