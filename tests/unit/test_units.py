import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.model.errors import UsageError
from leakcheck.model.units import format_bytes, format_count, parse_size

UNITS = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 1000, "MB": 10**6}


@given(st.floats(min_value=0, max_value=1e15))
def test_what_is_formatted_parses_to_the_same_size_within_its_digits(size: float) -> None:
    text = format_bytes(size).replace(",", "")
    shown, unit = text.split()
    step = UNITS[unit] * (10.0 ** -len(shown.partition(".")[2]) if "e" not in shown else 1)

    if "e" not in shown:
        assert abs(parse_size(text) - size) <= step / 2 + 1e-6 * size


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from(sorted(UNITS)))
def test_a_number_and_a_unit_are_multiplied(number: int, unit: str) -> None:
    for text in (f"{number}{unit}", f" {number} {unit} ", f"{number}.0{unit.lower()}"):
        assert parse_size(text) == number * UNITS[unit]


@pytest.mark.parametrize("text", ["", "B", "-1", "1e3", "4 apples", "1.2.3", "0x10", "nan", "½"])
def test_what_is_no_size_is_named_with_what_would_be(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_size(text)

    assert str(refused.value).startswith(f"{text!r} is no size: wanted a number and a unit")


def test_a_size_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(UsageError, match="is too large"):
        parse_size("9" * 400)


@given(st.text(max_size=12))
def test_any_text_is_a_finite_size_or_refused(text: str) -> None:
    try:
        assert 0 <= parse_size(text) < math.inf
    except UsageError as refused:
        assert repr(text) in str(refused)  # noqa: PT017 -- both ends are good


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_negative_size_reads_like_the_positive_one(size: float) -> None:
    assert format_bytes(-abs(size)).removeprefix("-") == format_bytes(abs(size))


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_a_count_keeps_three_digits(number: float) -> None:
    assert float(format_count(number).replace(",", "")) == pytest.approx(number, rel=0.006)
