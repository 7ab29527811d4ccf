"""Signals, rates and intervals as a report writes them."""

from typing import Final

from leakcheck.model.signals import BYTE_SIGNALS, Signal
from leakcheck.model.units import format_bytes, format_count, format_rate
from leakcheck.model.verdict import Growth

NAMES: Final = {
    Signal.RSS: "resident memory (RSS)",
    Signal.HEAP: "heap in use",
    Signal.GC_OBJECTS: "gc objects",
    Signal.DESCRIPTORS: "descriptors",
    Signal.THREADS: "threads",
    Signal.TASKS: "tasks",
    Signal.CHILDREN: "child processes",
}


def interval_text(signal: Signal, growth: Growth) -> str:
    """Return a growth with its interval, in one line, as a picture has it.

    >>> interval_text(Signal.HEAP, Growth(estimate=108.2, low=107.6, high=108.9))
    '+108 B an iteration (108 B to 109 B at 99 %)'
    >>> interval_text(Signal.TASKS, Growth(estimate=1.0, low=0.999, high=1.001))
    '+1 an iteration (0.999 to 1 at 99 %)'
    """
    of = format_rate if signal in BYTE_SIGNALS else format_count
    sign = "+" if growth.estimate > 0 else ""
    confidence = f"{growth.confidence * 100:g}"
    return (
        f"{sign}{of(growth.estimate)} an iteration "
        f"({of(growth.low)} to {of(growth.high)} at {confidence} %)"
    )


def rate_text(signal: Signal, value: float) -> str:
    """Return a rate an iteration with its sign.

    >>> rate_text(Signal.HEAP, 1108.2), rate_text(Signal.TASKS, -0.01), rate_text(Signal.RSS, 0)
    ('+1,108 B', '-0.01', '0 B')
    """
    text = format_rate(value) if signal in BYTE_SIGNALS else format_count(value)
    return f"+{text}" if value > 0 else text


def range_text(signal: Signal, growth: Growth) -> str:
    """Return the interval of a rate; a dash where it is not known.

    >>> range_text(Signal.HEAP, Growth(estimate=108.2, low=107.6, high=108.9))
    '108 B to 109 B'
    """
    if not growth.confidence:
        return "\N{EN DASH}"
    of = format_rate if signal in BYTE_SIGNALS else format_count
    return f"{of(growth.low)} to {of(growth.high)}"


def level_text(signal: Signal, value: float) -> str:
    """Return how much there is of something.

    >>> level_text(Signal.RSS, 3 << 20), level_text(Signal.TASKS, 2001)
    ('3.0 MiB', '2,001')
    """
    return format_bytes(value) if signal in BYTE_SIGNALS else f"{value:,.0f}"


def counted(number: float, what: str) -> str:
    """Return a number of things.

    >>> counted(1, "iteration"), counted(2000, "iteration")
    ('1 iteration', '2,000 iterations')
    """
    return f"{number:,.0f} {what}" if number == 1 else f"{number:,.0f} {what}s"
