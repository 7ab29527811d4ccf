"""The picture as PNG, drawn by matplotlib without its global state."""

import io
import warnings
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from leakcheck_reports.colours import BAND, CURVE, GREY, GRID, LOOK, TREND, VERDICTS, WARM_UP
from leakcheck_reports.curves import Panel, Picture
from leakcheck_reports.scale import limits

_WIDTH_INCHES: Final = 9.0
_HEAD_INCHES: Final = 0.8
_PANEL_INCHES: Final = 2.8
_DPI: Final = 110
_FEW: Final = 60
"""Up to so many samples each is marked by a dot."""
_ROOM: Final = 1.01
"""What lies at the very end is seen too."""


def write_png(picture: Picture, file: Path) -> None:
    """Write `picture` to `file`."""
    file.write_bytes(png_bytes(picture))


def png_bytes(picture: Picture) -> bytes:
    """Return `picture` as PNG."""
    size = (_WIDTH_INCHES, _HEAD_INCHES + _PANEL_INCHES * len(picture.panels))
    content = io.BytesIO()
    figure = Figure(figsize=size, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)  # attaches itself
    all_axes = figure.subplots(len(picture.panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(all_axes, picture.panels, strict=True):
        _draw(axes, panel, picture)
    _head(figure, all_axes[0], picture)
    all_axes[-1].set_xlabel("iterations completed")
    with warnings.catch_warnings():  # a name may hold characters that no font here has
        warnings.simplefilter("ignore")
        figure.savefig(content, format="png")
    return content.getvalue()


def _head(figure: Figure, first: Axes, picture: Picture) -> None:
    colour = VERDICTS[picture.verdict]
    figure.suptitle(picture.heading, fontweight="bold", color=colour, parse_math=False)
    first.set_title(picture.subheading, fontsize=9, color=GREY, parse_math=False)


def _draw(axes: Axes, panel: Panel, picture: Picture) -> None:
    _frame(axes, panel, picture)
    if not panel.points:
        axes.set_yticks([])
        axes.text(0.5, 0.5, "not read", transform=axes.transAxes, ha="center", color=GREY)
        return
    _marks(axes, picture)
    xs, ys = zip(*panel.points, strict=True)
    marker = "." if len(xs) < _FEW else ""
    axes.plot(xs, ys, color=CURVE, linewidth=1.1, marker=marker, label=panel.name, zorder=3)
    _trend(axes, panel)
    axes.set_ylim(*limits(panel))
    axes.legend(loc="upper left", fontsize=8, ncols=4, framealpha=0.9)


def _frame(axes: Axes, panel: Panel, picture: Picture) -> None:
    axes.set_xlim(0, _ROOM * picture.end)
    axes.set_ylabel(panel.label)
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.get_major_formatter().set_useOffset(False)  # type: ignore[attr-defined]


def _marks(axes: Axes, picture: Picture) -> None:
    if picture.warm_up:
        axes.axvspan(0, picture.warm_up, color=WARM_UP, label="warm-up", zorder=0)
    for number, look in enumerate(picture.looks):
        label = None if number else "looks"
        axes.axvline(look, color=LOOK, linewidth=0.9, linestyle=(0, (3, 3)), label=label, zorder=1)


def _trend(axes: Axes, panel: Panel) -> None:
    if panel.trend is None:
        return
    xs, ys = zip(*panel.trend.line, strict=True)
    lows, highs = ([value for _, value in side] for side in (panel.trend.low, panel.trend.high))
    axes.fill_between(xs, lows, highs, color=BAND, alpha=0.5, linewidth=0, zorder=2)
    axes.plot(xs, ys, color=TREND, linewidth=1.8, label=panel.trend.label, zorder=4)
