"""The explanation of a leak, from what was recorded of its run."""

from dataclasses import replace
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.attribution import growth_besides
from leakcheck.analysis.causes import causes, heap_bytes
from leakcheck.analysis.next_steps import next_steps
from leakcheck.analysis.outlook import outlook
from leakcheck.analysis.places import shown_text
from leakcheck.analysis.repeat import repeat_command
from leakcheck.analysis.what import what_grows
from leakcheck.model.explanation import Explanation
from leakcheck.model.measurement import Measurement
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import BYTE_SIGNALS
from leakcheck.model.verdict import Judgement, Verdict

_UNSEEN: Final = (
    "no growing call site: what grows was not allocated through anything that memray sees "
    "(malloc reached by dlsym or ctypes, a C library's own allocator, a kernel object)"
)
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
    found = causes(judgement.sites, measurement.sites, measurement.task_origins)
    share, spread, rest = _shares(measurement, judgement)
    return Explanation(
        causes=found,
        share=share,
        spread_bytes=spread,
        unattributed_bytes=rest,
        growing=what_grows(measurement, judgement),
        no_line="" if found else _why_no_line(measurement, judgement),
        outlook=outlook(
            measurement,
            judgement.growth,
            limit_bytes=limit_bytes,
            iterations_per_second=iterations_per_second,
        ),
        next_steps=next_steps(judgement, found),
    )


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
    found = replace(found, growing=tuple(shown_text(line, project) for line in found.growing))
    if record.judgement.verdict not in _REPEATED:
        return found
    repeat = repeat_command(record.plan, project=project, own_python=own_python)
    return replace(found, repeat=repeat)


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


def _why_no_line(measurement: Measurement, judgement: Judgement) -> str:
    if judgement.growth is None and not judgement.sites and not _grows_in_bytes(judgement):
        return "no call site: what grows is not memory, and nothing records where it is made"
    if measurement.capture_stopped is not None:
        return f"no call sites: memray stopped recording ({measurement.capture_stopped})"
    if measurement.sites is None:
        return "no call sites: memray did not record this run"
    return _UNSEEN


def _grows_in_bytes(judgement: Judgement) -> bool:
    return any(
        trend.verdict is Verdict.LEAK
        for signal, trend in judgement.trends.items()
        if signal in BYTE_SIGNALS
    )
