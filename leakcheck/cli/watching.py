"""`leakcheck watch`: the trend of a process that runs, from outside."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.cli.layout import Commands, add_command
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import writable
from leakcheck.model.errors import UsageError
from leakcheck.model.units import parse_duration, parse_size
from leakcheck.watch import Terms
from leakcheck.watch.addresses import address_of, require_url
from leakcheck.watch.terms import DAY_S

_LEAST_CYCLE_S: Final = 3_600.0
_HELP: Final = "watch a process that runs, for hours or weeks, from outside"
_EXAMPLES: Final = """\
examples:
  leakcheck watch 4711 --record shop.jsonl --listen 127.0.0.1:9188
  leakcheck watch --cgroup /system.slice/shop.service --until-verdict --for 14d
  leakcheck watch --replay shop.jsonl
exit codes: 0 CLEAN, 1 LEAK, 2 wrong arguments, 3 INCONCLUSIVE, 4 it ended or
            cannot be read, 130 interrupted
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchCommand:
    """A `leakcheck watch`: what to watch, by which terms, and whom to tell."""

    pid: int | None = None
    cgroup: Path | None = None
    pidfile: Path | None = None
    replay: Path | None = None
    terms: Terms
    interval_s: float
    for_s: float | None = None
    until_verdict: bool = False
    listen: tuple[str, int] | None = None
    webhook: str | None = None
    json: Path | None = None
    record: Path | None = None


def add_watch(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the arguments of `leakcheck watch`."""
    parser = add_command(commands, "watch", usage="[PID] [options]", does=_HELP, more=_EXAMPLES)
    parser.add_argument("pid", nargs="?", metavar="PID", help="the process, with all below it")
    parser.add_argument("--cgroup", metavar="PATH", help="a container, by its control group")
    parser.add_argument("--pidfile", metavar="FILE", help="whatever process FILE names")
    parser.add_argument("--replay", metavar="FILE", help="judge what --record wrote, at once")
    parser.add_argument("--record", metavar="FILE", help="keep readings in FILE, and go on from it")
    parser.add_argument("--interval", metavar="T", help="between readings: 30s, 1m (default 30s)")
    parser.add_argument(
        "--for", dest="for_", metavar="T", help="how long: 2h, 7d (default: no end)"
    )
    parser.add_argument("--until-verdict", action="store_true", help="end at LEAK or CLEAN")
    parser.add_argument("--cycle", metavar="T", help="the load's period, 0 for none (default 24h)")
    parser.add_argument(
        "--threshold", metavar="SIZE/h", help="a LEAK (default: doubles or fills up in 30 days)"
    )
    parser.add_argument("--limit", metavar="SIZE", help="memory there is (default: as found)")
    parser.add_argument("--listen", metavar="A:PORT", help="serve /metrics to Prometheus there")
    parser.add_argument("--webhook", metavar="URL", help="post each change of the verdict there")
    parser.add_argument("--json", metavar="FILE", help="write what is known as JSON")


def watch_command(given: argparse.Namespace, _: Configuration) -> WatchCommand:
    """Return what the arguments ask for.

    Raises:
        UsageError: if a value is none of its kind, or not exactly one thing is to be watched.
    """
    _require_one(given)
    return WatchCommand(
        pid=None if given.pid is None else _pid(given.pid),
        cgroup=_path(given.cgroup),
        pidfile=_path(given.pidfile),
        replay=_path(given.replay),
        terms=_terms(given),
        interval_s=_duration("interval", given.interval or "30s"),
        for_s=None if given.for_ is None else _duration("for", given.for_),
        until_verdict=given.until_verdict,
        listen=None if given.listen is None else address_of(given.listen),
        webhook=None if given.webhook is None else require_url(given.webhook),
        json=None if given.json is None else writable("json", Path(given.json)),
        record=None if given.record is None else writable("record", Path(given.record)),
    )


def _require_one(given: argparse.Namespace) -> None:
    named = {
        "PID": given.pid,
        "--cgroup": given.cgroup,
        "--pidfile": given.pidfile,
        "--replay": given.replay,
    }
    found = [name for name, value in named.items() if value is not None]
    if len(found) != 1:
        msg = f"watch: found {' and '.join(found) or 'nothing'}, wanted one of {', '.join(named)}"
        raise UsageError(msg)


def _terms(given: argparse.Namespace) -> Terms:
    threshold = given.threshold
    limit = None if given.limit is None else _size("limit", given.limit, least=1)
    return Terms(
        cycle_s=DAY_S if given.cycle is None else _cycle(given.cycle),
        threshold_bytes_per_hour=None
        if threshold is None
        else _size("threshold", threshold.removesuffix("/h"), wanted="1MiB/h"),
        limit_bytes=None if limit is None else int(limit),
    )


def _pid(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:20]) < 1 << 31:
        msg = f"watch: found {text!r}, wanted the id of a process, a whole number above 0"
        raise UsageError(msg)
    return int(text)


def _path(text: str | None) -> Path | None:
    if text is not None and "\0" in text:
        msg = f"watch: found {text!r}, wanted a path without NUL"
        raise UsageError(msg)
    return None if text is None else Path(text)


def _size(option: str, text: str, *, wanted: str = "512MiB", least: float = 0.0) -> float:
    try:
        size = parse_size(text)
    except UsageError:
        size = 0.0
    if size < least or not size:
        msg = f"--{option}: found {text!r}, wanted a size above 0, such as {wanted}"
        raise UsageError(msg)
    return size


def _duration(option: str, text: str) -> float:
    try:
        seconds = parse_duration(text)
    except UsageError:
        seconds = 0.0
    if not seconds:
        msg = f"--{option}: found {text!r}, wanted a time above 0, such as 30s, 10m, 2h or 7d"
        raise UsageError(msg)
    return seconds


def _cycle(text: str) -> float:
    """Return the period of the load in seconds: 0, or an hour at least."""
    try:
        seconds = parse_duration(text)
    except UsageError:
        seconds = -1.0
    if seconds and seconds < _LEAST_CYCLE_S:
        msg = f"--cycle: found {text!r}, wanted 0 or a time of 1h or more, such as 24h"
        raise UsageError(msg)
    return seconds
