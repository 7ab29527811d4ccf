"""What source code states of the size of a container."""

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.stated_bounds import Stated, named_limits, stated_bounds


def stated(source: str, *, line: int = 1, names: str = "", **numbers: int) -> Stated:
    return stated_bounds(dedent(source).lstrip("\n"), [line], numbers, frozenset(names.split()))


@pytest.mark.parametrize(
    ("condition", "limit"),
    [
        ("len(CACHE) > 5000", 5000),
        ("5000 <= len(self.items)", 5000),
        ("len(CACHE) >= MOST", 70),
        ("len(CACHE) == settings.MOST - 1", 69),
        ("len(CACHE) >= 1 << 12", 4096),
        ("len(CACHE) > 2 * MOST", 140),
        ("queue.qsize() > 300", 300),
    ],
)
def test_what_a_length_is_held_against_is_a_limit(condition: str, limit: int) -> None:
    found = stated(f"def put(key):\n    if {condition}:\n        evict()\n", MOST=70)

    assert found.limits == {limit}


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("CACHE[n % 7000] = 1", 7000),
        ("CACHE[key & 1023] = 1", 1023),
        ("KEPT = KEPT[-600:]", 600),
        ("CACHE[random.randrange(900)] = 1", 900),
        ("if total > 800: flush()", 800),
        ("store(max_entries=250)", 250),
    ],
)
def test_other_numbers_that_may_bound_the_keys_are_counts(line: str, count: int) -> None:
    found = stated(f"def put(key):\n    {line}\n")

    assert found.limits == frozenset()
    assert count in found.counts


@pytest.mark.parametrize(
    "line",
    [
        "CACHE.pop(key)",
        "del CACHE[key]",
        "KEPT[:] = KEPT[5:]",
        "heapq.heappop(KEPT)",
        "self.KEPT = []",
        "queue.get_nowait()",
    ],
)
def test_code_that_takes_entries_out_is_seen(line: str) -> None:
    assert stated(f"def tidy(self):\n    {line}\n", names="KEPT").shrinks


@pytest.mark.parametrize(
    "line", ["KEPT.append(key)", "KEPT = []", "del key", "KEPT[key] = 1", "other.KEPTX = []"]
)
def test_code_that_adds_or_has_nothing_to_do_with_it_takes_nothing_out(line: str) -> None:
    assert not stated(f"def put(key):\n    {line}\n", names="KEPT").shrinks


def test_a_first_binding_takes_nothing_out_and_a_later_one_does() -> None:
    source = """
        class Store:
            def __init__(self):
                self.kept = []
            def reset(self):
                self.kept = []
    """

    assert not stated(source, line=2, names="kept").shrinks
    assert stated(source, line=4, names="kept").shrinks


def test_what_a_tear_down_removes_does_not_count_and_what_a_loop_does_counts() -> None:
    source = """
        def workload():
            yield KEPT.append
            KEPT.clear()
        def consumer():
            while True:
                KEPT.append((yield))
                KEPT.pop()
    """

    assert not stated(source, line=1, names="KEPT").shrinks
    assert stated(source, line=4, names="KEPT").shrinks


def test_a_decorated_function_is_found_by_its_decorator_and_a_mangled_name_by_its_end() -> None:
    source = """
        @cached
        def put(self, key):
            if len(self.data) > self.__most:
                self.data.popitem()
    """

    assert stated(source, names="data", _Store__most=42) == Stated(
        limits=frozenset({42}), shrinks=True
    )


def test_other_functions_of_the_file_do_not_count() -> None:
    source = "def put(key):\n    KEPT.append(key)\ndef tidy():\n    KEPT.clear()\n"

    assert stated(source, names="KEPT") == Stated()


def test_attributes_that_are_called_a_limit_are_limits() -> None:
    attributes = {"maxsize": 1, "_Cache__maxsize": 2, "limit": 3, "max_keys": 4, "port": 8080}

    assert named_limits(attributes) == {1, 2, 3, 4}


@pytest.mark.parametrize("name", ["memory_limit_bytes", "max_age_s", "MAX_BODY_KB", "max_retries"])
def test_a_limit_to_something_else_is_no_limit_to_entries(name: str) -> None:
    assert named_limits({name: 5_000}) == frozenset()


@pytest.mark.parametrize("source", ["def put(", "\x00", "(" * 5000, ""])
def test_source_that_is_no_python_states_nothing(source: str) -> None:
    assert stated_bounds(source, [1], {}, frozenset()) == Stated()


@given(st.text(alphabet="defput(key):\n len()<>=%&[]-+*0123456789.ifreturn", max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    stated_bounds(text, [1, 2], {}, frozenset({"key"}))
