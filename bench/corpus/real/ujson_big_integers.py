"""ujson 5.11.0: the digits of each integer beyond 64 bits are copied and never freed.

Such an integer is handed to Python as text, in a copy that the parser allocates, and the copy was
not freed. Whoever sends long numbers decides how much. 5.12.0 frees it.

Reference: CVE-2026-32874, GHSA-wgvc-ghv9-3pmm.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

import ujson

import leakcheck

MESSAGE = f"[{'1' * 40}]"


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """One integer of forty digits, parsed."""

    def parse() -> None:
        ujson.loads(MESSAGE)  # leaks here

    yield parse
