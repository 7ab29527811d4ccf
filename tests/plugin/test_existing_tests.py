"""`pytest --leakcheck` over tests that know nothing of it, beside what else people use."""

import re
import signal
import time
from pathlib import Path

import pytest

from tests.plugin.sessions import Session, Suite

pytestmark = pytest.mark.slow

SHOP = """
CACHE = {}

def add(first, second):
    total = first + second
    return total

def remember(what):
    CACHE[object()] = what

def never():
    return 1
"""
TESTS = """
import logging, warnings
import pytest, shop

@pytest.fixture(scope="module")
def numbers():
    return [1, 2]

@pytest.mark.parametrize("kind", ["clean", "leaky"])
def test_kinds(kind, numbers):
    if kind == "leaky":
        shop.remember(bytearray(100))
    assert shop.add(*numbers) == 3

def test_gathers(caplog, capsys, recwarn, monkeypatch, record_property):
    logging.getLogger("shop").error("sold %s", "tea")
    print("sold tea")
    warnings.warn("tea is old", DeprecationWarning)
    monkeypatch.setattr(shop, "never", lambda: 2)
    record_property("tea", 1)
    assert len(caplog.records) == 1
    assert capsys.readouterr().out == "sold tea\\n"
    assert len(recwarn) == 1
    assert shop.never() == 2

def test_logs_and_warns():
    logging.getLogger("shop").error("sold %s", "tea")
    warnings.warn("tea is old", DeprecationWarning)

def test_has_parts(subtests):
    for number in range(2):
        with subtests.test(number=number):
            assert number < 2

def test_mocks(mocker):
    add = mocker.patch("shop.add", return_value=9)
    assert shop.add(1, 1) == 9
    add.assert_called_once()

@pytest.mark.limit_memory("50 MB")
@pytest.mark.timeout(1)
def test_is_limited():
    shop.add(1, 1)

def test_fails():
    assert shop.add(1, 1) == 3
"""
INSTALLED = (
    *("-p", "pytest_mock", "-p", "pytest_cov.plugin", "-p", "pytest_memray.plugin"),
    *("-p", "pytest_timeout", "-p", "xdist.plugin"),
)
OUTCOMES = {
    "test_kinds[clean]": "passed",
    "test_kinds[leaky]": "failed",
    "test_gathers": "passed",
    "test_logs_and_warns": "passed",
    "test_has_parts": "passed",
    "test_mocks": "passed",
    "test_is_limited": "passed",
    "test_fails": "failed",
}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    suite = Suite(folder=tmp_path_factory.mktemp("existing"))
    suite.write(shop=SHOP, test_shop=TESTS)
    return suite


@pytest.fixture(scope="module")
def together(suite: Suite) -> Session:
    """Everything at once: xdist, coverage, pytest-memray, pytest-timeout, JUnit."""
    return suite.run(
        *INSTALLED, "--leakcheck", "-n", "2", "--cov=shop", "--cov-report=term-missing", "--memray"
    )


def test_existing_tests_are_looped_unchanged(together: Session) -> None:
    assert together.outcomes() == OUTCOMES
    assert together.cases["test_kinds[clean]"].properties["leakcheck_verdict"] == "CLEAN"


def test_the_summary_is_complete_under_xdist(together: Session) -> None:
    assert together.section("leakcheck") == ["1 LEAK, 1 ERROR, 6 CLEAN"]


def test_coverage_is_that_of_the_children_too(together: Session) -> None:
    (line,) = re.findall(r"^shop\.py .*$", together.out, re.MULTILINE)

    # only the body of `never` was not run, which every test that wants it replaces
    assert line.split()[1:] == ["8", "1", "88%", "12"]


def test_nothing_of_coverage_is_left_behind(suite: Suite, together: Session) -> None:
    assert together.code == 1
    assert [file.name for file in suite.folder.glob(".coverage*")] == [".coverage"]


def test_those_that_failed_can_be_looped_again(suite: Suite, together: Session) -> None:
    assert together.code == 1
    session = suite.run(*INSTALLED, "--leakcheck", "--lf", "-x", "-k", "kinds or fails")

    assert list(session.outcomes().values()) == ["failed"]


@pytest.mark.parametrize("pattern", ["kinds[clean]", "k?nds[[]clean", "shop.py::*clean"])
def test_those_that_are_looped_can_be_chosen_by_their_id(suite: Suite, pattern: str) -> None:
    session = suite.run(
        *("-p", "pytest_timeout", "-p", "pytest_memray.plugin"),
        "--leakcheck-only",
        pattern,
        *("-k", "kinds"),
    )
    looped = [name for name, case in session.cases.items() if case.properties]

    assert looped == ["test_kinds[clean]"]
    assert set(session.outcomes().values()) == {"passed"}


def test_a_pattern_that_no_test_has_is_told_of(suite: Suite) -> None:
    session = suite.run("--leakcheck-only", "test_kids", "-k", "logs")

    assert session.section("leakcheck") == [
        "no test was looped: none that ran has 'test_kids' in its id"
    ]


def test_the_fixture_calls_once_where_the_test_is_not_looped(suite: Suite) -> None:
    suite.write(
        test_once="""
CALLS = []

def test_calls(leakcheck):
    leakcheck(lambda: CALLS.append(1), threshold="16B")
    assert CALLS == [1]
"""
    )
    session = suite.run("--leakcheck-only", "nothing", "test_once.py")

    assert session.outcomes() == {"test_calls": "passed"}


WRONG = {
    (
        "--leakcheck-threshold",
        "4 apples",
    ): "--leakcheck-threshold: found '4 apples', wanted a size above 0",
    (
        "--leakcheck-time-limit",
        "-1",
    ): "--leakcheck-time-limit: found -1.0, wanted more than 0 seconds",
    ("--leakcheck-time-limit", "soon"): "--leakcheck-time-limit: invalid float value: 'soon'",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_a_wrong_option_is_told_of(suite: Suite, arguments: tuple[str, str]) -> None:
    session = suite.run("--leakcheck", "-k", "logs", *arguments)

    assert session.code != 0
    assert WRONG[arguments] in session.out


def test_a_wrong_configuration_is_told_of_before_anything_runs(tmp_path: Path) -> None:
    suite = Suite(folder=tmp_path)
    suite.write(test_any="def test_any(): open('ran.txt', 'w').close()\n")
    (tmp_path / "pyproject.toml").write_text('[tool.leakcheck]\nthreshhold = "4B"\n')
    session = suite.run("--leakcheck")

    assert session.code == 4
    assert "has no key 'threshhold' (did you mean 'threshold'?)" in session.out
    assert not (tmp_path / "ran.txt").exists()


@pytest.mark.parametrize(("arguments", "code"), [(("--leakcheck",), 4), ((), 1)])
def test_a_wrong_configuration_is_told_of_under_xdist_too(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    suite = Suite(folder=tmp_path)
    suite.write(test_any="import pytest\n@pytest.mark.leakcheck\ndef test_any(): pass\n")
    (tmp_path / "pyproject.toml").write_text('[tool.leakcheck]\nthreshhold = "4B"\n')
    session = suite.run("-p", "xdist.plugin", "-n", "1", *arguments)

    assert session.code == code
    assert "has no key 'threshhold' (did you mean 'threshold'?)" in session.out
    assert "INTERNALERROR" not in session.out


def test_the_threshold_of_the_configuration_holds(tmp_path: Path) -> None:
    suite = Suite(folder=tmp_path)
    suite.write(test_any="KEPT = []\ndef test_any(): KEPT.append(bytearray(100))\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.leakcheck]\nthreshold = "1KiB"\nprofiler = "none"\n'
    )

    assert suite.run("--leakcheck").outcomes() == {"test_any": "passed"}
    assert suite.run("--leakcheck", "--leakcheck-threshold=16B").outcomes() == {
        "test_any": "failed"
    }


def test_doctests_and_the_items_of_plugins_are_looped_too(tmp_path: Path) -> None:
    suite = Suite(folder=tmp_path)
    suite.write(
        shop='"""\n>>> name = SOLD.append(bytearray(100))\n>>> name\n"""\nSOLD = []\n',
        conftest="""
import pytest

def pytest_collect_file(parent, file_path):
    return File.from_parent(parent, path=file_path) if file_path.suffix == ".check" else None

class File(pytest.File):
    def collect(self):
        yield Item.from_parent(self, name="check")

class Item(pytest.Item):
    def runtest(self):
        assert self.path.read_text() == "sold"
""",
    )
    (tmp_path / "any.check").write_text("sold")
    session = suite.run("--leakcheck", "--doctest-modules", "shop.py", "any.check")

    assert session.outcomes() == {"shop": "failed", "check": "passed"}
    assert session.section("leakcheck") == ["1 LEAK, 1 CLEAN"]


def test_ctrl_c_ends_the_session_and_leaves_no_child(tmp_path: Path) -> None:
    suite = Suite(folder=tmp_path)
    suite.write(
        test_slow="""
import pathlib, os, time

def test_slow():
    pathlib.Path("pid.txt").write_text(str(os.getpid()))
    time.sleep(0.05)
"""
    )
    process = suite.start("--leakcheck")
    pid = tmp_path / "pid.txt"
    while process.poll() is None and not (pid.exists() and pid.read_text()):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate()

    assert process.returncode == 2
    assert "KeyboardInterrupt" in out
    assert not Path(f"/proc/{pid.read_text()}").exists()
