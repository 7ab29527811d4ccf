"""Tests that ask to be looped, by the mark or by the fixture."""

import re
from pathlib import Path

import pytest

from tests.plugin.sessions import Session, Suite

pytestmark = pytest.mark.slow

MARKED = """
import os, unittest
import pytest

KEPT = []

def note(word):
    with open("set-up.txt", "a") as file:
        file.write(word + "\\n")

@pytest.fixture(scope="session")
def server():
    note("session")
    yield {"calls": 0}
    note("session ends")

@pytest.fixture
def client(server):
    note("function")
    yield server
    note("function ends")

def test_plain(client):
    assert client["calls"] == 0

@pytest.mark.leakcheck
def test_keeps(client):
    client["calls"] += 1
    KEPT.append(bytearray(100))

@pytest.mark.leakcheck(threshold="16B", iterations=4000)
def test_keeps_nothing(client):
    client["calls"] += 1

@pytest.mark.leakcheck(threshold="1KiB")
def test_keeps_little():
    KEPT.append(bytearray(100))

@pytest.mark.leakcheck(iterations=300)
def test_is_short():
    pass

@pytest.mark.leakcheck
def test_fails():
    answer = 41
    assert answer == 42

@pytest.mark.leakcheck
def test_passes_once(client):
    client["calls"] += 1
    assert client["calls"] < 2

@pytest.mark.leakcheck
def test_ends_its_process():
    os._exit(3)

@pytest.mark.leakcheck
def test_skips_itself():
    pytest.skip("no network here")

@pytest.mark.leakcheck
@pytest.mark.skip(reason="by its mark")
def test_is_skipped():
    raise AssertionError

@pytest.mark.leakcheck
@pytest.mark.xfail(reason="ticket 12")
def test_is_expected_to_leak():
    KEPT.append(bytearray(100))

@pytest.mark.leakcheck
@pytest.mark.xfail(raises=KeyError, reason="ticket 13")
def test_is_expected_to_fail():
    {}["nothing"]

@pytest.fixture
def broken():
    raise RuntimeError("no server")

@pytest.mark.leakcheck
def test_whose_set_up_fails(broken):
    pass

@pytest.fixture
def hard_to_end():
    yield
    raise RuntimeError("still busy")

@pytest.mark.leakcheck
def test_whose_tear_down_fails(hard_to_end):
    pass

@pytest.mark.leakcheck(treshold="16B")
def test_with_an_unknown_option():
    pass

@pytest.mark.leakcheck(threshold="16 apples")
def test_with_a_wrong_size():
    pass

@pytest.mark.leakcheck("16B")
def test_with_an_option_without_a_name():
    pass

@pytest.mark.leakcheck(iterations="many")
def test_with_an_option_of_a_wrong_kind():
    pass

@pytest.mark.leakcheck
class TestCase(unittest.TestCase):
    def setUp(self):
        self.fresh = []

    def test_unit_keeps(self):
        KEPT.append(bytearray(100))

    def test_unit_keeps_nothing(self):
        self.fresh.append(1)
        self.assertEqual(self.fresh, [1])

    def test_unit_fails(self):
        self.assertEqual(len(self.fresh), 1)

def test_loops_a_function(client, leakcheck):
    leakcheck(lambda: KEPT.append(bytearray(100)))

def test_loops_a_function_that_keeps_little(leakcheck):
    leakcheck(lambda: KEPT.append(bytearray(100)), threshold="1KiB")

@pytest.mark.leakcheck(threshold="1KiB")
def test_loops_with_options_of_both(leakcheck):
    leakcheck(lambda: KEPT.append(bytearray(100)), iterations=3000)

def test_loops_an_async_function(leakcheck):
    async def step():
        KEPT.append(bytearray(100))
    leakcheck(step)

def test_forgets_to_loop(leakcheck):
    pass

def test_loops_twice(leakcheck):
    leakcheck(int)
    leakcheck(int)

def test_loops_with_an_unknown_option(leakcheck):
    leakcheck(int, most=3)

def test_fails_after_its_loop(leakcheck):
    leakcheck(int)
    assert 1 + 1 == 3
"""

OUTCOMES = {
    "test_plain": "passed",
    "test_keeps": "failed",
    "test_keeps_nothing": "passed",
    "test_keeps_little": "passed",
    "test_is_short": "passed",
    "test_fails": "failed",
    "test_passes_once": "failed",
    "test_ends_its_process": "failed",
    "test_skips_itself": "skipped",
    "test_is_skipped": "skipped",
    "test_is_expected_to_leak": "skipped",
    "test_is_expected_to_fail": "skipped",
    "test_whose_set_up_fails": "failed",
    "test_whose_tear_down_fails": "failed",
    "test_with_an_unknown_option": "failed",
    "test_with_a_wrong_size": "failed",
    "test_with_an_option_without_a_name": "failed",
    "test_with_an_option_of_a_wrong_kind": "failed",
    "test_unit_keeps": "failed",
    "test_unit_keeps_nothing": "passed",
    "test_unit_fails": "failed",
    "test_loops_a_function": "failed",
    "test_loops_a_function_that_keeps_little": "passed",
    "test_loops_with_options_of_both": "passed",
    "test_loops_an_async_function": "failed",
    "test_forgets_to_loop": "failed",
    "test_loops_twice": "failed",
    "test_loops_with_an_unknown_option": "failed",
    "test_fails_after_its_loop": "failed",
}
SAID = {
    "test_keeps": r"LEAK: .*grows by 1\d\d B an iteration",
    "test_fails": r"could not be looped: it raised AssertionError at iteration 1",
    "test_passes_once": r"set up once: it passed before, and raised AssertionError at iteration 2",
    "test_ends_its_process": r"it ended its own process at iteration 1, with exit code 3",
    "test_skips_itself": r"no network here",
    "test_is_expected_to_leak": r"ticket 12",
    "test_is_expected_to_fail": r"ticket 13",
    "test_whose_set_up_fails": r"it raised RuntimeError in its set-up \(test_marked.py:\d+ broken",
    "test_whose_tear_down_fails": r"looped to its end; then it raised RuntimeError in its tear-dow",
    "test_with_an_unknown_option": r"found treshold='16B', wanted threshold, iterations, exact_it",
    "test_with_a_wrong_size": r"'16 apples' is no size: wanted a number and a unit, such as 4B",
    "test_with_an_option_without_a_name": r"found '16B' without a name, wanted threshold, iterati",
    "test_with_an_option_of_a_wrong_kind": r"found iterations='many', wanted int",
    "test_unit_keeps": r"LEAK: .*grows by 1\d\d B an iteration",
    "test_unit_fails": r"it raised AssertionError at iteration 1",
    "test_loops_a_function": r"LEAK: .*grows by 1\d\d B an iteration",
    "test_loops_an_async_function": r"LEAK: .*grows by 1\d\d B an iteration",
    "test_forgets_to_loop": r"it ended and had looped nothing, wanted a call of its fixture",
    "test_loops_twice": r"looped twice in one test, wanted once: make two tests of it",
    "test_loops_with_an_unknown_option": r"the leakcheck fixture: found most=3, wanted threshold",
    "test_fails_after_its_loop": r"looped to its end; then it raised AssertionError",
}
VERDICTS = {
    "test_keeps": "LEAK",
    "test_keeps_nothing": "CLEAN",
    "test_keeps_little": "CLEAN",
    "test_is_short": "INCONCLUSIVE",
    "test_passes_once": "ERROR",
    "test_unit_keeps_nothing": "CLEAN",
    "test_whose_tear_down_fails": "CLEAN",
}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    suite = Suite(folder=tmp_path_factory.mktemp("marked"))
    suite.write(test_marked=MARKED)
    return suite


@pytest.fixture(scope="module")
def marked(suite: Suite) -> Session:
    return suite.run()


def test_every_test_ends_as_it_should(marked: Session) -> None:
    assert marked.outcomes() == OUTCOMES
    assert marked.code == 1


@pytest.mark.parametrize("name", SAID)
def test_what_is_wrong_with_a_test_is_said(marked: Session, name: str) -> None:
    assert re.search(SAID[name], marked.cases[name].text)


@pytest.mark.parametrize("name", VERDICTS)
def test_junit_has_the_verdict_and_the_record(marked: Session, suite: Suite, name: str) -> None:
    properties = marked.cases[name].properties

    assert properties["leakcheck_verdict"] == VERDICTS[name]
    assert (suite.folder / ".leakcheck" / properties["leakcheck_record"] / "record.json").exists()


def test_a_test_that_is_not_looped_has_no_verdict(marked: Session) -> None:
    assert marked.cases["test_plain"].properties == {}


def test_a_failure_of_its_own_is_shown_as_pytest_shows_it(marked: Session) -> None:
    assert ">       assert answer == 42" in marked.cases["test_fails"].text
    assert "E       assert 41 == 42" in marked.cases["test_fails"].text


def test_an_inconclusive_test_has_a_section_of_its_own(marked: Session) -> None:
    (line,) = marked.section("leakcheck: INCONCLUSIVE")

    assert line.startswith("test_marked.py::test_is_short: ")


def test_the_summary_counts_the_verdicts(marked: Session) -> None:
    (line,) = marked.section("leakcheck")

    assert line == "5 LEAK, 7 ERROR, 1 INCONCLUSIVE, 8 CLEAN"


def test_fixtures_of_each_scope_are_set_up_once_in_each_process(tmp_path: Path) -> None:
    suite = Suite(folder=tmp_path)
    suite.write(test_marked=MARKED)
    session = suite.run("-k", "keeps_nothing and not unit")

    assert session.outcomes() == {"test_keeps_nothing": "passed"}
    assert suite.lines("set-up.txt") == ["session", "function", "function ends", "session ends"]


def test_strict_fails_what_is_inconclusive(suite: Suite) -> None:
    session = suite.run("--leakcheck-strict", "-k", "is_short")

    assert session.code == 1
    assert session.cases["test_is_short"].text.startswith("Failed: INCONCLUSIVE: ")


def test_what_is_looped_can_be_left_out_by_its_mark(suite: Suite) -> None:
    session = suite.run("-m", "not leakcheck")

    assert session.outcomes() == {"test_plain": "passed"}
    assert session.section("leakcheck") == []


def test_a_marked_test_runs_from_the_command_line_too(suite: Suite) -> None:
    session = suite.run("-k", "nothing_at_all", "--leakcheck-only", "nothing_at_all")

    assert session.code == 5
