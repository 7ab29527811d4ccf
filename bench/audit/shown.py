"""Figures as the page and the documents write them. Pure."""

from collections.abc import Callable, Mapping

from bench.audit.effects import Effect
from leakcheck.model.units import format_rate

__all__ = [
    "count",
    "effect_bytes",
    "effect_counts",
    "effect_ms",
    "effect_seconds",
    "effect_share",
    "listed",
    "megabytes",
    "milliseconds",
    "row",
    "share",
    "table",
]

_MB = 1e6
_MS = 1e3
_NEARLY_ALL = 0.99
_MISSING = "not measured"


def effect_bytes(effect: Effect | None) -> str:
    """Return an effect in bytes, with its interval.

    >>> effect_bytes(Effect(estimate=-300.0, low=-310.0, high=-290.0))
    '-300 B (-310 B .. -290 B)'
    """
    return _with_interval(effect, _signed_bytes)


def effect_ms(effect: Effect | None) -> str:
    """Return an effect of seconds in milliseconds, with its interval.

    >>> effect_ms(Effect(estimate=0.05, low=0.045, high=0.055))
    '+50.00 ms (+45.00 ms .. +55.00 ms)'
    """
    return _with_interval(effect, lambda seconds: f"{seconds * _MS:+.2f} ms")


def effect_counts(effect: Effect | None) -> str:
    """Return an effect of a count, with its interval.

    >>> effect_counts(Effect(estimate=-21.0, low=-22.5, high=-19.5))
    '-21.0 (-22.5 .. -19.5)'
    """
    return _with_interval(effect, lambda number: f"{number:+.1f}")


def effect_seconds(effect: Effect | None) -> str:
    """Return an effect in seconds, with its interval.

    >>> effect_seconds(Effect(estimate=29.0, low=28.0, high=30.0))
    '+29.0 s (+28.0 s .. +30.0 s)'
    """
    return _with_interval(effect, lambda seconds: f"{seconds:+.1f} s")


def effect_share(effect: Effect | None) -> str:
    """Return a share in percent, with its interval.

    >>> effect_share(Effect(estimate=0.62, low=0.6, high=0.64))
    '62.0 % (60.0 % .. 64.0 %)'
    """
    return _with_interval(effect, share)


def megabytes(size_bytes: float) -> str:
    """Return a size in megabytes of a million bytes, as the notes have them.

    >>> megabytes(150_400_000)
    '150 MB'
    """
    return f"{size_bytes / _MB:,.0f} MB"


def milliseconds(seconds: float) -> str:
    """Return a time in milliseconds.

    >>> milliseconds(0.0421)
    '42.1 ms'
    """
    return f"{seconds * _MS:,.1f} ms"


def share(part: float) -> str:
    """Return a share in percent, with as many digits as tell it from all.

    >>> share(0.612), share(0.99976)
    ('61.2 %', '99.98 %')
    """
    digits = 2 if part > _NEARLY_ALL else 1
    return f"{100 * part:.{digits}f} %"


def count(number: float) -> str:
    """Return a whole number with commas.

    >>> count(14400)
    '14,400'
    """
    return f"{number:,.0f}"


def row(*cells: object) -> str:
    """Return a line of a table.

    >>> row("a", 1)
    '| a | 1 |'
    """
    return f"| {' | '.join(map(str, cells))} |"


def table(*heads: str, rows: list[str]) -> list[str]:
    """Return a table's lines.

    >>> table("a", rows=["| 1 |"])
    ['| a |', '| --- |', '| 1 |']
    """
    return [row(*heads), row(*["---"] * len(heads)), *rows]


def listed(versions: Mapping[str, str]) -> str:
    """Return names with their versions.

    >>> listed({"redis": "8.1.0", "Python": "3.11.7"})
    'redis 8.1.0, Python 3.11.7'
    """
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def _signed_bytes(size: float) -> str:
    text = format_rate(size)
    return text if text.startswith("-") or size == 0 else f"+{text}"


def _with_interval(effect: Effect | None, form: Callable[[float], str]) -> str:
    if effect is None:
        return _MISSING
    return f"{form(effect.estimate)} ({form(effect.low)} .. {form(effect.high)})"
