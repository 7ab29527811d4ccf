"""The options of a run from a table of them: the configuration's, or the command line's."""

from pathlib import Path
from typing import Any, Final

from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import interpreter_named, size_of
from leakcheck.model.errors import UsageError
from leakcheck.model.options import Options
from leakcheck.model.plan import Profiler
from leakcheck.run.interpreter import own_interpreter

CONFIGURED: Final = "[tool.leakcheck] "
"""How an error says that a value came from the configuration."""


def options_of(values: dict[str, Any], origin: str) -> Options:
    """Return the options that `values` give, by the names that the configuration has for them.

    Raises:
        UsageError: if a value is none of its kind; `origin` says who gave it.
    """
    return Options(
        iterations=values.get("iterations"),
        exact_iterations=values.get("exact-iterations"),
        time_limit_s=values.get("time-limit"),
        memory_limit_bytes=size_of(values, "memory-limit", origin),
        threshold_bytes=size_of(values, "threshold", origin),
        count_threshold=values.get("count-threshold"),
        profiler=_profiler(values.get("profiler"), origin),
        keep_capture=values.get("keep-capture"),
        native=values.get("native"),
    )


def python_of(given: str | None, configuration: Configuration) -> Path:
    """Return the interpreter to run workloads in: as given, else as configured, else our own.

    Raises:
        UsageError: if nothing on PATH has that name.
    """
    configured = configuration.values.get("python")
    if given is None and configured is None:
        return own_interpreter()
    name = given if given is not None else str(configured)
    base = Path.cwd() if given is not None else configuration.folder
    return interpreter_named(name, base)


def _profiler(name: str | None, origin: str) -> Profiler | None:
    if name is None:
        return None
    if name not in list(Profiler):
        msg = f"{origin}profiler: found {name!r}, wanted {' or '.join(Profiler)}"
        raise UsageError(msg)
    return Profiler(name)
