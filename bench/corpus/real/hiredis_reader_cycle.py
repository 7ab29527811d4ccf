"""hiredis 2.2.2: a reader that calls back its owner is a cycle that no collector can see.

The C reader keeps the callables it is given, and did not tell the cycle collector of them. An
owner that makes a reader with one of its own bound methods is then never freed, as Redis
clients do on each new connection. 2.2.3 takes part in the collection.

Reference: redis/hiredis-py#163, redis/redis-py#2741.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

import hiredis

import leakcheck


class Connection:
    """Owns a reader that reports errors to it."""

    def __init__(self) -> None:
        self.reader = hiredis.Reader(replyError=self.error)  # leaks here: workload

    def error(self, text: str) -> Exception:
        """Return the exception for an error reply."""
        return RuntimeError(f"{type(self).__name__}: {text}")


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """One connection that reads one reply and is dropped."""

    def connect() -> None:
        reader = Connection().reader  # leaks here
        reader.feed(b"+PONG\r\n")
        reader.gets()

    yield connect
