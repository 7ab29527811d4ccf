"""The watch over the service's own growth, by leakcheck where that is installed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from system.ports import GrowthWatch

if TYPE_CHECKING:
    from leakcheck.watch import Watch

__all__ = ["LeakcheckWatch", "growth_watch"]


class LeakcheckWatch:
    """Reads this process from within, and says what its memory comes to over days."""

    def __init__(self, watch: Watch, moment: Callable[[datetime], None]) -> None:
        """Ask that watch, whose clock ``moment`` sets."""
        self._watch = watch
        self._moment = moment

    def sample(self, now: datetime) -> None:
        """Read once; it takes a quarter of a millisecond, and tens of them once a day."""
        self._moment(now)
        self._watch.take()

    def verdict(self) -> str:
        """Return LEAK, CLEAN or INCONCLUSIVE."""
        standing = self._watch.standing
        return "INCONCLUSIVE" if standing is None else standing.verdict.value

    def metrics(self) -> bytes:
        """Return the growth, its interval and the time that is left, in the text format."""
        return self._watch.metrics_text().encode()


def growth_watch(*, limit_bytes: int) -> GrowthWatch | None:
    """Return a watch over this process, or ``None`` where leakcheck is not installed."""
    try:
        from leakcheck.watch import Terms, Watch  # noqa: PLC0415  optional
    except ImportError:
        return None
    seconds = 0.0

    def clock() -> float:
        return seconds

    def moment(now: datetime) -> None:
        nonlocal seconds
        seconds = now.timestamp()

    watch = Watch(terms=Terms(limit_bytes=limit_bytes), clock=clock)
    return LeakcheckWatch(watch, moment)
