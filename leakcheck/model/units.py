"""Sizes and rates as people write them, and as they like to read them."""

import math
import re
from decimal import Decimal
from typing import Final

from leakcheck.model.errors import UsageError

_FACTORS: Final = {
    "": 1,
    "b": 1,
    "kb": 1_000,
    "mb": 1_000_000,
    "gb": 1_000_000_000,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
    "k": 1 << 10,
    "m": 1 << 20,
    "g": 1 << 30,
}
_SIZE: Final = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-z]*)\s*")
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}
_DURATION: Final = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(s|m|min|h|d|)\s*", re.IGNORECASE)
_STEPS: Final = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_WRITTEN: Final = (
    *_STEPS,
    (1_000_000_000, "GB"),
    (1_000_000, "MB"),
    (1_000, "kB"),
    (1, "B"),
)
_COUNT_DIGITS: Final = 100
_WHOLE_BYTES: Final = 10_000


def parse_size(text: str) -> float:
    """Return the number of bytes that `text` names, such as ``4B``, ``1KiB`` or ``2.5MB``.

    Raises:
        UsageError: if `text` is no size, or not a finite one.

    >>> parse_size("1KiB")
    1024.0
    """
    match = _SIZE.fullmatch(text)
    factor = _FACTORS.get(match[2].lower()) if match else None
    if match is None or factor is None:
        msg = f"{text!r} is no size: wanted a number and a unit, such as 4B, 1KiB or 2.5MB"
        raise UsageError(msg)
    size = float(match[1]) * factor
    if not math.isfinite(size):
        msg = f"{text!r} is too large: wanted a size that fits in a machine"
        raise UsageError(msg)
    return size


def parse_duration(text: str) -> float:
    """Return the number of seconds that `text` names, such as ``30``, ``10m``, ``2h`` or ``7d``.

    Raises:
        UsageError: if `text` is no duration, or not a finite one.

    >>> parse_duration("1.5h"), parse_duration("30")
    (5400.0, 30.0)
    """
    match = _DURATION.fullmatch(text)
    seconds = float(match[1]) * _SECONDS[match[2].lower()] if match else math.inf
    if not math.isfinite(seconds):
        msg = f"{text!r} is no duration: wanted a number and a unit, such as 30s, 10m, 2h or 7d"
        raise UsageError(msg)
    return seconds


def written_size(size: float) -> str:
    """Return `size` bytes as somebody would write it, so that `parse_size` reads the same.

    >>> written_size(64.0), written_size(2 << 20), written_size(0.5), written_size(250_000_000)
    ('64B', '2MiB', '0.5B', '250MB')
    """
    for factor, unit in _WRITTEN:
        if size >= factor and size % factor == 0:
            return f"{size // factor:.0f}{unit}"
    return f"{Decimal(repr(size)):f}B"


def format_bytes(size: float) -> str:
    """Return `size` bytes in the largest binary unit that keeps the number at 1 or more.

    >>> format_bytes(-1536), format_bytes(12.34), format_bytes(0)
    ('-1.5 KiB', '12.3 B', '0 B')
    """
    for factor, unit in _STEPS:
        if abs(size) >= factor:
            return f"{size / factor:,.1f} {unit}"
    return f"{_short(size)} B"


def format_rate(size: float) -> str:
    """Return `size` bytes with three digits or more: an interval is to be told from its middle.

    >>> format_rate(1108.2), format_rate(4), format_rate(-123_456)
    ('1,108 B', '4.0 B', '-120.56 KiB')
    """
    if abs(size) < _WHOLE_BYTES:
        return f"{size:,.0f} B" if abs(size) >= _COUNT_DIGITS else f"{_short(size)} B"
    factor, unit = next(step for step in _STEPS if abs(size) >= step[0])
    return f"{size / factor:,.2f} {unit}"


def format_count(number: float) -> str:
    """Return a count an iteration with as many digits as it needs and no more.

    >>> format_count(1.0), format_count(0.0101), format_count(4000)
    ('1', '0.0101', '4,000')
    """
    if abs(number) >= _COUNT_DIGITS:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def _short(size: float) -> str:
    if abs(size) >= _COUNT_DIGITS:
        return f"{size:.0f}"
    if size == 0:
        return "0"
    if abs(size) < 0.05:  # noqa: PLR2004 -- what one decimal would show as 0.0
        return f"{size:.2g}"
    return f"{size:.1f}"
