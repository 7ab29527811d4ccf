"""When to read next."""

import time
from collections.abc import Callable, Iterator


def ticks(
    interval_s: float,
    for_s: float | None,
    *,
    wait: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[None]:
    """Yield now, and then each `interval_s` seconds until `for_s` have passed; None is no end.

    What was missed, as while the machine slept, is not made up for.
    """
    began_s = clock()
    number = 0
    while True:
        yield
        passed_s = clock() - began_s
        number = max(number + 1, int(passed_s / interval_s))
        due_s = number * interval_s
        if for_s is not None and due_s > for_s * (1 + 1e-9):
            wait(max(for_s - passed_s, 0.0))
            return
        wait(max(due_s - passed_s, 0.0))
