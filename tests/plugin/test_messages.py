"""What a test that leaks fails with."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.testing.message import MOST_LINES, shortened_to
from tests.plugin.sessions import Session, Suite

pytestmark = pytest.mark.slow

LINES = 40
MANY = "\n".join(f"    KEPT.append(bytearray({100 + number}))" for number in range(LINES))
SHOP = """
CACHE = {}

def remember():
    CACHE[object()] = bytearray(100)

def recall():
    CACHE[object()] = bytearray(100)

def retell():
    CACHE[object()] = bytearray(100)
"""
CONFIGURATION = """
[tool.leakcheck]
time-limit = 300
allow = [
  "shop.py:recall = 1KiB until 2999-12-31 # ticket 12",
  "shop.py:retell = 1KiB until 2020-01-31 # ticket 13",
  "shop.py:99 = 1KiB until 2999-12-31 # ticket 14",
]
"""
TESTS = f"""
import pytest
import shop

KEPT = []

@pytest.mark.leakcheck
def test_keeps_by_a_library():
    shop.remember()

@pytest.mark.leakcheck
def test_keeps_what_is_known():
    shop.recall()

@pytest.mark.leakcheck
def test_keeps_what_was_known():
    shop.retell()

@pytest.mark.leakcheck
def test_keeps_much():
    open("many.txt", "rb")
    with pytest.raises(ValueError):
        raise ValueError
{MANY}
"""


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Session:
    suite = Suite(folder=tmp_path_factory.mktemp("messages"))
    suite.write(shop=SHOP, test_any=TESTS)
    (suite.folder / "pyproject.toml").write_text(CONFIGURATION)
    (suite.folder / "many.txt").touch()
    return suite.run()


def message(failed: Session, name: str) -> list[str]:
    return failed.cases[name].text.partition("\nLEAK: ")[2].splitlines()


def test_it_names_the_line_that_allocates_who_called_it_and_who_holds_it(failed: Session) -> None:
    text = failed.cases["test_keeps_by_a_library"].text

    assert "shop.py:5  remember()" in text
    assert "called from test_any.py:9 test_keeps_by_a_library" in text
    assert "held by  shop.CACHE (module global) -> dict" in text


def test_it_says_how_to_repeat_it_and_where_the_rest_is(failed: Session, tmp_path: Path) -> None:
    *_, repeat, record = message(failed, "test_keeps_by_a_library")

    assert repeat.startswith("repeat: leakcheck run test_any.py::test_keeps_by_a_library")
    assert record.startswith("record: .leakcheck/")
    assert "(leakcheck why " in record
    assert str(tmp_path) not in "\n".join(message(failed, "test_keeps_by_a_library"))


def test_it_has_25_lines_at_the_most(failed: Session) -> None:
    lines = message(failed, "test_keeps_much")

    assert 5 < len(lines) <= MOST_LINES
    assert lines[-1].startswith("record: ")


def test_a_known_leak_passes_and_the_summary_says_until_when(failed: Session) -> None:
    case = failed.cases["test_keeps_what_is_known"]
    known, *_, counted = failed.section("leakcheck")

    assert case.outcome == "passed"
    assert case.properties["leakcheck_verdict"] == "LEAK"
    assert known.startswith("test_any.py::test_keeps_what_is_known: ")
    assert "2999-12-31" in known
    assert "ticket 12" in known
    assert counted == "4 LEAK (1 allowed)"


def test_an_entry_that_has_expired_fails_and_is_told_of(failed: Session) -> None:
    case = failed.cases["test_keeps_what_was_known"]

    assert case.outcome == "failed"
    assert "allow: expired" in case.text


def test_an_entry_at_whose_line_nothing_grows_is_told_of(failed: Session) -> None:
    (vanished,) = [line for line in failed.section("leakcheck") if "vanished" in line]

    assert "shop.py:99" in vanished


@given(st.integers(3, 60), st.lists(st.text(), max_size=200))
def test_a_shortened_message_keeps_its_first_and_its_last_two_lines(
    most: int, lines: list[str]
) -> None:
    shown = shortened_to(most, lines)

    assert len(shown) == min(most, len(lines))
    assert shown[-2:] == lines[-2:]
    assert shown[: most - 3] == lines[: most - 3]
