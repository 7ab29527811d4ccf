"""A test of pytest's as a target of `leakcheck run`."""

from pathlib import Path

import pytest

from leakcheck.model.verdict import Verdict
from tests.process.command import Desk

TESTS = """
import pytest

KEPT = []

@pytest.mark.parametrize("size", [100])
def test_keeps(size):
    KEPT.append(bytearray(size))

@pytest.mark.leakcheck(threshold="1KiB", iterations=2000)
def test_keeps_little():
    KEPT.append(bytearray(100))

def test_skips_itself():
    pytest.skip("no network here")

@pytest.mark.leakcheck(threshold="4 apples")
def test_is_wrong():
    pass
"""
OPTIONS = ("--profiler", "none")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    desk = Desk(folder=tmp_path)
    desk.write("test_any.py", TESTS)
    return desk


def test_a_test_is_checked_as_any_workload_is(desk: Desk) -> None:
    ran = desk.run("test_any.py::test_keeps[100]", "test_any.py::test_keeps_little", *OPTIONS)

    assert ran.code == 1
    assert [record.judgement.verdict for record in ran.records] == [Verdict.LEAK, Verdict.CLEAN]
    assert "repeat: leakcheck run 'test_any.py::test_keeps[100]'" in ran.out


WRONG = {
    "test_any.py::test_keps": "test_any.py::test_keps: pytest found no such test (it ended with 4)",
    "nothing.py::test_any": "nothing.py::test_any: pytest found no such test (it ended with 4)",
    "test_any.py::test_is_wrong": "threshold in its mark: '4 apples' is no size",
}


@pytest.mark.parametrize("target", WRONG)
def test_a_test_that_cannot_be_used_is_wrong_usage(desk: Desk, target: str) -> None:
    ran = desk.run(target, *OPTIONS)

    assert ran.code == 2
    assert WRONG[target] in ran.complaint
    assert ran.records == []


def test_a_test_that_skips_itself_is_not_measured(desk: Desk) -> None:
    ran = desk.run("test_any.py::test_skips_itself", *OPTIONS)

    assert ran.code == 4
    assert ran.complaint == (
        "leakcheck: test_any.py::test_skips_itself: skipped, and so not measured: no network here"
    )
    assert ran.records == []
