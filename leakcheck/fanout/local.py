"""Many checks at once, on this machine."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_POLL_S: Final = 0.1


def at_once(
    items: Sequence[Item],
    do: Callable[[Item], Result],
    *,
    jobs: int,
    interrupted: threading.Event,
) -> list[Result | None]:
    """Return what `do` gave for each item, in their order, `jobs` of them at a time.

    A KeyboardInterrupt sets `interrupted`, lets those under way come to their end and gives
    None for those that had not begun. The first exception that `do` raises sets it too, and
    is raised once the others have ended.

    >>> at_once([1, 2], str, jobs=2, interrupted=threading.Event())
    ['1', '2']
    """
    with ThreadPoolExecutor(max_workers=max(jobs, 1), thread_name_prefix="check") as pool:
        futures: list[Future[Result]] = []
        try:
            for item in items:
                futures.append(pool.submit(do, item))  # noqa: PERF401 -- interrupted, keep these
            _wait(futures)
        except KeyboardInterrupt:
            interrupted.set()
        failed = next((f for f in futures if f.done() and f.exception() is not None), None)
        if failed is not None:
            interrupted.set()
        if interrupted.is_set():
            pool.shutdown(wait=True, cancel_futures=True)
    if failed is not None:
        failed.result()
    results = [None if future.cancelled() else future.result() for future in futures]
    return results + [None] * (len(items) - len(results))


def _wait(futures: Sequence[Future[Result]]) -> None:
    """Wait for all, or for the first that raises; in short turns, so that Ctrl-C is heard."""
    while True:
        done, waiting = wait(futures, timeout=_POLL_S, return_when=FIRST_EXCEPTION)
        if not waiting or any(future.exception() is not None for future in done):
            return
