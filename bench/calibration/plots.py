"""The plots of a study, as SVG."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.calibration.study import SENSITIVE_THRESHOLD_BYTES, Made, tallies
from bench.calibration.tally import Tally
from leakcheck.model.plan import DEFAULT_THRESHOLD_BYTES
from leakcheck.model.verdict import Verdict

Grid = Mapping[tuple[str, float], Tally]

_COLOURS: Final = {
    Verdict.CLEAN: "#4c9f70",
    Verdict.INCONCLUSIVE: "#e0b040",
    Verdict.LEAK: "#c0504d",
}
_SETTINGS: Final[Any] = {
    "svg.hashsalt": "calibration",  # the same figures give the same file
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_EVIDENCE: Final = ((False, "totals alone"), (True, "totals and call sites"))


def draw_all(made: Sequence[Made], folder: Path) -> list[Path]:
    """Return the files that were drawn of a study, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "verdicts": _verdicts(made),
        "power": _curves(made, "leaks", DEFAULT_THRESHOLD_BYTES),
        "iterations": _lengths(made),
        "sensitivity": _curves(made, "sensitivity", SENSITIVE_THRESHOLD_BYTES),
    }
    return [_save(figure, folder / f"{name}.svg") for name, figure in figures.items()]


def _save(figure: Figure, file: Path) -> Path:
    with mpl.rc_context(_SETTINGS):
        figure.savefig(file, metadata={"Date": None}, bbox_inches="tight")
    # Lines end as an editor would leave them: matplotlib leaves blanks there.
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("".join(f"{line.rstrip()}\n" for line in lines), encoding="utf-8")
    return file


def _verdicts(made: Sequence[Made]) -> Figure:
    """Return the shares of each verdict for every kind of clean process."""
    grid = {**tallies(made, "clean", sites=True), **_renamed(tallies(made, "recorded", sites=True))}
    names = [kind for kind, _ in grid][::-1]
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(7, 0.24 * len(names) + 0.9))
        axes = figure.add_subplot()
        left = [0.0] * len(names)
        for verdict, colour in _COLOURS.items():
            shares = [grid[name, 0.0].share(verdict) for name in names]
            axes.barh(names, shares, left=left, color=colour, label=str(verdict))
            left = [a + b for a, b in zip(left, shares, strict=True)]
        axes.margins(y=0.01)
        axes.set(xlim=(0, 1), xlabel="share of verdicts on clean processes")
        axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=3, frameon=False)
    return figure


def _renamed(grid: Grid) -> dict[tuple[str, float], Tally]:
    return {(f"recorded: {kind}", rate): tally for (kind, rate), tally in grid.items()}


def _curves(made: Sequence[Made], part: str, threshold: float) -> Figure:
    """Return the share of LEAK over the size of the leak, without call sites and with them."""
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(9, 4))
        for place, (sites, title) in enumerate(_EVIDENCE, 1):
            axes = figure.add_subplot(1, 2, place)
            grid = tallies(made, part, sites=sites)
            for number, kind in enumerate(_kinds(grid)):
                rates = [rate for name, rate in grid if name == kind and rate > 0]
                shares = [grid[kind, rate].share(Verdict.LEAK) for rate in rates]
                axes.plot(rates, shares, **_line(number), label=kind)
            axes.axvline(threshold, color="#999999", linestyle=":")
            axes.set_xscale("log", base=2)
            axes.set(title=title, ylim=(-0.02, 1.02), xlabel="leak, bytes an iteration")
            axes.set_ylabel("share of LEAK")
        _legend(figure)
    return figure


def _lengths(made: Sequence[Made]) -> Figure:
    """Return the median number of iterations until LEAK over the size of the leak."""
    grid = tallies(made, "leaks", sites=True)
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(6, 4))
        axes = figure.add_subplot()
        for number, kind in enumerate(_kinds(grid)):
            lengths = {
                r: one.median_iterations(Verdict.LEAK) for (k, r), one in grid.items() if k == kind
            }
            found = {rate: length for rate, length in lengths.items() if length is not None}
            axes.plot(list(found), list(found.values()), **_line(number), label=kind)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log", base=2)
        axes.set(xlabel="leak, bytes an iteration", ylabel="median iterations until LEAK")
        _legend(figure)
    return figure


def _kinds(grid: Grid) -> list[str]:
    return list(dict.fromkeys(kind for kind, _ in grid))


def _line(number: int) -> dict[str, Any]:
    return {
        "color": f"C{number % 10}",
        "marker": "osv^Dxp*+<>h"[number % 12],
        "linestyle": ("-", "--")[number // 10 % 2],
        "markersize": 4,
        "linewidth": 1,
    }


def _legend(figure: Figure) -> None:
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, frameon=False
    )
