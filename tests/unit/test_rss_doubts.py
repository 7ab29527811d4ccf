"""When resident memory that moves about asks for a longer run, and when it does not."""

import random

from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.finding import persists_in_pages
from leakcheck.analysis.fit import fit_growth
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal

MIB = 1 << 20
PAGE = 4096
ITERATIONS = 756
THRESHOLD = 64.0


def below_a_ceiling(seed: int, *, leak_bytes: int = 0) -> Series:
    """Return RSS as a report cycle shows it: now and then much is given back, then taken again."""
    rng, gone = random.Random(seed), 0.0  # noqa: S311 -- no secret
    points = []
    for iteration in range(ITERATIONS):
        gone *= 0.9
        if rng.random() < 0.08:
            gone = max(gone, rng.random() * 17 * MIB)
        resident = 106 * MIB - gone - rng.random() * MIB + leak_bytes * iteration
        points.append((iteration, int(resident) // PAGE * PAGE))
    return Series.of(Signal.RSS, points)


def seems_to_persist(series: Series) -> bool:
    fit = fit_growth(series, series.iterations[-1])
    assert fit is not None
    return persists_in_pages(fit, THRESHOLD)


def test_memory_that_is_given_back_and_taken_again_below_a_ceiling_is_no_reason_to_go_on() -> None:
    doubted = sum(seems_to_persist(below_a_ceiling(seed)) for seed in range(100))
    assert doubted <= 1


def test_growth_that_outgrows_such_a_ceiling_is_not_overlooked() -> None:
    doubted = sum(seems_to_persist(below_a_ceiling(s, leak_bytes=160_000)) for s in range(40))
    assert doubted >= 32


@given(
    rate=st.integers(200, 100_000),
    starts=st.floats(0.0, 0.5),
    noise=st.floats(0.0, 0.05),
    seed=st.integers(0, 1_000),
)
def test_growth_that_began_by_the_newest_octave_and_stands_out_asks_for_a_longer_run(
    rate: int, starts: float, noise: float, seed: int
) -> None:
    rng, n = random.Random(seed), 4_000  # noqa: S311 -- no secret
    began = int(starts * n)
    height = noise * rate * n / 2
    values = (
        50 * MIB + rate * max(0, k - began) + int(rng.random() * height) for k in range(0, n + 1, 8)
    )
    points = ((8 * k, value // PAGE * PAGE) for k, value in enumerate(values))
    assert seems_to_persist(Series.of(Signal.RSS, points))
