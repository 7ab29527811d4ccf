"""sh 1.12.2: each command that is run leaves one end of a pipe open.

A pipe tells the parent that the child has started; one end of it was not closed in the parent. No
byte count shows it, and it ends in "too many open files". 1.12.3 closes it.

Reference: amoffat/sh#336.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

import sh

import leakcheck


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """One command that does nothing."""
    command = sh.Command("true")

    def run() -> None:
        command()  # leaks here

    yield run
