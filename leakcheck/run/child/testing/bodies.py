"""How the body of a test becomes an iteration: the shortest way that is still pytest's."""

import asyncio
import functools
import inspect
import unittest
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from leakcheck.run.child.testing.fresh import Fresh
from leakcheck.run.child.testing.looper import Looper

_NO_MATTER = frozenset({"python", "anyio", "asyncio", "memray_manager"})
"""Plugins that do nothing about the call of a plain function."""


class _NoAsyncioError(Exception):
    """The test runs in an event loop of another library."""


def loop_body(item: pytest.Item, body: Callable[[], None], looper: Looper) -> None:
    """Loop a test's body; `body` is how pytest itself would run it, once.

    An async function is looped inside the event loop that its plugin gives it, a plain one is
    called as it is, and any other test is run as pytest runs it: a unittest with its setUp, one
    that plugins have a hand in, one of another event loop.
    """
    fresh = Fresh(item)
    if _is_coroutine_function(item):
        try:
            _loop_inside(item, body, looper, fresh)
        except _NoAsyncioError:
            looper.loop(_as_pytest_does(item, body, fresh))
        return
    looper.loop(_called(item, fresh) or _as_pytest_does(item, body, fresh))


def _is_coroutine_function(item: pytest.Item) -> bool:
    return (
        isinstance(item, pytest.Function)
        and inspect.iscoroutinefunction(item.obj)
        and not (_is_unittest(item) or hasattr(item.obj, "hypothesis"))
    )


def _is_unittest(item: pytest.Function) -> bool:
    return item.cls is not None and issubclass(item.cls, unittest.TestCase)


def _loop_inside(item: pytest.Item, body: Callable[[], None], looper: Looper, fresh: Fresh) -> None:
    assert isinstance(item, pytest.Function)  # noqa: S101 -- for the type checker
    function: Callable[..., Awaitable[None]] = item.obj

    @functools.wraps(function)
    async def looped(**given: object) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise _NoAsyncioError from None

        async def iteration() -> None:
            fresh.begin()
            try:
                await function(**{name: item.funcargs[name] for name in given})
            finally:
                fresh.end()

        await looper.loop_inside(iteration)

    item.obj = looped
    try:
        body()
    finally:
        item.obj = function


def _called(item: pytest.Item, fresh: Fresh) -> Callable[[], None] | None:
    """Return an iteration that calls the test's function itself, None where that would not do."""
    if not isinstance(item, pytest.Function) or _is_unittest(item):
        return None
    hooked = {one.plugin_name for one in item.ihook.pytest_pyfunc_call.get_hookimpls()}
    names = _parameters(item)
    if names is None or not hooked <= _NO_MATTER or inspect.iscoroutinefunction(item.obj):
        return None
    function, given = item.obj, item.funcargs

    def iteration() -> Any:  # noqa: ANN401 -- a test may return anything
        fresh.begin()
        try:
            return function(**{name: given[name] for name in names})
        finally:
            fresh.end()

    return iteration


def _parameters(item: pytest.Function) -> tuple[str, ...] | None:
    """Return the names of the fixtures that a test's function takes, None for other parameters."""
    try:
        parameters = inspect.signature(item.obj).parameters.values()
    except (ValueError, TypeError):
        return None
    taken = [one for one in parameters if one.default is one.empty]
    known = (one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY) for one in taken)
    names = tuple(one.name for one in taken)
    return names if all(known) and set(names) <= item.funcargs.keys() else None


def _as_pytest_does(
    item: pytest.Item, body: Callable[[], None], fresh: Fresh
) -> Callable[[], None]:
    def iteration() -> None:
        fresh.begin()
        try:
            body()
        finally:
            fresh.end()
        # A unittest hands its failure to the item instead of raising it.
        for failed in vars(item).get("_excinfo") or ():
            raise failed.value

    return iteration
