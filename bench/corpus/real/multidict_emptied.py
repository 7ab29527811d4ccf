"""multidict 6.6.3: a dict that is emptied key by key loses its hash table.

Removing the last key puts the shared empty table in the place of the dict's own and frees
neither. A dict that keeps one key shows nothing, which is why few tests do. 6.6.4 frees it.

Reference: aio-libs/multidict#1232.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

from multidict import CIMultiDict

import leakcheck

HEADERS = tuple((f"X-Trace-{number}", "on") for number in range(20))


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """Twenty headers put into a dict and taken out again, to the last."""

    def empty() -> None:
        headers = CIMultiDict(HEADERS)  # leaks here
        for name, _ in HEADERS:
            headers.pop(name)

    yield empty
