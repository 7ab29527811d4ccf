"""Options in layers, and the plan that comes of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.model.errors import UsageError
from leakcheck.model.options import Options, workload_options
from leakcheck.model.plan import Plan, Profiler, Thresholds

positive = st.floats(min_value=0.001, max_value=1e9)
whole = st.integers(min_value=1, max_value=10**9)
layers = st.builds(
    Options,
    iterations=st.none() | whole,
    exact_iterations=st.none() | whole,
    time_limit_s=st.none() | positive,
    memory_limit_bytes=st.none() | st.floats(min_value=1, max_value=1e12),
    threshold_bytes=st.none() | positive,
    count_threshold=st.none() | positive,
    profiler=st.none() | st.sampled_from(Profiler),
    keep_capture=st.none() | st.booleans(),
    native=st.none() | st.booleans(),
)
SINGLE = (
    "time_limit_s",
    "memory_limit_bytes",
    "threshold_bytes",
    "profiler",
    "keep_capture",
    "native",
)


def plan_of(options: Options) -> Plan:
    return options.plan("jobs.py:tick", Path("/usr/bin/python3"), memory_limit_bytes=1 << 30)


@given(layers, layers)
def test_an_upper_layer_wins_wherever_it_says_anything(upper: Options, lower: Options) -> None:
    found = upper.over(lower)

    for name in SINGLE:
        given_above = getattr(upper, name)
        assert getattr(found, name) == (
            getattr(lower, name) if given_above is None else given_above
        )


@given(layers, layers, layers)
def test_layers_may_be_put_together_in_any_grouping(a: Options, b: Options, c: Options) -> None:
    assert a.over(b).over(c) == a.over(b.over(c))


@given(layers)
def test_an_empty_layer_changes_nothing_from_either_side(options: Options) -> None:
    assert options.over(Options()) == options == Options().over(options)


@given(layers, layers)
def test_how_many_iterations_comes_from_one_layer_only(upper: Options, lower: Options) -> None:
    found = upper.over(lower)
    choices = [(one.iterations, one.exact_iterations) for one in (upper, lower)]

    assert (found.iterations, found.exact_iterations) in [*choices, (None, None)]


@given(layers)
def test_any_options_in_range_make_a_plan(options: Options) -> None:
    plan = plan_of(options)

    assert plan.exact == (options.exact_iterations is not None)
    assert plan.iterations == (options.exact_iterations or options.iterations or 20_000)


def test_the_defaults_are_those_of_the_manual() -> None:
    assert plan_of(Options()) == Plan(
        target="jobs.py:tick",
        python=Path("/usr/bin/python3"),
        iterations=20_000,
        exact=False,
        time_limit_s=60,
        memory_limit_bytes=1 << 30,
        thresholds=Thresholds(bytes_per_iteration=4, counts_per_iteration=0.001),
        profiler=Profiler.MEMRAY,
        keep_capture=False,
    )


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (Options(iterations=0), "iterations: found 0, wanted 1 or more"),
        (Options(exact_iterations=-1), "iterations: found -1, wanted 1 or more"),
        (Options(time_limit_s=0.0), "time limit: found 0.0 s, wanted more than 0"),
        (Options(time_limit_s=float("nan")), "time limit: found nan s, wanted more than 0"),
        (Options(time_limit_s=float("inf")), "time limit: found inf s, wanted more than 0"),
        (Options(memory_limit_bytes=0.5), "memory limit: found 0 B, wanted more than 0"),
        (Options(threshold_bytes=0.0), "bytes_per_iteration: found 0.0, wanted more than 0"),
        (Options(count_threshold=float("nan")), "counts_per_iteration: found nan, wanted more"),
        (Options(count_threshold=float("inf")), "counts_per_iteration: found inf, wanted more"),
    ],
)
def test_a_number_out_of_range_is_named_with_what_was_found(
    options: Options, complaint: str
) -> None:
    with pytest.raises(UsageError) as refused:
        plan_of(options)

    assert complaint in str(refused.value)


def test_a_workload_gives_options_of_its_own() -> None:
    given_by_mark = {"iterations": 5, "exact_iterations": 6, "time_limit": 2, "threshold": "1KiB"}

    assert workload_options("jobs.py:tick", given_by_mark) == Options(
        iterations=5, exact_iterations=6, time_limit_s=2, threshold_bytes=1024
    )


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("iterations", 5.0, "wanted a whole number"),
        ("iterations", True, "wanted a whole number"),
        ("exact_iterations", "5", "wanted a whole number"),
        ("time_limit", "5", "wanted a number"),
        ("time_limit", True, "wanted a number"),
        ("threshold", "five", "'five' is no size"),
        ("threshold", True, "'True' is no size"),
    ],
)
def test_a_bad_option_of_a_mark_names_workload_option_and_value(
    name: str, value: object, wanted: str
) -> None:
    with pytest.raises(UsageError) as refused:
        workload_options("jobs.py:tick", {name: value})

    for part in ("jobs.py:tick", name, repr(value).strip("'"), wanted):
        assert part in str(refused.value)
