"""A chart as SVG inside a page, drawn by ourselves, for an installation without matplotlib."""

from collections.abc import Iterator
from typing import Final

from leakcheck_reports.axis import shown_number
from leakcheck_reports.charts import Chart
from leakcheck_reports.colours import colour_of, ink
from leakcheck_reports.curves import thinned
from leakcheck_reports.scale import chart_limits, label_places, ticks
from leakcheck_reports.shapes import Box, digits_of, line, rect, text, vertical

_WIDTH, _HEIGHT = 540, 240
_LEFT, _RIGHT = 66, 24
_TOP, _BOTTOM = 8, 34
_MOST_POINTS: Final = 600
_HEAD: Final = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" font-size="14">'


def svg_inside(chart: Chart) -> str:
    """Return `chart` as an ``svg`` element without a description: the page gives it one."""
    low, high = chart_limits(chart)
    box = Box(
        left=_LEFT,
        top=_TOP,
        width=_WIDTH - _LEFT - _RIGHT,
        height=_HEIGHT - _TOP - _BOTTOM,
        end=chart.end,
        low=low,
        high=high,
    )
    return "\n".join([_HEAD, *_marks(chart, box), *_grid(box), *_curves(chart, box), "</svg>"])


def _marks(chart: Chart, box: Box) -> Iterator[str]:
    if chart.warm_up:
        yield rect(box, box.x(chart.warm_up) - box.left, fill=ink("warm"))
    for look in chart.looks:
        yield vertical(box, box.x(look), stroke=ink("look"), stroke_dasharray="3 3")


def _grid(box: Box) -> Iterator[str]:
    values = ticks(box.low, box.high, 4)
    digits = digits_of(values)
    for value in values:
        y = box.y(value)
        yield line((box.left, y), (box.right, y), stroke=ink("grid"))
        shown = f"{value:,.{digits}f}"
        yield text(box.left - 6, y + 5, shown, text_anchor="end", fill=ink("soft"))
    for value in (tick for tick in ticks(0, box.end, 5) if tick == int(tick)):
        place = (box.x(value), box.bottom + 20)
        yield text(*place, shown_number(value), text_anchor="middle", fill=ink("soft"))


def _curves(chart: Chart, box: Box) -> Iterator[str]:
    if chart.trend is not None:
        corners = box.path((*chart.trend.low, *reversed(chart.trend.high)))
        yield f'<polygon points="{corners}" fill="{ink("band")}"/>'
    for one in chart.lines:
        colour = colour_of(one.number)
        points = box.path(thinned(one.points, most=_MOST_POINTS))
        yield _polyline(points, ink(colour), stroke_width=1.8)
        if len(one.points) == 1:  # a line of one point is no line
            x, y = points.split(",")
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{ink(colour)}"/>'
    for number, value in label_places(chart).items():
        yield text(box.right + 3, box.y(value) + 5, str(number), fill=ink(colour_of(number)))
    if chart.trend is not None:
        yield _polyline(box.path(chart.trend.line), ink("trend"), stroke_width=2, dashed=True)


def _polyline(points: str, colour: str, *, stroke_width: float, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="9 3"' if dashed else ""
    style = f'fill="none" stroke="{colour}" stroke-width="{stroke_width}"{dashes}'
    return f'<polyline points="{points}" {style}/>'
