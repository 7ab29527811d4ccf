"""What `leakcheck watch` does until it ends: reading, telling, and an exit code."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from leakcheck.cli.ending import terminated_as_interrupted
from leakcheck.cli.screen import Paper, say
from leakcheck.cli.watching import WatchCommand
from leakcheck.cli.writing import write_text
from leakcheck.model.errors import RecordError, UsageError
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict
from leakcheck.watch import GroupSource, PidfileSource, ProcessSource, Standing, Watch
from leakcheck.watch.course import Course
from leakcheck.watch.document import document_of, document_text
from leakcheck.watch.journal import Journal, history_of, readings_of
from leakcheck.watch.reading import Reading
from leakcheck.watch.saying import forecast_text, status_line, verdict_line, watched
from leakcheck.watch.sources import Source
from leakcheck.watch.ticks import ticks

if TYPE_CHECKING:
    from rich.status import Status

    from leakcheck.cli.screen import Screen
    from leakcheck.watch.webhook import Webhook

_CODES: Final = {Verdict.CLEAN: 0, Verdict.LEAK: 1, Verdict.INCONCLUSIVE: 3}
_ENDED: Final = 4
_FIRST_STATUS_S: Final = 60.0
_LONGEST_STATUS_S: Final = 3600.0


class Telling:
    """Where lines go: results, warnings, and in a terminal how things stand, in place."""

    def __init__(self, console: "Screen", errors: "Screen") -> None:
        self._console = console
        self._errors = errors
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if not isinstance(self._console, Paper) and self._console.is_terminal:
            self._status = self._console.status("reading", spinner="dots")
            self._status.start()
            if not isinstance(self._errors, Paper) and self._errors.is_terminal:
                self._errors = self._console  # one screen: else the status would be garbled
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def say(self, text: str) -> None:
        """Print a line of the result."""
        say(self._console, text)

    def warn(self, text: str) -> None:
        """Print a line about something that does not work."""
        say(self._errors, f"leakcheck: {text}")

    def show(self, text: str) -> bool:
        """Show how things stand, in place; False where there is no terminal for it."""
        if self._status is None:
            return False
        from rich.text import Text  # noqa: PLC0415 -- it is imported already

        self._status.update(Text(printable(text), no_wrap=True, overflow="ellipsis"))
        return True


def watch(command: WatchCommand, console: "Screen", errors: "Screen") -> int:
    """Watch what is asked for, and return the exit code; see `watched_until_end`."""
    with terminated_as_interrupted(), Telling(console, errors) as telling:
        return watched_until_end(command, telling)


def watched_until_end(command: WatchCommand, teller: Telling) -> int:
    """Watch until the process ends, the time is over or a verdict is reached; return the exit code.

    Raises:
        UsageError: if something given cannot be used.
        WatchError: if what is to be watched cannot be read.
    """
    if command.replay is not None:
        return _replayed(command, command.replay, teller)
    watching = _Watching(command, teller)
    try:
        with watching.open():
            return watching.follow()
    except KeyboardInterrupt:
        watching.sum_up()
        raise


def _replayed(command: WatchCommand, file: Path, teller: Telling) -> int:
    course = Course(command.terms)
    verdict = Verdict.INCONCLUSIVE
    try:
        for reading in readings_of(file):
            if course.add(reading) and (standing := course.standing) is not None:
                if standing.verdict is not verdict:
                    teller.say(verdict_line(standing))
                verdict = standing.verdict
                if command.until_verdict and verdict is not Verdict.INCONCLUSIVE:
                    break
    except RecordError as error:
        msg = f"--replay: {error}"
        raise UsageError(msg) from error
    course.look()
    standing = course.standing
    if standing is None:
        msg = f"--replay: {file}: found no reading, wanted one or more"
        raise UsageError(msg)
    return _summed_up(command, standing, f"replay of {file.name}", teller)


def _summed_up(command: WatchCommand, standing: Standing, name: str, teller: Telling) -> int:
    teller.say(verdict_line(standing))
    if (ahead := forecast_text(standing)) is not None:
        teller.say(f"              {ahead}")
    if command.json is not None:
        write_text(command.json, document_text(standing, name=name))
    return _CODES[standing.verdict]


class _Watching:
    """One watch of the command line."""

    def __init__(self, command: WatchCommand, teller: Telling) -> None:
        self._command = command
        self._teller = teller
        self._source = _source_of(command)
        self._watch = Watch(self._source, terms=command.terms)
        self._journal: Journal | None = None
        self._webhook: Webhook | None = None
        self._verdict = Verdict.INCONCLUSIVE
        self._is_up = True
        self._status_s = time.monotonic() + _FIRST_STATUS_S
        self._status_every_s = _FIRST_STATUS_S

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Open what readings and verdicts go to, and close it at the end."""
        command = self._command
        with contextlib.ExitStack() as stack:
            if command.record is not None:
                self._journal = stack.enter_context(
                    contextlib.closing(self._resumed(command.record))
                )
            if command.listen is not None:
                from leakcheck.watch.endpoint import Endpoint  # noqa: PLC0415 -- dear, and rare

                endpoint = Endpoint(*command.listen, self._watch.metrics_text)
                stack.enter_context(contextlib.closing(endpoint))
                host, port = endpoint.address
                shown = f"[{host}]" if ":" in host else host
                self._teller.say(f"metrics at http://{shown}:{port}/metrics")
            if command.webhook is not None:
                from leakcheck.watch.webhook import Webhook  # noqa: PLC0415 -- likewise

                self._webhook = Webhook(command.webhook, failed=self._teller.warn)
                stack.enter_context(contextlib.closing(self._webhook))
            yield

    def follow(self) -> int:
        """Read until there is an end to it."""
        command = self._command
        for _ in ticks(command.interval_s, command.for_s):
            reading = self._watch.take()
            if reading is not None:
                self._keep(reading)
            elif not self._source.may_return:
                return self._ended()
            self._tell(is_up=reading is not None)
            if command.until_verdict and self._verdict is not Verdict.INCONCLUSIVE:
                break
        return self.sum_up()

    def _ended(self) -> int:
        """Return what is known of a process that has ended; without a verdict that is an error."""
        self._teller.warn(f"{self._source.name} has ended")
        code = self.sum_up()
        return _ENDED if code == _CODES[Verdict.INCONCLUSIVE] else code

    def sum_up(self) -> int:
        """Say what is known by now, however little was read, and return the exit code for it."""
        if self._watch.standing is None:
            self._watch.take()
        self._watch.look()
        standing = self._watch.standing
        if standing is None:
            self._teller.warn(f"{self._source.name}: found nothing that runs")
            return _ENDED
        return _summed_up(self._command, standing, self._source.name, self._teller)

    def _keep(self, reading: Reading) -> None:
        if self._journal is None:
            return
        try:
            self._journal.write(reading)
        except OSError as error:
            self._teller.warn(f"--record: readings are kept no longer ({error.strerror})")
            self._journal = None

    def _tell(self, *, is_up: bool) -> None:
        if is_up is not self._is_up:
            self._teller.say(f"{self._source.name} {'runs again' if is_up else 'does not run'}")
        self._is_up = is_up
        standing = self._watch.standing
        if standing is None:
            return
        if standing.verdict is not self._verdict:
            self._verdict = standing.verdict
            self._tell_change(standing)
        if not self._teller.show(status_line(standing)):
            self._say_status(standing)

    def _tell_change(self, standing: Standing) -> None:
        self._teller.say(verdict_line(standing))
        if self._webhook is not None:
            self._webhook.send(document_of(standing, name=self._source.name))
        if self._command.json is not None:
            write_text(self._command.json, document_text(standing, name=self._source.name))

    def _say_status(self, standing: Standing) -> None:
        """Say how things stand after a minute, and then ever less often, down to each hour."""
        now_s = time.monotonic()
        if now_s >= self._status_s:
            self._teller.say(status_line(standing))
            self._status_every_s = min(2 * self._status_every_s, _LONGEST_STATUS_S)
            self._status_s = now_s + self._status_every_s

    def _resumed(self, file: Path) -> Journal:
        try:
            self._watch.replay(history_of(file))
            journal = Journal(file)
        except RecordError as error:
            msg = f"--record: {error}"
            raise UsageError(msg) from error
        except OSError as error:
            msg = f"--record: {file} cannot be written ({error.strerror}), wanted a journal"
            raise UsageError(msg) from error
        standing = self._watch.standing
        if standing is not None:
            self._verdict = standing.verdict
            self._teller.say(f"goes on after {standing.readings:,} readings, {watched(standing)}")
        return journal


def _source_of(command: WatchCommand) -> Source:
    if command.cgroup is not None:
        return GroupSource(command.cgroup)
    if command.pidfile is not None:
        return PidfileSource(command.pidfile)
    if command.pid is None:
        msg = "watch: found nothing to watch, wanted a PID"
        raise UsageError(msg)
    return ProcessSource(command.pid)
