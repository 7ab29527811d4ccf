"""What a round of a benchmark allocates, and the most that it holds: counted by memray.

Python's own allocators are followed, so that what a round does is counted, and not what pymalloc
happened to have left. A round of its own is measured: memray would slow the timed ones.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from memray import FileDestination, Tracker
from memray._memray import compute_statistics
from pytest_benchmark.fixture import BenchmarkFixture


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundMemory:
    """The most bytes that a round held at once, and how many blocks it allocated."""

    peak_bytes: int
    allocations: int


def round_memory(do: Callable[[], object]) -> RoundMemory:
    """Return what one call of `do` takes, without what counting itself takes."""
    found, own = _counted(do), _own()
    return RoundMemory(
        peak_bytes=max(found.peak_bytes - own.peak_bytes, 0),
        allocations=max(found.allocations - own.allocations, 0),
    )


class RememberingBenchmark(BenchmarkFixture):
    """pytest-benchmark's fixture, with one round more that tells memory in `extra_info`."""

    longest_s: float

    @classmethod
    def over(cls, fixture: BenchmarkFixture, longest_s: float) -> "RememberingBenchmark":
        """Return `fixture` as one of these: they share everything.

        A round that took longer than `longest_s` is not done again to be counted.
        """
        made = cls.__new__(cls)
        made.__dict__ = fixture.__dict__
        made.longest_s = longest_s
        return made

    def __call__(self, function_to_benchmark: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Return what the function returns, once it has been timed and counted."""
        result = super().__call__(function_to_benchmark, *args, **kwargs)  # type: ignore[no-untyped-call]
        if self._is_counted:
            self._note(lambda: function_to_benchmark(*args, **kwargs))
        return result

    def pedantic(  # noqa: PLR0913, PLR0917 -- it is pytest-benchmark's
        self,
        target: Callable[..., Any],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        setup: Callable[[], Any] | None = None,
        teardown: Callable[..., Any] | None = None,
        rounds: int = 1,
        warmup_rounds: int = 0,
        iterations: int = 1,
    ) -> Any:  # noqa: ANN401
        """Return what `target` returns, once it has been timed and counted."""
        result = super().pedantic(  # type: ignore[no-untyped-call]
            target, args, kwargs, setup, teardown, rounds, warmup_rounds, iterations
        )
        if self._is_counted:
            made = setup() if setup is not None else None
            given, named = made or (args, kwargs or {})
            self._note(lambda: target(*given, **named))
            if teardown is not None:
                teardown(*given, **named)
        return result

    @property
    def _is_counted(self) -> bool:
        if not self.enabled or self.stats is None:
            return False
        return float(self.stats.stats.median) <= self.longest_s

    def _note(self, do: Callable[[], object]) -> None:
        found = round_memory(do)
        self.extra_info["peak_bytes"] = found.peak_bytes
        self.extra_info["allocations"] = found.allocations


@cache
def _own() -> RoundMemory:
    return _counted(lambda: None)


def _counted(do: Callable[[], object]) -> RoundMemory:
    with tempfile.TemporaryDirectory(prefix="leakcheck-bench-") as folder:
        file = Path(folder) / "round.bin"
        to = FileDestination(file, compress_on_exit=False)
        with Tracker(destination=to, trace_python_allocators=True):
            do()
        found = compute_statistics(str(file))
    return RoundMemory(
        peak_bytes=found.peak_memory_allocated, allocations=found.total_num_allocations
    )
