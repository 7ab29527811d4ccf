"""The picture as a small SVG of our own, for an installation without matplotlib."""

from collections.abc import Iterator
from typing import Final

from leakcheck_reports.colours import BAND, CURVE, GREY, GRID, LOOK, TREND, VERDICTS, WARM_UP
from leakcheck_reports.curves import Panel, Picture, thinned
from leakcheck_reports.scale import limits, ticks
from leakcheck_reports.shapes import Box, digits_of, line, rect, text, vertical

_WIDTH: Final = 900
_LEFT, _RIGHT = 80, 20
_INSIDE: Final = _WIDTH - _LEFT - _RIGHT
_TOP: Final = 64
_PANEL_HEIGHT: Final = 240
_GAP: Final = 34
_BOTTOM: Final = 28
_HALO: Final = {"stroke": "white", "stroke_width": 3, "paint_order": "stroke"}
"""Keeps text readable on a line."""
_HEAD: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
    'width="{width}" height="{height}" font-family="sans-serif" font-size="12">'
)


def svg_text(picture: Picture) -> str:
    """Return `picture` as the text of an SVG file; names in it are escaped."""
    height = _TOP + len(picture.panels) * (_PANEL_HEIGHT + _GAP) + _BOTTOM
    lines = [
        _HEAD.format(width=_WIDTH, height=height),
        '<rect width="100%" height="100%" fill="white"/>',
        text(_LEFT, 24, picture.heading, fill=VERDICTS[picture.verdict], font_size=16),
        text(_LEFT, 44, picture.subheading, fill=GREY),
    ]
    for number, panel in enumerate(picture.panels):
        lines += _panel(panel, picture, _box(panel, picture, number))
    lines.append(text(_WIDTH / 2, height - 8, "iterations completed", text_anchor="middle"))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _box(panel: Panel, picture: Picture, number: int) -> Box:
    low, high = limits(panel)
    return Box(
        left=_LEFT,
        top=_TOP + number * (_PANEL_HEIGHT + _GAP),
        width=_INSIDE,
        height=_PANEL_HEIGHT,
        end=picture.end,
        low=low,
        high=high,
    )


def _panel(panel: Panel, picture: Picture, box: Box) -> Iterator[str]:
    if panel.points:
        yield from _marks(picture, box)
        yield from _grid(box)
        yield from _curve(panel, box)
    yield from _legend(panel, picture, box)
    middle = box.top + box.height / 2
    turned = f"rotate(-90 16 {middle:g})"
    yield text(16, middle, panel.label, text_anchor="middle", transform=turned)
    outline = {"fill": "none", "stroke": GREY, "stroke_width": 0.7}
    yield rect(box, box.width, **outline)


def _marks(picture: Picture, box: Box) -> Iterator[str]:
    if picture.warm_up:
        yield rect(box, box.x(picture.warm_up) - box.left, fill=WARM_UP)
    for look in picture.looks:
        yield vertical(box, box.x(look), stroke=LOOK, stroke_dasharray="3 3")


def _grid(box: Box) -> Iterator[str]:
    values = ticks(box.low, box.high, 8)
    digits = digits_of(values)
    for value in values:
        y = box.y(value)
        yield line((box.left, y), (box.right, y), stroke=GRID)
        yield text(_LEFT - 6, y + 4, f"{value:,.{digits}f}", text_anchor="end")
    for value in (tick for tick in ticks(0, box.end, 10) if tick == int(tick)):
        x = box.x(value)
        yield text(x, box.bottom + 16, f"{value:,.0f}", text_anchor="middle")


def _curve(panel: Panel, box: Box) -> Iterator[str]:
    if panel.trend is not None:
        corners = (*panel.trend.low, *reversed(panel.trend.high))
        yield f'<polygon points="{box.path(corners)}" fill="{BAND}" fill-opacity="0.5"/>'
    points = box.path(thinned(panel.points))
    yield f'<polyline points="{points}" fill="none" stroke="{CURVE}" stroke-width="1.2"/>'
    if len(panel.points) == 1:  # a line of one point is no line
        x, y = points.split(",")
        yield f'<circle cx="{x}" cy="{y}" r="3" fill="{CURVE}"/>'
    if panel.trend is not None:
        trend = box.path(panel.trend.line)
        yield f'<polyline points="{trend}" fill="none" stroke="{TREND}" stroke-width="2"/>'


def _legend(panel: Panel, picture: Picture, box: Box) -> Iterator[str]:
    entries = [(CURVE, panel.name if panel.points else f"{panel.name}: not read")]
    if panel.trend is not None:
        entries.append((TREND, panel.trend.label))
    if panel.points and picture.looks:
        entries.append((LOOK, "looks (dashed), warm-up (grey)" if picture.warm_up else "looks"))
    x: float = _LEFT + 10
    for colour, label in entries:
        yield line((x, box.top + 14), (x + 18, box.top + 14), stroke=colour, stroke_width=3)
        yield text(x + 24, box.top + 18, label, **_HALO)
        x += 44 + 6.6 * len(label)
