"""The options of a run as they are given, in layers: configuration, workload, command line."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from leakcheck.model.errors import UsageError
from leakcheck.model.plan import (
    DEFAULT_COUNT_THRESHOLD,
    DEFAULT_ITERATIONS,
    DEFAULT_THRESHOLD_BYTES,
    DEFAULT_TIME_LIMIT_S,
    Plan,
    Profiler,
    Thresholds,
)
from leakcheck.model.units import parse_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of one layer; None is one that the layer does not give. Sizes in bytes."""

    iterations: int | None = None
    exact_iterations: int | None = None
    time_limit_s: float | None = None
    memory_limit_bytes: float | None = None
    threshold_bytes: float | None = None
    count_threshold: float | None = None
    profiler: Profiler | None = None
    keep_capture: bool | None = None
    native: bool | None = None

    def over(self, lower: "Options") -> "Options":
        """Return `lower` with what this layer gives in its place.

        How many iterations is one choice: a layer that makes it, makes it whole.

        >>> Options(iterations=9).over(Options(exact_iterations=5, keep_capture=True))
        ... # doctest: +ELLIPSIS
        Options(iterations=9, exact_iterations=None, ... keep_capture=True, native=None)
        """
        if self.iterations is not None or self.exact_iterations is not None:
            lower = replace(lower, iterations=None, exact_iterations=None)
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(lower, **{name: value for name, value in given.items() if value is not None})

    def plan(self, target: str, python: Path, *, memory_limit_bytes: int) -> Plan:
        """Return the plan for `target`; what no layer gives takes its default.

        Raises:
            UsageError: if a number is out of its range.
        """
        exact = self.exact_iterations
        wanted = self.iterations if exact is None else exact
        return Plan(
            target=target,
            python=python,
            iterations=DEFAULT_ITERATIONS if wanted is None else wanted,
            exact=exact is not None,
            time_limit_s=_or(self.time_limit_s, DEFAULT_TIME_LIMIT_S),
            memory_limit_bytes=int(_or(self.memory_limit_bytes, memory_limit_bytes)),
            thresholds=Thresholds(
                bytes_per_iteration=_or(self.threshold_bytes, DEFAULT_THRESHOLD_BYTES),
                counts_per_iteration=_or(self.count_threshold, DEFAULT_COUNT_THRESHOLD),
            ),
            profiler=self.profiler or Profiler.MEMRAY,
            keep_capture=bool(self.keep_capture),
            native=bool(self.native),
        )


def workload_options(target: str, given: Mapping[str, object]) -> Options:
    """Return the options that a workload gives of itself with its mark.

    Raises:
        UsageError: if one of them is not of its kind.
    """
    return Options(
        iterations=_whole(target, "iterations", given),
        exact_iterations=_whole(target, "exact_iterations", given),
        time_limit_s=_number(target, "time_limit", given),
        threshold_bytes=_size(target, "threshold", given),
    )


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _whole(target: str, name: str, given: Mapping[str, object]) -> int | None:
    value = given.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        msg = f"{target}: {name}={value!r} in its mark, wanted a whole number"
        raise UsageError(msg)
    return value


def _size(target: str, name: str, given: Mapping[str, object]) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        return parse_size(str(value))
    except UsageError as error:
        msg = f"{target}: {name} in its mark: {error}"
        raise UsageError(msg) from error


def _number(target: str, name: str, given: Mapping[str, object]) -> float | None:
    value = given.get(name)
    if value is not None and (not isinstance(value, int | float) or isinstance(value, bool)):
        msg = f"{target}: {name}={value!r} in its mark, wanted a number"
        raise UsageError(msg)
    return value
