"""Quantiles of Student's t, without any library."""

import math
from functools import lru_cache
from typing import Final

_TINY: Final = 1e-300
_TERMS: Final = 500
_STEPS: Final = 200


@lru_cache(maxsize=1024)
def t_quantile(probability: float, degrees: int) -> float:
    """Return the value that Student's t with `degrees` of freedom stays below so often.

    `probability` lies strictly between 0 and 1; `degrees` is 1 or more. Found by bisection
    of the distribution function (Abramowitz and Stegun, 26.7.1).

    >>> round(t_quantile(0.975, 10), 6)
    2.228139
    """
    if probability < 0.5:  # noqa: PLR2004 -- the median: the distribution is symmetric
        return -t_quantile(1 - probability, degrees)
    low, high = 0.0, 1.0
    while t_upper_tail(high, degrees) > 1 - probability:
        low, high = high, high * 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if t_upper_tail(middle, degrees) > 1 - probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def t_upper_tail(value: float, degrees: int) -> float:
    """Return the probability that Student's t with `degrees` of freedom exceeds `value` >= 0.

    >>> t_upper_tail(0.0, 5)
    0.5
    """
    return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + value * value)) / 2


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function of `x` in 0..1.

    By its continued fraction, evaluated after Lentz (Abramowitz and Stegun, 26.5.8).

    >>> round(incomplete_beta(2.0, 3.0, 0.5), 10)
    0.6875
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    log_front += a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-16:  # noqa: PLR2004 -- the resolution of a float
            break
    return value


def _away_from_zero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
