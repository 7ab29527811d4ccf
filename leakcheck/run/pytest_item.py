"""One test of pytest's as a workload: what its child is told."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

_SEPARATOR: Final = "::"


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestItem:
    """The test `nodeid`, and how pytest is to be started so that it finds the same test.

    `arguments` are pytest's own, as seen from `folder`; `path` is where modules are looked for at
    its start, None for what the interpreter has by itself; `settings` are options that hold
    whatever the arguments say; `coverage` says how the first pass is to be covered, if at all.
    """

    nodeid: str
    arguments: tuple[str, ...]
    folder: str
    path: tuple[str, ...] | None = None
    settings: Mapping[str, Any] | None = None
    coverage: Mapping[str, Any] | None = None

    def order(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


def is_test(target: str) -> bool:
    """Return whether a target is a test, by its node id.

    >>> is_test("tests/test_jobs.py::test_tick[3]"), is_test("jobs.py:tick")
    (True, False)
    """
    return _SEPARATOR in target


def item_of(target: str, folder: str) -> PytestItem | None:
    """Return the test that a target names, as pytest finds it from `folder`; None for any other."""
    if not is_test(target):
        return None
    return PytestItem(nodeid=target, arguments=(), folder=folder)
