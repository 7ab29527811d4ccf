"""What it costs to watch: CPU a reading and a look, and the room that a week takes.

`extra_info` has the CPU seconds of a day at the default interval, and the bytes of a week.
"""

import sys
import tracemalloc
from itertools import count
from typing import Final

from pytest_benchmark.fixture import BenchmarkFixture

from leakcheck.watch import ProcessSource, Watch
from leakcheck.watch.course import Course
from leakcheck.watch.process import own_process
from leakcheck.watch.reading import Reading
from leakcheck.watch.terms import Terms
from leakcheck.watch.watching import INTERVAL_S

_A_DAY: Final = int(86_400 / INTERVAL_S)


def _reading(number: int) -> Reading:
    memory = (300 << 20) + number % 977 * 4096
    return Reading(at_s=number * INTERVAL_S, memory_bytes=memory, threads=4, life="1:2:0")


def _after(days: int) -> Course:
    course = Course(Terms(limit_bytes=1 << 30))
    for number in range(days * _A_DAY):
        course.add(_reading(number))
    return course


def bench_reading(benchmark: BenchmarkFixture) -> None:
    """Read this process from outside."""
    source: ProcessSource = own_process()

    assert benchmark(source.read, 1.0).memory_bytes


def bench_sample(benchmark: BenchmarkFixture) -> None:
    """Read and take in, as the thread of a watch does."""
    times = count(1.0, INTERVAL_S)
    watch = Watch(clock=lambda: next(times))

    assert benchmark(watch.take).memory_bytes
    benchmark.extra_info["cpu_s_a_day"] = (
        benchmark.stats.stats.median * _A_DAY if benchmark.stats else 0
    )


def bench_look(benchmark: BenchmarkFixture) -> None:
    """Look at a week, as at the end of each day."""
    course = _after(7)
    numbers = count(7 * _A_DAY)

    def look() -> None:
        course.add(_reading(next(numbers)))
        course.look()

    benchmark(look)
    assert course.standing


def bench_week(benchmark: BenchmarkFixture) -> None:
    """Take in a week of readings, with all the looks at it."""
    course = benchmark.pedantic(_after, (7,), rounds=1)  # type: ignore[no-untyped-call]
    tracemalloc.start()
    kept = _after(7)
    benchmark.extra_info["bytes_of_a_week"] = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert course.standing
    assert sys.getsizeof(kept)
