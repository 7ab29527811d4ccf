"""One test of pytest's, run by pytest: its fixtures set up once, its body looped."""

import os
import sys
from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any

import pytest

from leakcheck.run.child.channel import ChannelLostError
from leakcheck.run.child.loading import BadTargetError, ItemEndedError, Loaded
from leakcheck.run.child.loop import Loop
from leakcheck.run.child.testing.bodies import loop_body
from leakcheck.run.child.testing.covered import Covered
from leakcheck.run.child.testing.looper import Looper, checked_options
from leakcheck.run.child.testing.names import CHILD, LOOPER, MARK, MARK_LINE
from leakcheck.run.child.testing.quiet import (
    nothing_gathered,
    put_aside,
    quiet_arguments,
    quieten,
)

Begin = Callable[[Loaded], None]
Refine = Callable[[dict[str, Any]], bool]


def run_item(given: dict[str, Any], begin: Begin, refine: Refine) -> None:
    """Have pytest find the test that `given` tells of, and `begin` it.

    `refine` hands on the options that the test itself gives while it runs.

    Raises:
        BadTargetError: if pytest does not find it, it fails or skips itself, or nothing is looped.
    """
    os.chdir(given["folder"])
    if given["path"] is not None:
        sys.path[:] = given["path"]
    plugin = OneTest(given, begin, refine)
    code = pytest.main(quiet_arguments(given["arguments"]), plugins=[plugin])
    if plugin.raised is not None:
        raise plugin.raised
    if not plugin.has_run:
        ended = f"it ended with {int(code)}"
        msg = f"{given['nodeid']}: pytest found no such test ({ended}), wanted the id of a test"
        raise BadTargetError(msg)


class OneTest:
    """The plugin of a child: of all that pytest would run it runs one test, again and again."""

    def __init__(self, given: dict[str, Any], begin: Begin, refine: Refine) -> None:
        self._given = given
        self._nodeid: str = given["nodeid"]
        self._begin = begin
        self._refine = refine
        self._not_collected: list[str] = []
        self.raised: BaseException | None = None
        self.has_run = False

    @pytest.fixture(name=MARK)
    def looper(self, request: pytest.FixtureRequest) -> Looper:
        """Return what loops a function."""
        found = request.config.pluginmanager.get_plugin(LOOPER)
        assert isinstance(found, Looper)  # noqa: S101 -- registered before any test is set up
        return found

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_parse(self) -> Generator[None, pytest.Config, pytest.Config]:
        """Run nothing but the test, and nothing beside it."""
        config = yield
        quieten(config, self._given["settings"] or {})
        file, _, rest = self._nodeid.partition("::")
        config.args = [f"{config.rootpath / file}::{rest}"]
        return config

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the mark known, and take out the plugins that would gather."""
        config.addinivalue_line("markers", MARK_LINE)
        config.pluginmanager.register(SimpleNamespace(), CHILD)
        put_aside(config)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember what could not be collected."""
        if report.failed:
            self._not_collected.append(report.longreprtext)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the test; whatever comes of it is raised once pytest has ended."""
        try:
            self._run(self._found(session))
        except BaseException as error:  # noqa: BLE001 -- whatever a test raises is a finding
            self.raised = self.raised or error
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Remember the first report that is no pass, and what was raised."""
        report = yield
        if call.excinfo is not None and not report.passed and self.raised is None:
            self.raised = _ended_by(report, call.excinfo.value)
        return report

    def _found(self, session: pytest.Session) -> pytest.Item:
        for item in session.items:
            if item.nodeid == self._nodeid:
                return item
        text = "".join(self._not_collected[:1])
        why = text.strip().rpartition("\n")[2] or "pytest collects no such test"
        msg = f"{self._nodeid}: {why}"
        raise ItemEndedError(msg, shown=text)

    def _run(self, item: pytest.Item) -> None:
        self.has_run = True
        mark = item.get_closest_marker(MARK)
        given = {} if mark is None else checked_options(f"mark {MARK}", mark.args, mark.kwargs)

        def refine(options: dict[str, Any]) -> bool:
            return self._refine({**given, **options})

        def drive(loop: Loop) -> None:
            self._drive(item, loop, refine)

        self._begin(Loaded(function=drive, sets_up=False, options=given, drives=True))

    def _drive(self, item: pytest.Item, loop: Loop, refine: Refine) -> None:
        covered = Covered(self._given["coverage"])
        looper = Looper(loop, refine=refine, covered=covered)
        body = item.runtest

        def runtest() -> None:
            with nothing_gathered(getattr(item, "funcargs", {})):
                if MARK in getattr(item, "fixturenames", ()):
                    body()
                else:
                    loop_body(item, body, looper)
            looper.require_looped()

        vars(item)["runtest"] = runtest
        item.config.pluginmanager.register(looper, LOOPER)
        covered.begin()
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)


def _ended_by(report: pytest.TestReport, cause: BaseException) -> BaseException:
    """Return the error that tells of a report that is no pass; `cause` was raised."""
    if isinstance(cause, BadTargetError | ChannelLostError):
        return cause
    shown = report.longreprtext
    if hasattr(report, "wasxfail"):
        return ItemEndedError(str(report.wasxfail), shown=shown, word="xfailed", cause=cause)
    if report.skipped:
        return ItemEndedError(str(cause), shown=shown, word="skipped", cause=cause)
    return ItemEndedError("", shown=shown, cause=cause)
