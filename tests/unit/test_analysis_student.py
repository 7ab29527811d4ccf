"""Student's t against published tables and against scipy."""

import pytest

from leakcheck.analysis.student import t_quantile, t_upper_tail


@pytest.mark.parametrize(
    ("probability", "degrees", "value"),
    [
        (0.975, 1, 12.7062047),
        (0.995, 14, 2.9768427),
        (0.9995, 5, 6.8688266),
        (0.95, 120, 1.6576509),
    ],
)
def test_quantiles_are_those_of_the_tables(probability: float, degrees: int, value: float) -> None:
    assert t_quantile(probability, degrees) == pytest.approx(value, abs=1e-7)


def test_the_distribution_is_symmetric() -> None:
    assert t_quantile(0.01, 7) == -t_quantile(0.99, 7)


def test_a_quantile_and_its_tail_undo_each_other() -> None:
    assert t_upper_tail(t_quantile(0.9, 9), 9) == pytest.approx(0.1, abs=1e-12)


def test_quantiles_agree_with_scipy_to_eight_digits() -> None:
    stats = pytest.importorskip("scipy.stats")
    for degrees in (1, 2, 3, 7, 14, 30, 200):
        for probability in (0.5, 0.6, 0.9, 0.99, 0.999375, 0.99999):
            expected = stats.t.ppf(probability, degrees)
            assert t_quantile(probability, degrees) == pytest.approx(expected, rel=1e-8, abs=1e-8)
