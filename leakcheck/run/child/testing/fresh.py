"""Fixtures that gather by design, made fresh for each iteration of a test's body."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest

_DRAINED = ("capsys", "capsysbinary", "capfd", "capfdbinary", "capteesys")


class Fresh:
    """What pytest's own fixtures gather in an iteration is let go after it.

    A patch is undone after the iteration that made it, and those of the set-up stay. pytest would
    do each of these once, at the end of the test.
    """

    def __init__(self, item: pytest.Item) -> None:
        given: dict[str, Any] = getattr(item, "funcargs", {})
        self._given = given
        self._config = item.config
        self._let_go = [given[name].readouterr for name in _DRAINED if name in given]
        if "caplog" in given:
            self._let_go.append(given["caplog"].clear)
        if "recwarn" in given:
            self._let_go += [given["recwarn"].clear, _warn_again]
        self._mocker = type(given["mocker"]) if "mocker" in given else None
        self._patches = isinstance(given.get("monkeypatch"), pytest.MonkeyPatch)
        self._properties = item.user_properties
        self._known = len(item.user_properties)
        self._undo: list[Callable[[], None]] = []
        # A doctest takes its names away when it is over.
        self._names: dict[str, Any] | None = getattr(getattr(item, "dtest", None), "globs", None)
        self._names_at_first = dict(self._names or {})

    def begin(self) -> None:
        """Give what follows fixtures of its own for patching, and the names it begins with."""
        if self._names is not None:
            self._names.clear()
            self._names.update(self._names_at_first)
        if self._patches:
            self._given["monkeypatch"] = patch = pytest.MonkeyPatch()
            self._undo.append(patch.undo)
        if self._mocker is not None:  # pytest-mock's, which need not be installed
            self._given["mocker"] = mocker = self._mocker(self._config)
            self._undo.append(mocker.stopall)

    def end(self) -> None:
        """Undo the patches, and let go of what was said, logged and warned of."""
        while self._undo:
            self._undo.pop()()
        for let_go in self._let_go:
            let_go()
        del self._properties[self._known :]


def _warn_again() -> None:
    """Have each place warn anew, as it does in a test of its own."""
    warnings.simplefilter("default")
