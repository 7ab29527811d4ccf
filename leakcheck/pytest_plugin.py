"""leakcheck in pytest: a mark, a fixture, and `--leakcheck`, which loops existing tests.

Light on purpose: it is loaded wherever leakcheck is installed, used or not.
"""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from leakcheck.run.child.testing.names import CHILD, LOOPER, MARK, MARK_LINE, VERDICT


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, and the file that has the project's defaults is pyproject.toml."""
    group = parser.getgroup("leakcheck", "memory leaks, by leakcheck")
    group.addoption(
        "--leakcheck",
        action="store_true",
        help="loop every selected test in a process of its own, and fail it if it leaks",
    )
    group.addoption(
        "--leakcheck-only",
        action="append",
        default=[],
        metavar="PATTERN",
        help="loop those tests only whose id has this in it, a text or a glob; may be repeated",
    )
    group.addoption(
        "--leakcheck-strict",
        action="store_true",
        help="fail a test whose verdict is INCONCLUSIVE, which passes otherwise",
    )
    group.addoption(
        "--leakcheck-threshold",
        metavar="SIZE",
        help="growth an iteration that is a LEAK (default 4B, or that of [tool.leakcheck])",
    )
    group.addoption(
        "--leakcheck-time-limit",
        type=float,
        metavar="S",
        help="the most seconds to loop a test (default 60, or that of [tool.leakcheck])",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known, and have mistakes told of before anything is collected."""
    config.addinivalue_line("markers", MARK_LINE)
    is_worker = hasattr(config, "workerinput")
    if (config.option.leakcheck or config.option.leakcheck_only) and not is_worker:
        from leakcheck.testing.session import require_usable  # noqa: PLC0415 -- only if it is used

        require_usable(config)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Hand the tests that are to be looped on to children; what uses the fixture has its mark."""
    for item in items:
        if MARK in getattr(item, "fixturenames", ()) and item.get_closest_marker(MARK) is None:
            item.add_marker(MARK)
    if config.pluginmanager.has_plugin(CHILD):
        return
    chosen = _chosen(config, items)
    if chosen:
        from leakcheck.testing.session import hand_on  # noqa: PLC0415 -- only where it is used

        hand_on(config, chosen)


def pytest_terminal_summary(
    terminalreporter: Any,  # noqa: ANN401 -- pytest's own
    config: pytest.Config,
) -> None:
    """Say what came of the tests that were looped, if any were."""
    looped = [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        and any(name == VERDICT for name, _ in report.user_properties)
    ]
    if looped:
        from leakcheck.testing.session import summed_up  # noqa: PLC0415 -- only where it is used

        summed_up(terminalreporter, looped)
    elif config.option.leakcheck_only:
        wanted = " or ".join(map(repr, config.option.leakcheck_only))
        terminalreporter.section("leakcheck")
        terminalreporter.line(f"no test was looped: none that ran has {wanted} in its id")


@pytest.fixture(name=MARK)
def leakcheck(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Loop a function, `leakcheck(function)`, and fail the test if it leaks.

    An async function is looped in the test's own event loop: `await leakcheck(function)`. The
    mark's options may be given by name. Where the test is not to be looped, by
    `--leakcheck-only`, the function is called once.
    """
    looper: Callable[..., Any] | None = request.config.pluginmanager.get_plugin(LOOPER)
    return _called_once if looper is None else looper


def _called_once(function: Callable[[], Any], **_: object) -> Any:  # noqa: ANN401 -- as it returns
    return function()


def _chosen(config: pytest.Config, items: Sequence[pytest.Item]) -> list[pytest.Item]:
    patterns = config.option.leakcheck_only
    if patterns:
        return [item for item in items if any(_matches(item.nodeid, one) for one in patterns)]
    if config.option.leakcheck:
        return list(items)
    named = (item for item in items if MARK in item.keywords)  # or a folder is
    return [item for item in named if item.get_closest_marker(MARK) is not None]


def _matches(nodeid: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase  # noqa: PLC0415 -- only where it is used

    return pattern in nodeid or fnmatchcase(nodeid, f"*{pattern}*")
