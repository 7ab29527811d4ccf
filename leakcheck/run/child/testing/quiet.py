"""What pytest and its plugins would gather while a test is looped, put aside."""

import contextlib
import importlib.util
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

_OFF: dict[str, Any] = {
    # of pytest itself: what asks, what selects by an earlier run, what writes files
    "usepdb": False,
    "trace": False,
    "no_header": True,
    "lf": False,
    "failedfirst": False,
    "newfirst": False,
    "stepwise": False,
    "stepwise_skip": False,
    "collectonly": False,
    "setuponly": False,
    "setupplan": False,
    "setupshow": False,
    "xmlpath": None,
    "pastebin": None,
    "log_file": os.devnull,
    # of plugins: other processes, other profilers, other files
    "numprocesses": None,
    "tx": [],
    "dist": "no",
    "looponfail": False,
    "memray": False,
    "htmlpath": None,
    "report_log": None,
    "benchmark_json": None,
    "benchmark_autosave": False,
    "benchmark_save": None,
    # of ours: a child has none of its own
    "leakcheck": False,
    "leakcheck_only": [],
}
_PUT_ASIDE = (
    "terminalreporter",  # keeps every report, and a subtest makes one
    "memray_manager",  # no two of memray's trackers at a time
    "timeout",  # a loop takes longer than a test
    "pytest_timeout",  # the same, where it was named with -p
)
_NO_COVERAGE = "--no-cov"


def quiet_arguments(given: list[str]) -> list[str]:
    """Return pytest's arguments, with capture and coverage off: both begin before any hook."""
    added = ["-s"]
    if _covers(given):
        added.append(_NO_COVERAGE)
    end = given.index("--") if "--" in given else len(given)
    return [*given[:end], *added, *given[end:]]


def _covers(given: list[str]) -> bool:
    """Return whether pytest will load pytest-cov, whose options it knows only then."""
    if os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        return any("pytest_cov" in argument for argument in given)
    return importlib.util.find_spec("pytest_cov") is not None


def quieten(config: pytest.Config, settings: dict[str, Any]) -> None:
    """Switch off what has no place in a child, then set what the order wants set."""
    options = vars(config.option)
    options.update({name: value for name, value in _OFF.items() if name in options})
    options.update({name: value for name, value in settings.items() if name in options})


def put_aside(config: pytest.Config) -> None:
    """Take out the plugins that would gather or interfere while a test is looped."""
    for name in _PUT_ASIDE:
        if config.pluginmanager.has_plugin(name):
            config.pluginmanager.unregister(name=name)


@contextlib.contextmanager
def nothing_gathered(asked_for: dict[str, Any]) -> Iterator[None]:
    """Loop outside pytest's log handlers, warnings and hooks for what nobody catches.

    Each keeps all that it hears until the test is over. What the test itself asked for by a
    fixture stays: `asked_for` are its fixtures' values by name.
    """
    with _no_log_handlers(asked_for.get("caplog")), _no_warnings(kept="recwarn" in asked_for):
        hooks = sys.unraisablehook, threading.excepthook
        sys.unraisablehook, threading.excepthook = sys.__unraisablehook__, threading.__excepthook__
        try:
            yield
        finally:
            sys.unraisablehook, threading.excepthook = hooks


@contextlib.contextmanager
def _no_log_handlers(caplog: pytest.LogCaptureFixture | None) -> Iterator[None]:
    root = logging.getLogger()
    kept = None if caplog is None else caplog.handler
    pytests = [one for one in root.handlers if type(one).__module__ == "_pytest.logging"]
    taken = [one for one in pytests if one is not kept]
    for handler in taken:
        root.removeHandler(handler)
    try:
        yield
    finally:
        for handler in taken:
            root.addHandler(handler)


@contextlib.contextmanager
def _no_warnings(*, kept: bool) -> Iterator[None]:
    """Have warnings said to nobody: pytest would keep each; those that are errors still raise."""
    if kept:
        yield
        return
    with warnings.catch_warnings():
        warnings.showwarning = _say_nothing
        yield


def _say_nothing(*_: object, **__: object) -> None:
    """Take no notice."""
