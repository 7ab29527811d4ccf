"""Entries of `allow`: what they say, and those that are none."""

import string
from datetime import date
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.configuration.allowances import allowances_of
from leakcheck.configuration.table import Configuration, read_configuration
from leakcheck.model.allowance import Allowance, parse_allowance, parse_allowances
from leakcheck.model.errors import UsageError

GOOD = "jobs.py:41 = 64B until 2027-01-31 # ticket 12"


def test_an_entry_says_site_rate_last_day_and_reason() -> None:
    assert parse_allowance(GOOD) == Allowance(
        site="jobs.py:41", rate=64.0, is_count=False, until=date(2027, 1, 31), reason="ticket 12"
    )


@pytest.mark.parametrize(
    ("site", "file", "line", "function"),
    [
        ("jobs.py:41", "jobs.py", 41, ""),
        ("shop/jobs.py:tick", "shop/jobs.py", None, "tick"),
        ("./shop/jobs.py:<lambda>", "shop/jobs.py", None, "<lambda>"),
        ("<string>:3", "<string>", 3, ""),
        ("shop.jobs:tick", None, None, "tick"),
        ("a b # c = d.py:7", "a b # c = d.py", 7, ""),
    ],
)
def test_a_site_is_a_line_a_function_or_a_workload(
    site: str, file: str | None, line: int | None, function: str
) -> None:
    one = parse_allowance(f"{site} = 64B until 2027-01-31 # x")

    assert one.file == (PurePosixPath(file) if file else None)
    assert (one.line, one.function) == (line, function)


def test_a_number_without_a_unit_counts_things_and_a_size_does_not() -> None:
    rates = {
        text: parse_allowance(f"a.py:1 = {text} until 2027-01-31 # x")
        for text in ("0.5", "3", "0.5B", "1 KiB")
    }

    assert {text: (one.rate, one.is_count) for text, one in rates.items()} == {
        "0.5": (0.5, True),
        "3": (3.0, True),
        "0.5B": (0.5, False),
        "1 KiB": (1024.0, False),
    }


def test_a_reason_may_hold_anything_that_an_entry_is_made_of() -> None:
    reason = "# a = 1B until 2027-01-31 # b"

    assert parse_allowance(f"a.py:1 = 1B until 2027-01-31 # {reason}").reason == reason


WRONG = {
    "": "found no rate (SITE = RATE)",
    "jobs.py:41": "found no rate (SITE = RATE), wanted 'SITE = RATE until YYYY-MM-DD # REASON'",
    "= 64B until 2027-01-31 # x": "found no rate (SITE = RATE)",
    "jobs.py:41 = 64B": "found no last day (until YYYY-MM-DD)",
    "jobs.py:41 = 64B until 2027-01-31": "found no reason (# REASON)",
    "jobs.py:41 = 64B until 2027-01-31 #  ": "found no reason",
    "jobs.py:41 = 64B # x until 2027-01-31": "found parts in another order",
    "jobs.py:41 = 64B until 2027-01-31 # a\nb": "found characters that cannot be shown",
    "jobs.py = 64B until 2027-01-31 # x": "found the site 'jobs.py', wanted path.py:LINE or",
    "a:b c = 64B until 2027-01-31 # x": "found the site 'a:b c'",
    "/srv/jobs.py:4 = 64B until 2027-01-31 # x": "found the site '/srv/jobs.py:4'",
    "../jobs.py:4 = 64B until 2027-01-31 # x": "found the site '../jobs.py:4', wanted path.py",
    "jobs.py:41 = 64X until 2027-01-31 # x": "found the rate '64X', wanted a size an iteration",
    "jobs.py:41 = -4B until 2027-01-31 # x": "found the rate '-4B'",
    "jobs.py:41 = 0 until 2027-01-31 # x": "found the rate '0', wanted a size an iteration with",
    "jobs.py:41 = nan until 2027-01-31 # x": "found the rate 'nan'",
    f"jobs.py:41 = {'9' * 400} until 2027-01-31 # x": "more than 0",
    "jobs.py:41 = 64B until 2027-02-30 # x": "found the day '2027-02-30', wanted one as YYYY-MM-DD",
    "jobs.py:41 = 64B until 20270131 # x": "found the day '20270131'",
    "jobs.py:41 = 64B until tomorrow # x": "found the day 'tomorrow'",
}


@pytest.mark.parametrize(("entry", "complaint"), WRONG.items())
def test_what_is_no_entry_is_refused_with_what_was_found_and_wanted(
    entry: str, complaint: str
) -> None:
    with pytest.raises(UsageError) as refused:
        parse_allowance(entry)

    assert complaint in str(refused.value)
    assert str(refused.value).startswith(f"{entry!r}: found ")
    assert ", wanted " in str(refused.value)


def test_one_site_has_one_entry_in_bytes_and_one_as_a_count() -> None:
    bytes_, count = GOOD, GOOD.replace("64B", "0.5")

    assert len(parse_allowances([bytes_, count])) == 2
    with pytest.raises(UsageError, match="found a second entry for bytes at "):
        parse_allowances([bytes_, count, bytes_])


SITES = st.builds(
    "{}:{}".format,
    st.text(string.ascii_letters + string.digits + "._-/# =é", min_size=1).map(
        lambda text: f"x{text}y.py"
    ),
    st.integers(1, 10**6) | st.sampled_from(["tick", "<lambda>", "<module>"]),
)
ALLOWANCES = st.builds(
    Allowance,
    site=SITES.filter(lambda text: "/../" not in text and " = " not in text),
    rate=st.floats(min_value=1e-9, max_value=1e18),
    is_count=st.booleans(),
    until=st.dates(),
    reason=st.text(min_size=1).filter(lambda text: text.isprintable() and text == text.strip()),
)


@given(ALLOWANCES)
def test_a_written_entry_reads_the_same(one: Allowance) -> None:
    assert parse_allowance(one.entry) == one


@given(st.text())
def test_any_text_is_an_entry_or_refused_in_words(text: str) -> None:
    try:
        one = parse_allowance(text)
    except UsageError as error:
        assert ", wanted " in str(error)  # noqa: PT017 -- most texts are none, some are
    else:
        assert parse_allowance(one.entry) == one


def test_the_configuration_gives_its_entries_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    other = "shop.jobs:tick = 1 until 2027-01-31 # ticket 13"
    file.write_text(f'[tool.leakcheck]\nallow = ["{GOOD}", "{other}"]\n', encoding="utf-8")

    found = allowances_of(read_configuration(tmp_path))

    assert [one.entry for one in found] == [GOOD, other]
    assert allowances_of(Configuration(folder=tmp_path)) == ()


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("[1]", "allow: found 1, wanted texts: 'SITE = RATE until YYYY-MM-DD # REASON'"),
        ('["jobs.py:4"]', "allow: 'jobs.py:4': found no rate (SITE = RATE), wanted 'SITE = "),
        (f'["{GOOD}", "{GOOD}"]', "found a second entry for bytes at jobs.py:41, wanted one"),
        ('"jobs.py:4"', "allow = 'jobs.py:4', wanted a list of texts"),
    ],
)
def test_a_mistake_in_the_configuration_names_file_key_and_entry(
    value: str, complaint: str, tmp_path: Path
) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(f"[tool.leakcheck]\nallow = {value}\n", encoding="utf-8")

    with pytest.raises(UsageError) as refused:
        allowances_of(read_configuration(tmp_path))

    assert str(refused.value).startswith(f"{file}: [tool.leakcheck] allow")
    assert complaint in str(refused.value)
