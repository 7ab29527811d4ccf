"""What the parent makes of a child's census: limits, counts and removals from source files."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.model.containers import Census, Pile
from leakcheck.run import sources
from leakcheck.run.census import read_census

PUT = """
def put(key):
    STORE[key] = None
    if len(STORE) > MOST:
        STORE.popitem()

def other(key):
    STORE.clear() if len(STORE) > 77_777 else key % 66_666
"""
SLOT = """
def put(key):
    STORE[key % 4_096] = None
"""


def told(**changes: object) -> dict[str, Any]:
    """Return one container as a child tells of it."""
    plain: dict[str, Any] = {
        "kind": "dict",
        "before": 1_000,
        "now": 2_000,
        "limit": None,
        "held_by": ["jobs.STORE (module global)"],
        "names": ["STORE"],
        "codes": [],
        "numbers": {},
        "attributes": {},
        "hidden": False,
        "inside": [],
    }
    return {**plain, **changes}


def message(
    containers: list[dict[str, Any]] | None, *, piles: Any = (), remark: str = ""
) -> dict[str, Any]:
    """Return the content of a child's message."""
    return {"containers": containers, "piles": list(piles), "remark": remark}


def code(path: Path | str, line: int = 2) -> list[list[object]]:
    return [[str(path), line, "put"]]


def only(**changes: object) -> Any:
    """Return the container that is made of this one."""
    made = read_census(message([told(**changes)]), 1_000, 2_000)
    assert made is not None
    (found,) = made.containers
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a file whose function `put` holds a length against MOST."""
    file = tmp_path / "jobs.py"
    file.write_text(PUT, encoding="utf-8")
    return file


def test_a_census_that_tells_of_nothing_has_its_iterations() -> None:
    assert read_census(message([]), 500, 1_000) == Census(began=500, ended=1_000)


def test_piles_are_told_with_their_type_their_growth_and_how_they_are_held() -> None:
    pile = {"kind": "jobs.Node", "held_by": ["jobs.HEAD (module global)", "jobs.Node"], "grown": 9}
    made = read_census(message([], piles=[pile], remark="not searched"), 1_000, 2_000)

    assert made is not None
    assert made.remark == "not searched"
    assert made.piles == (
        Pile(kind="jobs.Node", held_by=("jobs.HEAD (module global)", "jobs.Node"), grown=9),
    )


def test_a_census_that_could_not_be_made_is_none_at_all() -> None:
    assert read_census(message(None), 500, 1_000) is None


def test_a_container_is_told_with_its_lengths_and_links() -> None:
    found = only()

    assert (found.kind, found.before, found.now, found.grown) == ("dict", 1_000, 2_000, 1_000)
    assert found.held_by == ("jobs.STORE (module global)",)
    assert (found.limits, found.counts, found.shrinks) == ((), (), False)


def test_the_functions_it_names_are_read_and_no_others_of_the_file(source: Path) -> None:
    found = only(codes=code(source), numbers={"MOST": 5_000})

    assert found.limits == (5_000,)
    assert found.counts == ()
    assert found.shrinks


def test_a_modulus_is_a_count_and_no_limit(tmp_path: Path) -> None:
    file = tmp_path / "jobs.py"
    file.write_text(SLOT, encoding="utf-8")
    found = only(codes=code(file))

    assert (found.limits, found.counts, found.shrinks) == ((), (4_096,), False)


def test_what_several_files_say_counts_together(source: Path, tmp_path: Path) -> None:
    file = tmp_path / "slots.py"
    file.write_text(SLOT, encoding="utf-8")
    found = only(codes=[*code(source), *code(file)], numbers={"MOST": 5_000})

    assert (found.limits, found.counts) == ((5_000,), (4_096,))


def test_what_a_container_and_its_owner_declare_are_limits() -> None:
    assert only(limit=3_000, attributes={"max_entries": 9_000, "port": 8_080}).limits == (
        3_000,
        9_000,
    )


@pytest.mark.parametrize(
    ("limit", "limits"), [(2_000, (2_000,)), (1_990, (1_990,)), (1_980, (1_980,)), (1_979, ())]
)
def test_a_limit_that_was_only_just_reached_still_counts_and_one_long_passed_does_not(
    limit: int, limits: tuple[int, ...]
) -> None:
    assert only(limit=limit).limits == limits


@pytest.mark.parametrize(("number", "counts"), [(4_096, (4_096,)), (4_097, ())])
def test_a_number_that_was_passed_bounds_nothing(
    tmp_path: Path, number: int, counts: tuple[int, ...]
) -> None:
    file = tmp_path / "jobs.py"
    file.write_text(SLOT, encoding="utf-8")

    assert only(codes=code(file), now=number).counts == counts


@given(st.dictionaries(st.from_regex(r"max_x[a-z]{0,8}", fullmatch=True), st.integers(1, 10**6)))
def test_limits_are_few_the_nearest_and_in_order(attributes: dict[str, int]) -> None:
    limits = only(attributes=attributes).limits
    ahead = sorted({number for number in attributes.values() if number >= 1_980})

    assert limits == tuple(ahead[: len(limits)])
    assert len(limits) == min(len(ahead), 8)


@pytest.mark.parametrize("file", ["", "<string>", "/nowhere/at/all.py", "nul\0.py", "a" * 9_999])
def test_a_file_that_is_not_there_states_nothing(file: str) -> None:
    found = only(codes=code(file))

    assert (found.limits, found.counts, found.shrinks) == ((), (), False)


def test_a_folder_states_nothing(tmp_path: Path) -> None:
    assert not only(codes=code(tmp_path)).shrinks


@pytest.mark.parametrize("text", [b"def put(:", b"\xff\xfe\x00", b"\x00", b"("])
def test_a_file_that_is_no_python_states_nothing(source: Path, text: bytes) -> None:
    source.write_bytes(text)

    assert not only(codes=code(source), numbers={"MOST": 5_000}).limits


def test_bytes_that_are_no_text_do_not_hide_the_rest_of_a_file(source: Path) -> None:
    source.write_bytes(PUT.encode() + b"# caf\xe9\n")

    assert only(codes=code(source), numbers={"MOST": 5_000}).limits == (5_000,)


def test_an_enormous_file_states_nothing(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_LARGEST_BYTES", len(PUT) - 1)

    assert not only(codes=code(source), numbers={"MOST": 5_000}).limits


def test_what_only_code_in_c_handles_may_shrink() -> None:
    assert only(hidden=True).shrinks
    assert not only().shrinks
