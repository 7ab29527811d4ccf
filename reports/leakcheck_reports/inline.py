"""A chart as SVG inside a page, drawn by matplotlib; its colours are the page's own."""

import io
import re
import threading
import warnings
from contextlib import AbstractContextManager
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from leakcheck_reports.axis import shown_number
from leakcheck_reports.charts import Chart
from leakcheck_reports.colours import INKS, colour_of, ink
from leakcheck_reports.curves import thinned
from leakcheck_reports.scale import chart_limits, label_places

_INCHES: Final = (5.6, 2.5)
_PLACE: Final = (0.125, 0.17, 0.845, 0.79)
_MOST_POINTS: Final = 600
"""Of one curve: a page shows it no wider than that."""
_FEW: Final = 60
_FONT_SIZE: Final = 11.0
_NO_METADATA: Final = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_ONE_STYLE: Final = threading.Lock()
"""matplotlib reads these settings from a place that all threads share."""
_CUT: Final = (
    re.compile(r"<metadata>.*?</metadata>", re.DOTALL),
    re.compile(r"<defs>\s*<style.*?</defs>", re.DOTALL),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r'(?<=<g) id="[^"]*"'),
    re.compile(r"(?<=<svg) [^>]*?(?= viewBox)", re.DOTALL),
    re.compile(r" font-family: [^;\"]*;"),
    re.compile(r' transform="rotate\(-0 [^"]*"'),
)


def svg_inside(chart: Chart) -> str:
    """Return `chart` as an ``svg`` element without a description: the page gives it one."""
    figure = Figure(figsize=_INCHES)
    FigureCanvasSVG(figure)  # attaches itself
    file = io.StringIO()
    with _ONE_STYLE, _style(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name may hold characters that no font here has
        axes = figure.add_axes(_PLACE)
        _frame(axes, chart)
        _marks(axes, chart)
        _curves(axes, chart)
        figure.savefig(file, format="svg", transparent=True, metadata=_NO_METADATA)
    return _of_the_page(file.getvalue())


def _style() -> AbstractContextManager[None]:
    """Return the settings: text stays text, and the same record gives the same page."""
    return mpl.rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": "leakcheck", "font.size": _FONT_SIZE}
    )


def _frame(axes: Axes, chart: Chart) -> None:
    axes.set_xlim(0, 1.05 * chart.end)
    axes.set_ylim(*chart_limits(chart))
    axes.grid(visible=True, axis="y", color=INKS["grid"], linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INKS["look"])
    axes.tick_params(labelcolor=INKS["soft"], color=INKS["look"])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(shown_number))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=not chart.unit))
    if chart.unit:
        axes.yaxis.get_major_formatter().set_useOffset(False)  # type: ignore[attr-defined]
    else:
        axes.yaxis.set_major_formatter(FuncFormatter(shown_number))


def _marks(axes: Axes, chart: Chart) -> None:
    if chart.warm_up:
        axes.axvspan(0, chart.warm_up, color=INKS["warm"], linewidth=0, zorder=0)
    for look in chart.looks:
        axes.axvline(look, color=INKS["look"], linewidth=1, linestyle=(0, (3, 3)), zorder=1)


def _curves(axes: Axes, chart: Chart) -> None:
    for line in chart.lines:
        colour = colour_of(line.number)
        xs, ys = zip(*thinned(line.points, most=_MOST_POINTS), strict=True)
        marker = "." if len(xs) < _FEW else ""
        axes.plot(xs, ys, color=INKS[colour], linewidth=1.6, marker=marker, zorder=3)
    for number, value in label_places(chart).items():
        _number(axes, (chart.end, value), str(number), INKS[colour_of(number)])
    if chart.trend is not None:
        xs, ys = zip(*chart.trend.line, strict=True)
        lows, highs = ([y for _, y in side] for side in (chart.trend.low, chart.trend.high))
        axes.fill_between(xs, lows, highs, color=INKS["band"], linewidth=0, zorder=2)
        axes.plot(xs, ys, color=INKS["trend"], linewidth=2, linestyle=(0, (6, 2)), zorder=4)


def _number(axes: Axes, end: tuple[float, float], text: str, colour: str) -> None:
    """Write the number of a curve at its end, so that no colour is needed to know it."""
    axes.annotate(
        text,
        end,
        xytext=(4, 0),
        textcoords="offset points",
        color=colour,
        fontsize=_FONT_SIZE,
        va="center",
    )


def _of_the_page(svg: str) -> str:
    """Return the element alone, with what a page has already left out, and the page's colours."""
    svg = svg[svg.index("<svg") :].strip()
    for part in _CUT:
        svg = part.sub("", svg)
    for name, colour in INKS.items():
        svg = svg.replace(colour, ink(name))
    return svg
