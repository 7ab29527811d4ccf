"""`leakcheck exec`: whether any program leaks, seen from outside."""

import argparse
import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from leakcheck.check import Checked, Settings
from leakcheck.check_program import check_program
from leakcheck.cli.elsewhere import Checker
from leakcheck.cli.files import files_of
from leakcheck.cli.github import github_of
from leakcheck.cli.layout import Commands, add_command
from leakcheck.cli.running import Command
from leakcheck.configuration.options import CONFIGURED, options_of
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import out_of
from leakcheck.known import known_of
from leakcheck.model.errors import UsageError
from leakcheck.run.outcome import Observer
from leakcheck.run.program.order import (
    Line,
    Order,
    Signal,
    Trigger,
    line_of,
    pattern_of,
    request_of,
    signal_named,
)

_HELP: Final = "ask of any program whether it leaks, seen from outside"
_EXAMPLES: Final = """\
examples:
  leakcheck exec --line ping -- ./worker --verbose
  leakcheck exec --request 'GET http://127.0.0.1:8000/' -- python serve.py 8000
  leakcheck exec --signal HUP --until reloaded -- ./daemon --foreground

exit codes: those of `leakcheck run`
"""
_NOT_OF_PROGRAMS: Final = ("threshold", "profiler", "keep-capture", "native")
"""Keys of the configuration that are about workloads alone."""
_OPTIONS: Final = (
    "iterations",
    "exact_iterations",
    "time_limit",
    "memory_limit",
    "threshold",
    "count_threshold",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecCommand(Command):
    """A `leakcheck exec` with its configuration: its one target is the program, without secrets."""

    order: Order

    def checker(self, _: Callable[[str], None]) -> Checker:
        """Return what checks the program, here."""
        return self._check

    def _check(
        self,
        _: Sequence[str],
        settings: Settings,
        *,
        observe: Observer,
        done: Callable[[Checked], None],
        interrupted: threading.Event,
    ) -> list[Checked]:
        with _ending_in_peace(interrupted), _not_handed_on(self.order.trigger):
            return check_program(
                self.order, settings, observe=observe, done=done, interrupted=interrupted
            )


@contextlib.contextmanager
def _ending_in_peace(interrupted: threading.Event) -> Iterator[None]:
    """Take each Ctrl-C and SIGTERM for the same wish to end, which is under way from the first on.

    A second one would otherwise leave behind what the first one had not yet ended.
    """

    def note(*_: object) -> None:
        interrupted.set()

    # What is ignored, as in the background, stays so.
    before = {
        number: signal.signal(number, note)
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) not in {None, signal.SIG_IGN}
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _not_handed_on(trigger: Trigger) -> Iterator[None]:
    """Have a program start with its signal as by default, although it is ignored here.

    Under nohup SIGHUP is, which a program would inherit; a shell cannot even undo that. What is
    caught here does as little here, and is not inherited.
    """
    if not isinstance(trigger, Signal) or signal.getsignal(trigger.number) != signal.SIG_IGN:
        yield
        return
    signal.signal(trigger.number, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(trigger.number, signal.SIG_IGN)


def add_exec(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck exec`."""
    parser = add_command(
        commands, "exec", usage="[options] -- COMMAND ARG...", does=_HELP, more=_EXAMPLES
    )
    _add_triggers(parser)
    _add_limits(parser)
    parser.add_argument("--json", metavar="FILE", help="write the verdict as JSON")
    parser.add_argument("--junit", metavar="FILE", help="write the verdict as JUnit XML")
    parser.add_argument("--out", metavar="DIR", help="where the record goes (default .leakcheck/)")
    parser.set_defaults(sarif=None, code_quality=None, badge=None, github=None)  # or as configured
    parser.add_argument("program", nargs=argparse.REMAINDER, metavar="COMMAND", help="the program")


def _add_triggers(parser: argparse.ArgumentParser) -> None:
    trigger = parser.add_mutually_exclusive_group(required=True)
    trigger.add_argument("--line", metavar="TEXT", help="a line to its input, answered by one")
    trigger.add_argument("--request", metavar="TEXT", help="an HTTP request, on loopback")
    trigger.add_argument("--signal", metavar="NAME", help="a signal, until it is idle again")
    parser.add_argument("--until", metavar="REGEX", help="output that ends an iteration")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--iterations", type=int, metavar="N", help="at most (default 20,000)")
    length.add_argument("--exact-iterations", type=int, metavar="N", help="exactly N")
    for name, kind, metavar, text in (
        ("--time-limit", float, "S", "the most seconds (default 60)"),
        ("--memory-limit", str, "SIZE", "the most growth (default 2GiB or a quarter of free)"),
        ("--threshold", str, "SIZE", "growth an iteration that is a LEAK (default 512B)"),
        ("--count-threshold", float, "X", "of descriptors, threads, ... (default 0.001)"),
    ):
        parser.add_argument(name, type=kind, metavar=metavar, help=text)
    parser.add_argument("--allow-inconclusive", action="store_true", help="exit code 3 becomes 0")
    parser.add_argument("--warn-only", action="store_true", help="exit codes 1 and 3 become 0")


def exec_command(given: argparse.Namespace, configuration: Configuration) -> ExecCommand:
    """Return what the arguments ask for.

    Raises:
        UsageError: if a value is none of its kind.
    """
    values = configuration.values
    configured = {key: value for key, value in values.items() if key not in _NOT_OF_PROGRAMS}
    commanded = {name.replace("_", "-"): getattr(given, name) for name in _OPTIONS}
    order = Order(words=_words(given.program), trigger=_trigger(given))
    return ExecCommand(
        order=order,
        targets=(order.target,),
        settings=Settings(
            out=out_of(given.out, configuration),
            configured=options_of(configured, CONFIGURED),
            commanded=options_of(_known(commanded), "--"),
        ),
        files=files_of(given, configuration),
        known=known_of(configuration),
        github=github_of(given, configuration, os.environ),
        allow_inconclusive=given.allow_inconclusive or values.get("allow-inconclusive", False),
        warn_only=given.warn_only or values.get("warn-only", False),
        plot=values.get("plot", False),
        html=values.get("html", False),
    )


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _words(given: list[str]) -> tuple[str, ...]:
    """Return the program's words: what came after the first ``--``, or after the last option."""
    return tuple(given[1:] if given[:1] == ["--"] else given)


def _trigger(given: argparse.Namespace) -> Trigger:
    until = None if given.until is None else pattern_of(given.until)
    if given.line is not None:
        return Line(text=line_of(given.line), until=until)
    if given.signal is not None:
        return Signal(number=signal_named(given.signal), until=until)
    if until is not None:
        msg = "--until: found it with --request, wanted it with --line or --signal"
        raise UsageError(msg)
    return request_of(given.request)
