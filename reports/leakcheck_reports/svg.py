"""The picture as a small SVG of our own, for an installation without matplotlib."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from leakcheck_reports.colours import BAND, CURVE, GREY, GRID, LOOK, TREND, VERDICTS, WARM_UP
from leakcheck_reports.curves import Panel, Picture, Point, thinned
from leakcheck_reports.scale import limits, ticks

_WIDTH: Final = 900
_LEFT, _RIGHT = 80, 20
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


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a panel lies, in pixels, and what it shows."""

    top: float
    end: float
    low: float
    high: float

    def x(self, iteration: float) -> float:
        inside = _WIDTH - _LEFT - _RIGHT
        return _LEFT + inside * min(max(iteration / self.end, 0.0), 1.0)

    def y(self, mib: float) -> float:
        share = (mib - self.low) / (self.high - self.low)
        return self.top + _PANEL_HEIGHT * (1 - min(max(share, 0.0), 1.0))

    def path(self, points: Iterable[Point]) -> str:
        return " ".join(f"{self.x(n):.1f},{self.y(value):.1f}" for n, value in points)


def svg_text(picture: Picture) -> str:
    """Return `picture` as the text of an SVG file; names in it are escaped."""
    height = _TOP + len(picture.panels) * (_PANEL_HEIGHT + _GAP) + _BOTTOM
    lines = [
        _HEAD.format(width=_WIDTH, height=height),
        '<rect width="100%" height="100%" fill="white"/>',
        _text(_LEFT, 24, picture.heading, fill=VERDICTS[picture.verdict], font_size=16),
        _text(_LEFT, 44, picture.subheading, fill=GREY),
    ]
    for number, panel in enumerate(picture.panels):
        box = _Box(_TOP + number * (_PANEL_HEIGHT + _GAP), picture.end, *limits(panel))
        lines += _panel(panel, picture, box)
    lines.append(_text(_WIDTH / 2, height - 8, "iterations completed", text_anchor="middle"))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _panel(panel: Panel, picture: Picture, box: _Box) -> Iterator[str]:
    if panel.points:
        yield from _marks(picture, box)
        yield from _grid(box)
        yield from _curve(panel, box)
    yield from _legend(panel, picture, box)
    middle = box.top + _PANEL_HEIGHT / 2
    turned = f"rotate(-90 16 {middle:g})"
    yield _text(16, middle, f"{panel.name} (MiB)", text_anchor="middle", transform=turned)
    outline = {"fill": "none", "stroke": GREY, "stroke_width": 0.7}
    yield _rect(_LEFT, box.top, _WIDTH - _LEFT - _RIGHT, **outline)


def _marks(picture: Picture, box: _Box) -> Iterator[str]:
    if picture.warm_up:
        yield _rect(_LEFT, box.top, box.x(picture.warm_up) - _LEFT, fill=WARM_UP)
    for look in picture.looks:
        yield _vertical(box, box.x(look), stroke=LOOK, stroke_dasharray="3 3")


def _grid(box: _Box) -> Iterator[str]:
    values = ticks(box.low, box.high, 8)
    digits = _digits(values)
    for value in values:
        y = box.y(value)
        yield _line(_LEFT, y, _WIDTH - _RIGHT, y, stroke=GRID)
        yield _text(_LEFT - 6, y + 4, f"{value:,.{digits}f}", text_anchor="end")
    for value in (tick for tick in ticks(0, box.end, 10) if tick == int(tick)):
        x = box.x(value)
        yield _text(x, box.top + _PANEL_HEIGHT + 16, f"{value:,.0f}", text_anchor="middle")


def _curve(panel: Panel, box: _Box) -> Iterator[str]:
    if panel.trend is not None:
        corners = (*panel.trend.low, *reversed(panel.trend.high))
        yield f'<polygon points="{box.path(corners)}" fill="{BAND}" fill-opacity="0.5"/>'
    points = box.path(thinned(panel.points))
    yield f'<polyline points="{points}" fill="none" stroke="{CURVE}" stroke-width="1.2"/>'
    if len(panel.points) == 1:  # a line of one point is no line
        x, y = points.split(",")
        yield f'<circle cx="{x}" cy="{y}" r="3" fill="{CURVE}"/>'
    if panel.trend is not None:
        line = box.path(panel.trend.line)
        yield f'<polyline points="{line}" fill="none" stroke="{TREND}" stroke-width="2"/>'


def _legend(panel: Panel, picture: Picture, box: _Box) -> Iterator[str]:
    entries = [(CURVE, panel.name if panel.points else f"{panel.name}: not read")]
    if panel.trend is not None:
        entries.append((TREND, panel.trend.label))
    if panel.points and picture.looks:
        entries.append((LOOK, "looks (dashed), warm-up (grey)" if picture.warm_up else "looks"))
    x: float = _LEFT + 10
    for colour, label in entries:
        yield _line(x, box.top + 14, x + 18, box.top + 14, stroke=colour, stroke_width=3)
        yield _text(x + 24, box.top + 18, label, **_HALO)
        x += 44 + 6.6 * len(label)


def _digits(values: tuple[float, ...]) -> int:
    """Return how many decimals tell these round numbers apart."""
    shown: Callable[[int], set[str]] = lambda digits: {f"{one:.{digits}f}" for one in values}  # noqa: E731
    return next((digits for digits in range(7) if len(shown(digits)) == len(values)), 7)


def _text(x: float, y: float, text: str, **style: object) -> str:
    return f'<text x="{x:g}" y="{y:g}"{_attributes(style)}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, **style: object) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"{_attributes(style)}/>'


def _vertical(box: _Box, x: float, **style: object) -> str:
    return _line(x, box.top, x, box.top + _PANEL_HEIGHT, **style)


def _rect(x: float, y: float, width: float, **style: object) -> str:
    size = f'width="{width:g}" height="{_PANEL_HEIGHT}"'
    return f'<rect x="{x:g}" y="{y:g}" {size}{_attributes(style)}/>'


def _attributes(style: dict[str, object]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in style.items())
