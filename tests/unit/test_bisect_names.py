"""Names that a user or an index gives: none reaches a program as an option."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.bisecting.commits import subject_shown
from leakcheck.bisecting.names import (
    Package,
    is_version,
    package_named,
    require_requirement,
    require_revision,
    require_version,
    same_version,
)
from leakcheck.bisecting.versions import Span, between, versions_given, versions_printed
from leakcheck.model.errors import UsageError

PACKAGE = Package("shop", "")


@given(st.text())
def test_what_passes_for_a_name_cannot_be_an_option(text: str) -> None:
    required: list[Callable[[str], str]] = [
        lambda one: package_named(one).at("1.0"),
        lambda one: require_version("--good", one),
        lambda one: require_revision("--good", one),
        require_requirement,
    ]
    for require in required:
        try:
            passed = require(text)
        except UsageError as error:
            said = str(error)
            assert ", wanted " in said
            assert len(said) < 700
        else:
            assert passed[0] not in "-\n\0 "
            assert "\n" not in passed
            assert "\0" not in passed


@pytest.mark.parametrize("text", ["--pre", "-e", "", "a b", "a==1", "a;b", "../a", "a" * 200])
def test_a_package_is_named_as_packages_are(text: str) -> None:
    with pytest.raises(UsageError, match=r"--package: found .* wanted a package's name"):
        package_named(text)


def test_a_package_may_have_extras() -> None:
    assert package_named("uvicorn[standard]").at("0.30.0") == "uvicorn[standard]==0.30.0"


@pytest.mark.parametrize("text", ["1.0", "1!2.0", "1.0rc1", "1.0.post1", "2024.1", "1.0+cu118"])
def test_versions_of_all_forms_are_versions(text: str) -> None:
    assert require_version("--good", text) == text


@pytest.mark.parametrize("text", ["-1", "1.0 2.0", "1.0;x", "1.0\n", "", "1/2", "1" * 101])
def test_what_is_no_version_is_none(text: str) -> None:
    assert not is_version(text)
    with pytest.raises(UsageError, match="--bad: found"):
        require_version("--bad", text)


@pytest.mark.parametrize(
    ("one", "other"), [("8.1", "8.1.0"), ("v8.1.0", "8.1"), ("1.0RC1", "1.0rc1"), ("1", "1.0.0")]
)
def test_a_version_may_be_written_in_several_ways(one: str, other: str) -> None:
    assert same_version(one) == same_version(other)


@pytest.mark.parametrize(("one", "other"), [("8.1", "8.10"), ("1.0.1", "1.1"), ("10", "1")])
def test_other_versions_stay_others(one: str, other: str) -> None:
    assert same_version(one) != same_version(other)


def test_what_pip_prints_is_read_the_oldest_first() -> None:
    printed = "WARNING: x\nshop (1.2)\nAvailable versions: 1.2, 1.1rc1, 1.0, --evil, a b\n  LATEST"

    assert versions_printed(printed) == ("1.0", "1.1rc1", "1.2")


@given(st.text())
def test_whatever_pip_prints_only_versions_are_read(text: str) -> None:
    assert all(map(is_version, versions_printed(f"Available versions: {text}")))


def test_candidates_go_from_one_end_to_the_other() -> None:
    found = between(PACKAGE, ("1.0", "1.1", "1.2", "1.3"), Span(old="1.1.0", new="1.2"))

    assert [one.name for one in found] == ["shop 1.1", "shop 1.2"]


def test_the_newest_is_the_end_where_none_is_named() -> None:
    found = between(PACKAGE, ("1.0", "1.1", "1.2"), Span(old="1.0", new=None))

    assert [one.key for one in found] == ["1.0", "1.1", "1.2"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1.5", None, "shop 1.5: found no such version among 3 .newest: 1.0, 1.1, 1.2."),
        ("1.2", "1.0", "shop 1.2 and 1.0: wanted an older version and a newer one; --fixed"),
        ("1.2", None, "wanted an older version and a newer one"),
    ],
)
def test_ends_that_are_none_are_refused(old: str, new: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        between(PACKAGE, ("1.0", "1.1", "1.2"), Span(old=old, new=new))


@pytest.mark.parametrize("text", ["1.0,1.0.0", "1.0,,1.1", "1.0,--pre", ""])
def test_versions_that_are_given_are_each_one_and_once(text: str) -> None:
    with pytest.raises(UsageError, match="--versions: found"):
        versions_given(text)


@given(st.text())
def test_a_subject_is_one_short_printable_line(text: str) -> None:
    shown = subject_shown(text)

    assert len(shown) <= 72
    assert shown.isprintable()
