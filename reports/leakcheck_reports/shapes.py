"""What our own SVG is made of: boxes that turn numbers into pixels, and escaped elements."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from leakcheck_reports.wedges import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where a curve lies, in pixels, and what it shows: iterations from 0 to `end`, and values."""

    left: float
    top: float
    width: float
    height: float
    end: float
    low: float
    high: float

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.top + self.height

    def x(self, iteration: float) -> float:
        """Return where an iteration is, inside the box."""
        return self.left + self.width * min(max(iteration / self.end, 0.0), 1.0)

    def y(self, value: float) -> float:
        """Return where a value is, inside the box."""
        share = (value - self.low) / (self.high - self.low)
        return self.top + self.height * (1 - min(max(share, 0.0), 1.0))

    def path(self, points: Iterable[Point]) -> str:
        """Return a curve as an SVG list of points."""
        return " ".join(f"{self.x(n):.1f},{self.y(value):.1f}" for n, value in points)


def digits_of(values: tuple[float, ...]) -> int:
    """Return how many decimals tell these round numbers apart.

    >>> digits_of((1.0, 2.0)), digits_of((0.5, 0.52, 0.75))
    (0, 2)
    """

    def shown(digits: int) -> set[str]:
        return {f"{one:.{digits}f}" for one in values}

    return next((digits for digits in range(7) if len(shown(digits)) == len(values)), 7)


def text(x: float, y: float, content: str, **style: object) -> str:
    """Return a text element; what it says is escaped."""
    return f'<text x="{x:g}" y="{y:g}"{_attributes(style)}>{escape(content)}</text>'


def line(start: Point, end: Point, **style: object) -> str:
    """Return a straight line."""
    (x1, y1), (x2, y2) = start, end
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"{_attributes(style)}/>'


def vertical(box: Box, x: float, **style: object) -> str:
    """Return a line from the top of a box to its bottom."""
    return line((x, box.top), (x, box.bottom), **style)


def rect(box: Box, width: float, **style: object) -> str:
    """Return the part of a box from its left edge on."""
    size = f'width="{width:g}" height="{box.height:g}"'
    return f'<rect x="{box.left:g}" y="{box.top:g}" {size}{_attributes(style)}/>'


def _attributes(style: dict[str, object]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in style.items())
