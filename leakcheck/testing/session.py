"""The tests of a session that are handed on: what pytest would do to each, done by a child."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from leakcheck.check import Checked, Settings, check
from leakcheck.configuration.allowances import allowances_of
from leakcheck.configuration.options import CONFIGURED, options_of
from leakcheck.configuration.table import Configuration, read_configuration
from leakcheck.configuration.values import out_of
from leakcheck.known import Known, known_of, reported_run
from leakcheck.model.errors import DeclinedError, LeakcheckError, UsageError
from leakcheck.model.reported import Reported
from leakcheck.model.verdict import Verdict
from leakcheck.testing.handing_on import item_for
from leakcheck.testing.message import ended_message, leak_message
from leakcheck.testing.progress import Progressing
from leakcheck.testing.summary import properties_of, summarise


def hand_on(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have each of `items` looped by a child instead of being set up and run here.

    Raises:
        pytest.UsageError: if the configuration or an option is wrong; in a worker of xdist, which
            has no other way to say so, each of the tests fails with it.
    """
    try:
        session = _session(config)
    except UsageError as error:
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(str(error)) from error
        for item in items:
            vars(item)["setup"] = partial(_fail, str(error))
        return
    limited = any(_is_timeout(plugin) for plugin in config.pluginmanager.get_plugins())
    for item in items:
        _hand_on(item, session)
        if limited:
            # pytest-timeout's limit is for one pass; a loop has its own
            item.add_marker(pytest.mark.timeout(0), append=False)


def require_usable(config: pytest.Config) -> None:
    """Do nothing if the configuration and the options are right.

    Raises:
        pytest.UsageError: if one is wrong.
    """
    try:
        _session(config)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


def _session(config: pytest.Config) -> "_Session":
    configuration = read_configuration(config.invocation_params.dir)
    return _Session(
        settings=_settings(config, configuration),
        known=known_of(configuration),
        strict=config.option.leakcheck_strict,
        project=config.invocation_params.dir,
        progress=Progressing(config),
    )


def _fail(complaint: str) -> None:
    __tracebackhide__ = True
    pytest.fail(f"leakcheck: {complaint}", pytrace=False)


def summed_up(reporter: Any, looped: Sequence[Any]) -> None:  # noqa: ANN401 -- pytest's own
    """Say at the end of a session what came of the tests that were looped."""
    configuration = read_configuration(reporter.config.invocation_params.dir)
    summarise(reporter, looped, allowances_of(configuration))


def _hand_on(item: pytest.Item, session: "_Session") -> None:
    """Leave all of the test to the child: here it is neither set up nor torn down."""
    vars(item).update(setup=_do_nothing, runtest=lambda: session.run(item), teardown=_do_nothing)


def _is_timeout(plugin: object) -> bool:
    return getattr(plugin, "__name__", "") == "pytest_timeout"


def _do_nothing() -> None:
    """Leave it to the child."""


def _settings(config: pytest.Config, configuration: Configuration) -> Settings:
    given: dict[str, Any] = {
        "threshold": config.option.leakcheck_threshold,
        "time-limit": config.option.leakcheck_time_limit,
    }
    given = {name: value for name, value in given.items() if value is not None}
    return Settings(
        out=config.invocation_params.dir / out_of(None, configuration),
        configured=options_of(configuration.values, CONFIGURED),
        commanded=options_of(given, "--leakcheck-"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """What all tests of a session are judged by."""

    settings: Settings
    known: Known
    strict: bool
    project: Path
    progress: Progressing

    def run(self, item: pytest.Item) -> None:
        """Loop one test in a child, and pass or fail as pytest's own tests do."""
        __tracebackhide__ = True
        checked = self._checked(item)
        found = reported_run(checked.record, self.known)
        item.user_properties += properties_of(found, self.project)
        if self._fails(found):
            pytest.fail(leak_message(checked, found, self.project), pytrace=False)
        if checked.traceback or found.verdict is Verdict.ERROR:
            pytest.fail(ended_message(checked, self.project), pytrace=False)

    def _fails(self, found: Reported) -> bool:
        if found.verdict is Verdict.INCONCLUSIVE:
            return self.strict
        return found.verdict is Verdict.LEAK and not found.allowed.passes

    def _checked(self, item: pytest.Item) -> Checked:
        __tracebackhide__ = True
        settings = replace(self.settings, item=item_for(item), variables=dict(os.environ))
        interrupted = threading.Event()
        try:
            with self.progress.of(item) as observe:
                found = check([item.nodeid], settings, observe=observe, interrupted=interrupted)
        except DeclinedError as declined:
            raise _outcome_of(declined) from None
        except LeakcheckError as error:
            msg = f"leakcheck: {error}"
            raise pytest.fail.Exception(msg, pytrace=False) from None
        if interrupted.is_set() or not found:
            raise KeyboardInterrupt
        return found[0]


def _outcome_of(declined: DeclinedError) -> BaseException:
    kind = pytest.xfail if declined.word == "xfailed" else pytest.skip
    return kind.Exception(declined.reason)
