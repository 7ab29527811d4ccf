"""msgspec 0.13.0: a reference is lost for each struct decoded from JSON.

Every struct that the decoder returns starts with one reference too many and is never freed, nor
are the values of its fields. 0.13.1 counts right.

Reference: msgspec/msgspec#311.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

import msgspec

import leakcheck

MESSAGE = b'{"number": 41273, "city": "Graz"}'


class Order(msgspec.Struct):
    """Two fields, each an object of its own."""

    number: int
    city: str


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """One message decoded into a struct that is dropped."""
    decoder = msgspec.json.Decoder(Order)

    def decode() -> None:
        decoder.decode(MESSAGE)  # leaks here

    yield decode
