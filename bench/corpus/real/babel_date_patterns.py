"""Babel 2.11.0: every date pattern that was ever used is kept, parsed.

Patterns are parsed once and remembered in a dict without a limit. A program whose patterns
contain data grows with each of them. Since 2.12.1 the last thousand or so are kept: the fixed
side grows until then, and no further.

Reference: python-babel/babel#962, python-babel/babel#967.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

import datetime as dt
import itertools
from collections.abc import Callable, Iterator

from babel.dates import format_datetime

import leakcheck

NOON = dt.datetime(2024, 5, 17, 12, 0, tzinfo=dt.UTC)


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """One date formatted by a pattern that was not used before."""
    numbers = itertools.count()

    def write_date() -> None:
        format_datetime(NOON, f"yyyy-MM-dd 'shift {next(numbers)}'", locale="en")  # leaks here

    yield write_date
