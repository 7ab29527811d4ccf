"""What is known of a watched process in Prometheus's text format, version 0.0.4."""

import math
from collections.abc import Iterator
from typing import Final

from leakcheck.model.verdict import Verdict
from leakcheck.watch.reading import Watched
from leakcheck.watch.standing import Standing

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_WORDS: Final = (Verdict.LEAK, Verdict.CLEAN, Verdict.INCONCLUSIVE)


def metrics_text(standing: Standing | None, *, is_up: bool) -> str:
    """Return every metric as text; without a reading only whether the process runs.

    >>> metrics_text(None, is_up=False).splitlines()[-1]
    'leakcheck_watch_up 0'
    """
    return "".join(f"{line}\n" for line in _lines(standing, is_up=is_up))


def _lines(standing: Standing | None, *, is_up: bool) -> Iterator[str]:
    yield from _gauge("up", "Whether what is watched could be read last.", int(is_up))
    if standing is None:
        return
    yield from _gauge(
        "rss_bytes", "Anonymous and shared memory that is resident.", standing.memory_bytes
    )
    yield from _gauge("peak_bytes", "The highest of the newest cycle.", standing.peak_bytes)
    if standing.limit_bytes is not None:
        yield from _gauge("limit_bytes", "What it may have.", standing.limit_bytes)
    yield from _growth(standing)
    yield from _gauge("readings_total", "Readings so far.", standing.readings, kind="counter")
    yield from _gauge("lives_total", "Lives of it that were seen.", standing.lives, kind="counter")
    yield from _gauge("watched_seconds", "From the first reading on.", standing.watched_s)
    yield from _family("verdict", "1 for the verdict so far, 0 for the others.", "gauge")
    for word in _WORDS:
        yield f'leakcheck_watch_verdict{{word="{word}"}} {int(word is standing.verdict)}'


def _growth(standing: Standing) -> Iterator[str]:
    growth, name = standing.growth, "growth_bytes_per_hour"
    if growth is None or standing.what is not Watched.MEMORY:
        return
    yield from _gauge(name, "The growth of memory.", growth.estimate)
    yield from _gauge(f"{name}_low", "Its lower bound at 99 %.", growth.low)
    yield from _gauge(f"{name}_high", "Its upper bound at 99 %.", growth.high)
    yield from _gauge(
        "threshold_bytes_per_hour", "The growth that is too much.", standing.threshold_per_hour
    )
    if standing.forecast is not None:
        seconds = standing.forecast
        yield from _gauge("seconds_to_limit", "At the growth as estimated.", seconds.expected_s)
        yield from _gauge("seconds_to_limit_low", "At the soonest.", seconds.soonest_s)
        yield from _gauge("seconds_to_limit_high", "At the latest.", seconds.latest_s)


def _gauge(name: str, text: str, value: float, *, kind: str = "gauge") -> Iterator[str]:
    yield from _family(name, text, kind)
    yield f"leakcheck_watch_{name} {_number(value)}"


def _family(name: str, text: str, kind: str) -> Iterator[str]:
    yield f"# HELP leakcheck_watch_{name} {text}"
    yield f"# TYPE leakcheck_watch_{name} {kind}"


def _number(value: float) -> str:
    return ("+Inf" if value > 0 else "-Inf") if math.isinf(value) else f"{value:.12g}"
