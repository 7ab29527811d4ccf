"""protobuf 4.22.1: the size of a message that was never set leaves an arena behind.

A field that is not set reads as a stub. Asking the stub for its size makes an empty message in an
arena of its own, which nobody owns. There is no Python object to count: heap alone grows, and
RSS stays where it is for thousands of iterations. Fixed by 4.24.4 at the latest.

Reference: protocolbuffers/upb#1243.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

from google.protobuf.type_pb2 import Type

import leakcheck


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """The size of a field that is not set."""
    message = Type()

    def weigh() -> None:
        message.source_context.ByteSize()  # leaks here

    yield weigh
