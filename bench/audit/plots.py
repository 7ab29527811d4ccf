"""The plots of the audit, as SVG."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.audit.claims import SERVICE, change_effects
from bench.audit.plan import ACTS_ON, FIRST, OPTIMIZED, RELEASES
from bench.audit.results import Bare, Results
from bench.audit.rules import AFTER_MB, BEFORE_MB, COLLECTION_S, MARGIN_BYTES
from bench.audit.thirty_days import extrapolated_bytes
from system.memory.policy import Step

__all__ = ["draw_all"]

_COLOURS: Final = {"1.0.0": "#c0504d", "1.1.0": "#2b6ca3", "current": "#4c9f70"}
_SETTINGS: Final[Any] = {
    "svg.hashsalt": "audit",  # the same figures give the same file
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_MB: Final = 1e6
_DAYS: Final = 30


def draw_all(results: Results, folder: Path) -> list[Path]:
    """Return the files that were drawn, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = {"changes": _changes, "days": _days, "collections": _collections}
    with mpl.rc_context(_SETTINGS):
        return [_save(draw(results), folder / f"{name}.svg") for name, draw in figures.items()]


def _save(figure: Figure, file: Path) -> Path:
    figure.savefig(file, metadata={"Date": None}, bbox_inches="tight")
    # Lines end as an editor would leave them: matplotlib leaves blanks there.
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("".join(f"{line.rstrip()}\n" for line in lines), encoding="utf-8")
    return file


def _changes(results: Results) -> Figure:
    """Return the effect of each change on growth, on alone and off alone, with intervals."""
    figure = Figure(figsize=(7, 3.6))
    axes = figure.add_subplot()
    steps = list(Step)[::-1]
    for base, name, shift in ((FIRST, "on alone", 0.12), (OPTIMIZED, "off alone", -0.12)):
        for place, step in enumerate(steps):
            effect = change_effects(results, step).get((ACTS_ON[step][0], base))
            if effect is None:
                continue
            reach = [[effect.estimate - effect.low], [effect.high - effect.estimate]]
            axes.errorbar(
                [effect.estimate],
                [place + shift],
                xerr=reach,
                fmt="o" if base == FIRST else "s",
                markersize=4,
                color=_COLOURS[str(base)],
                label=name if place == 0 else None,
            )
    axes.axvspan(-MARGIN_BYTES, MARGIN_BYTES, color="#efefef")
    axes.set_xscale("symlog", linthresh=10 * MARGIN_BYTES)
    axes.set_yticks(range(len(steps)), [str(step) for step in steps])
    axes.set(xlabel="bytes of heap an iteration, beside the same without the change")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0.0, 1.12), ncols=2)
    return figure


def _days(results: Results) -> Figure:
    """Return the size over thirty days, and over the first as the notes have it."""
    figure = Figure(figsize=(9, 3.6))
    whole, first = figure.subplots(1, 2)
    for variant in RELEASES:
        day = results.day(variant)
        if day is not None:
            _course(whole, day, str(variant))
            _course(first, day, str(variant), days=1)
    _claimed(first, BEFORE_MB, "1.0.0")
    _claimed(first, AFTER_MB, "1.1.0")
    whole.set(xlabel="simulated days", ylabel="resident memory, MB", yscale="log")
    first.set(xlabel="hours of the first day; dotted: as the notes claim", ylabel="MB")
    if results.days:
        whole.legend(frameon=False)
    return figure


def _course(axes: Axes, day: Bare, name: str, days: int = _DAYS) -> None:
    unit = 24 if days > 1 else 1
    sizes = [size / _MB for size in (day.start_rss_bytes, *day.rss_bytes)][: days * 24 + 1]
    hours = [hour / unit for hour in range(len(sizes))]
    axes.plot(hours, sizes, color=_COLOURS[name], linewidth=1.2, label=name)
    end, was_run = extrapolated_bytes(day, days * 24)
    if not was_run:
        axes.plot([hours[-1], days * 24 / unit], [sizes[-1], end / _MB], "--", color=_COLOURS[name])


def _claimed(axes: Axes, claimed_mb: Mapping[int, int], name: str) -> None:
    axes.plot(list(claimed_mb), list(claimed_mb.values()), ":o", markersize=3, color=_COLOURS[name])


def _collections(results: Results) -> Figure:
    """Return the time of one collection over the number of objects, and the service's own."""
    figure = Figure(figsize=(5, 3.4))
    axes = figure.add_subplot()
    heaps = [one for one in results.collections if one.where != SERVICE]
    axes.plot(
        [one.objects for one in heaps],
        [min(one.cpu_s) * 1e3 for one in heaps],
        "o-",
        color=_COLOURS["1.1.0"],
        label="lists of one number",
    )
    for one in results.collections:
        if one.where == SERVICE:
            axes.plot(one.objects, min(one.cpu_s) * 1e3, "D", color="#c0504d", label=SERVICE)
    axes.axhspan(*(1e3 * end for end in COLLECTION_S), color="#efefef", label="as the notes claim")
    axes.set(xscale="log", yscale="log", xlabel="objects", ylabel="ms of one gc.collect(), fastest")
    axes.legend(frameon=False)
    return figure
