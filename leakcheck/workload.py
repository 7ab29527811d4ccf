"""The mark that makes a function a workload. Standard library only: a measured child imports it."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, overload

MARK: Final = "__leakcheck_workload__"

F = TypeVar("F", bound=Callable[..., Any])


@overload
def workload(function: F, /) -> F: ...
@overload
def workload(
    *,
    iterations: int | None = None,
    exact_iterations: int | None = None,
    time_limit: float | None = None,
    threshold: str | None = None,
) -> Callable[[F], F]: ...
def workload(
    function: F | None = None,
    /,
    *,
    iterations: int | None = None,
    exact_iterations: int | None = None,
    time_limit: float | None = None,
    threshold: str | None = None,
) -> F | Callable[[F], F]:
    """Return `function`, marked as a workload.

    A generator function (plain or async) sets up, yields the iteration function once and then
    tears down. Any other function is itself one iteration. The keyword arguments are the
    workload's own defaults for the options of the same names on the command line, which wins
    over them: the most iterations, or exactly how many; seconds; a size such as ``"4B"``.

    >>> @workload(time_limit=5)
    ... def tick() -> None: ...
    >>> getattr(tick, MARK)
    {'time_limit': 5}
    """
    options = {
        "iterations": iterations,
        "exact_iterations": exact_iterations,
        "time_limit": time_limit,
        "threshold": threshold,
    }
    given = {name: value for name, value in options.items() if value is not None}

    def mark(marked: F) -> F:
        setattr(marked, MARK, given)
        return marked

    return mark if function is None else mark(function)
