"""The options of a run from a table of them: the configuration's, or the command line's."""

import os
from pathlib import Path
from typing import Any, Final

from leakcheck.configuration.ranges import require_allowed
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import interpreter_named, program, size_of
from leakcheck.model.errors import UsageError
from leakcheck.model.options import Options
from leakcheck.model.plan import Profiler
from leakcheck.run.interpreter import own_interpreter

CONFIGURED: Final = "[tool.leakcheck] "
"""How an error says that a value came from the configuration."""


def options_of(values: dict[str, Any], origin: str) -> Options:
    """Return the options that `values` give, by the names that the configuration has for them.

    Raises:
        UsageError: if a value may not be what it is; `origin` says who gave it.
    """
    require_allowed(values, origin)
    return Options(
        iterations=values.get("iterations"),
        exact_iterations=values.get("exact-iterations"),
        time_limit_s=values.get("time-limit"),
        memory_limit_bytes=size_of(values, "memory-limit", origin),
        threshold_bytes=size_of(values, "threshold", origin),
        count_threshold=values.get("count-threshold"),
        profiler=Profiler(name) if (name := values.get("profiler")) is not None else None,
        keep_capture=values.get("keep-capture"),
        native=values.get("native"),
    )


def python_of(given: str | None, configuration: Configuration) -> Path:
    """Return the interpreter to run workloads in: as given, else as configured, else our own.

    Raises:
        UsageError: if nothing on PATH has that name, or a configured one is no program.
    """
    if given is not None:
        return interpreter_named(given, Path.cwd())
    if "python" in configuration.values:
        return _configured_python(configuration)
    return own_interpreter()


def _configured_python(configuration: Configuration) -> Path:
    found = program(configuration.values["python"], configuration.folder)
    if found is None or not os.access(found, os.X_OK):
        msg = f"{configuration.given('python')}: found no such program, wanted an interpreter"
        raise UsageError(msg)
    return found
