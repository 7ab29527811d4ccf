"""Timers of asyncio that were cancelled and lie in the loop still. Runs in the measured child."""

import asyncio
from heapq import heapify


def drop_cancelled(loop: asyncio.AbstractEventLoop) -> None:
    """Drop the cancelled timers of a running loop, as it does itself from time to time.

    A loop keeps them until more than a hundred, and half of all, are cancelled: a service that
    waits with time-outs shows a sawtooth of tens of kilobytes, hundreds of iterations long. A
    loop that is not the standard library's is left alone.
    """
    if not isinstance(loop, asyncio.BaseEventLoop):
        return
    scheduled = getattr(loop, "_scheduled", None)
    if not isinstance(scheduled, list) or not getattr(loop, "_timer_cancelled_count", 0):
        return
    for timer in scheduled:
        if timer.cancelled():
            timer._scheduled = False  # noqa: SLF001 -- no public way, and the loop does the same
    scheduled[:] = [timer for timer in scheduled if not timer.cancelled()]
    heapify(scheduled)
    loop._timer_cancelled_count = 0  # type: ignore[attr-defined]  # noqa: SLF001 -- as above
