"""Async tests are looped inside the event loop that their plugin gives them."""

from pathlib import Path

import pytest

from tests.plugin.sessions import Session, Suite

PLUGINS = ("-p", "pytest_asyncio.plugin", "-p", "anyio.pytest_plugin")
ASYNC = """
import asyncio
import pytest

KEPT = []

@pytest.fixture
async def server():
    yield asyncio.get_running_loop()

@pytest.mark.asyncio
@pytest.mark.leakcheck
async def test_keeps_tasks():
    KEPT.append(asyncio.create_task(asyncio.sleep(1000)))
    await asyncio.sleep(0)

@pytest.mark.anyio
@pytest.mark.leakcheck
async def test_keeps_under_anyio(monkeypatch):
    monkeypatch.setenv("SHOP", "1")
    KEPT.append(bytearray(100))
    await asyncio.sleep(0)

@pytest.mark.anyio
@pytest.mark.leakcheck
async def test_keeps_nothing_in_the_loop_of_its_set_up(server):
    assert asyncio.get_running_loop() is server

@pytest.mark.anyio
@pytest.mark.leakcheck
async def test_loops_in_its_own_loop(server, leakcheck):
    async def step():
        assert asyncio.get_running_loop() is server
        KEPT.append(bytearray(100))
    await leakcheck(step)

@pytest.mark.anyio
async def test_forgets_to_await(leakcheck):
    async def step():
        KEPT.append(bytearray(100))
    leakcheck(step).close()

@pytest.mark.anyio
@pytest.mark.leakcheck
async def test_passes_once(server):
    KEPT.append(1)
    assert len(KEPT) < 2
"""


@pytest.fixture(scope="module")
def anyio(tmp_path_factory: pytest.TempPathFactory) -> Session:
    suite = Suite(folder=tmp_path_factory.mktemp("async"))
    suite.write(
        test_async=ASYNC,
        conftest='import pytest\n@pytest.fixture\ndef anyio_backend(): return "asyncio"\n',
    )
    return suite.run(*PLUGINS, "-W", "ignore::pytest.PytestDeprecationWarning")


def test_async_tests_end_as_they_should(anyio: Session) -> None:
    assert anyio.outcomes() == {
        "test_keeps_tasks": "failed",
        "test_keeps_under_anyio": "failed",
        "test_keeps_nothing_in_the_loop_of_its_set_up": "passed",
        "test_loops_in_its_own_loop": "failed",
        "test_forgets_to_await": "failed",
        "test_passes_once": "failed",
    }


def test_tasks_that_pile_up_are_seen_and_named(anyio: Session) -> None:
    text = anyio.cases["test_keeps_tasks"].text

    assert "the number of tasks grows by 1 an iteration" in text
    assert "tasks: " in text
    assert "sleep waits in sleep()" in text


@pytest.mark.parametrize("name", ["test_keeps_under_anyio", "test_loops_in_its_own_loop"])
def test_bytes_that_pile_up_are_seen(anyio: Session, name: str) -> None:
    assert anyio.cases[name].properties["leakcheck_verdict"] == "LEAK"


def test_a_fixture_that_nobody_awaits_is_told_of(anyio: Session) -> None:
    assert "await leakcheck(function) for an async one" in anyio.cases["test_forgets_to_await"].text


def test_an_async_test_that_passes_once_says_so(anyio: Session) -> None:
    assert "it passed before, and raised AssertionError at iteration 2" in (
        anyio.cases["test_passes_once"].text
    )


def test_an_event_loop_of_another_library_is_looped_as_pytest_does(tmp_path: Path) -> None:
    suite = Suite(folder=tmp_path)
    suite.write(
        conftest="""
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    try:
        pyfuncitem.obj().send(None)
    except StopIteration:
        return True
""",
        test_other="""
import pytest

KEPT = []

@pytest.mark.leakcheck
async def test_keeps():
    KEPT.append(bytearray(100))
""",
    )
    session = suite.run()

    assert session.cases["test_keeps"].properties["leakcheck_verdict"] == "LEAK"
