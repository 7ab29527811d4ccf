"""What a trigger of each kind costs an iteration of a program, and a sample of that program costs.

The program is another process, started once for each figure: a line to `cat`, a signal to a Python
that waits for one, a request to Python's own threading server. What is timed is from the trigger to
the moment at which the iteration is known to be over, the program's own time included. A sample is
one look at a program of so many processes.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.outside.asking import ONE, order_of
from leakcheck.probes.outside import descendants
from leakcheck.run.process import monotonic_s
from leakcheck.run.program.adoption import adopting
from leakcheck.run.program.order import Order
from leakcheck.run.program.process import ProgramProcess
from leakcheck.run.program.readiness import ready_of
from leakcheck.run.program.triggers import firing_of

ROUNDS: Final = 200
_READY_S: Final = 30.0
PROGRAMS: Final = {
    "line": ("lines", "cat"),
    "signal": ("signals", sys.executable, ONE, "signals", "nothing"),
    "request": ("serve", sys.executable, ONE, "serve", "nothing"),
}
_FAMILY: Final = "for i in $(seq {}); do sleep 1000 & done; cat"


@contextmanager
def running(order: Order) -> Iterator[ProgramProcess]:
    """Start a program, wait until it is ready, and end it."""
    with adopting():
        process = ProgramProcess(
            order.words, os.environ, others=descendants(os.getpid()), is_spoken_to=True
        )
        try:
            ready, began_s = ready_of(order.trigger, process), monotonic_s()
            while not ready():
                process.listen(0.01)
                assert monotonic_s() - began_s < _READY_S
            yield process
        finally:
            process.end()


@pytest.mark.elsewhere
@pytest.mark.parametrize("kind", PROGRAMS)
def bench_trigger(benchmark: BenchmarkFixture, kind: str, *, is_rough: bool) -> None:
    """Have a program that does nothing do one iteration."""
    order = order_of(*PROGRAMS[kind])
    with running(order) as process:
        firing = firing_of(order.trigger, process, 60.0)

        def iterate() -> None:
            firing.fire()
            while not firing.is_done():
                process.listen(firing.poll_s)

        try:
            benchmark.pedantic(iterate, rounds=20 if is_rough else ROUNDS, warmup_rounds=5)  # type: ignore[no-untyped-call]
        finally:
            firing.close()


@pytest.mark.elsewhere
@pytest.mark.parametrize("children", [0, 10])
def bench_sample_of_a_program(
    benchmark: BenchmarkFixture, children: int, *, is_rough: bool
) -> None:
    """Look at a program with so many children: memory, descriptors, threads."""
    order = order_of("lines", "sh", "-c", _FAMILY.format(children))
    with running(order) as process:
        benchmark.pedantic(process.tree.read, rounds=20 if is_rough else ROUNDS, warmup_rounds=5)  # type: ignore[no-untyped-call]
        look = process.tree.read()
        assert look is not None
        assert len(look.children) == children + 1  # and `cat`
