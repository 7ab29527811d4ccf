"""What can be set from outside. Every setting has a default that needs no server installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from system.errors import SettingsError
from system.memory.policy import MemoryPolicy, policy_for
from system.sizes import DOCUMENTED, ReportSizes

__all__ = ["Settings", "async_url"]

_POSTGRES_PREFIXES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The service's settings. Where a URL is ``None`` the service starts an embedded back end.

    Attributes:
        release: the name under which the service reports its memory policy.
        policy: what the service does about memory.
        redis_url: ``redis://host:port/db``.
        database_url: ``postgresql://...`` (asyncpg) or ``sqlite+aiosqlite:///path``.
        quotes_url: the root of the HTTP service of quotes.
        quotes_timeout_seconds: how long an answer with quotes may take.
        redis_backoff_seconds: the wait before a command is sent again; it doubles with each more.
        data_dir: where the embedded database lies; a temporary folder of its own when ``None``.
        database_max_bytes: how large an SQLite file may get; ``None`` is as large as it likes.
        stored_reports: how many reports the store keeps.
        save_attempts: how often a save is tried before it has failed.
        first_backoff_seconds: the wait after the first failed save; it doubles with each more.
        tick_seconds: the time between two fetches of the market indices.
        report_seconds: the time between two automatic reports.
        collect_seconds: the time between two collections of all cycles; ``None`` leaves them to
            the collector, which is what the measurement in docs/operations speaks for.
        most_manual_reports: how many reports may be made on request at a time.
        stop_seconds: how long work under way may take to end when the service stops.
        sizes: how large the fields of a report are.
        memory_limit_bytes: what the memory alert measures against; ``None`` is the container's
            limit, or the machine's memory.
        watches_growth: whether the service watches its own growth over days, with leakcheck where
            that is installed.
        host: the address the API listens on.
        port: the port it listens on.
    """

    release: str = "current"
    policy: MemoryPolicy = field(default_factory=lambda: policy_for("current"))
    redis_url: str | None = None
    database_url: str | None = None
    quotes_url: str | None = None
    quotes_timeout_seconds: float = 10.0
    redis_backoff_seconds: float = 0.05
    data_dir: Path | None = None
    database_max_bytes: int | None = None
    stored_reports: int = 50
    save_attempts: int = 3
    first_backoff_seconds: float = 0.5
    tick_seconds: int = 180
    report_seconds: int = 3600
    collect_seconds: int | None = None
    most_manual_reports: int = 4
    stop_seconds: float = 20.0
    sizes: ReportSizes = DOCUMENTED
    memory_limit_bytes: int | None = None
    watches_growth: bool = False
    host: str = "127.0.0.1"
    port: int = 8000

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Return the settings of these variables; a missing or empty one leaves the default.

        ``SYSTEM_RELEASE`` names the release; ``SYSTEM_STEPS_ON`` and ``SYSTEM_STEPS_OFF`` (names,
        with commas between) turn single memory steps on and off against it. ``REDIS_URL``,
        ``DATABASE_URL``, ``QUOTES_URL``, ``MEMORY_LIMIT_BYTES``, ``COLLECT_SECONDS``, ``HOST`` and
        ``PORT`` are the settings of those names; ``WATCH_GROWTH`` is on with any value but 0.

        >>> Settings.from_env({"SYSTEM_RELEASE": "1.0.0"}).policy.recent_runs is None
        True

        Raises:
            SettingsError: a value is of no use.
        """
        release = environ.get("SYSTEM_RELEASE") or "current"
        policy = policy_for(release)
        return cls(
            release=release,
            policy=policy.with_(*_names(environ, "SYSTEM_STEPS_ON")).without(
                *_names(environ, "SYSTEM_STEPS_OFF")
            ),
            redis_url=environ.get("REDIS_URL") or None,
            database_url=async_url(environ.get("DATABASE_URL") or None),
            quotes_url=environ.get("QUOTES_URL") or None,
            memory_limit_bytes=_whole_number(environ, "MEMORY_LIMIT_BYTES"),
            collect_seconds=_whole_number(environ, "COLLECT_SECONDS"),
            watches_growth=environ.get("WATCH_GROWTH", "0") not in ("", "0"),
            host=environ.get("HOST") or "127.0.0.1",
            port=_whole_number(environ, "PORT") or 8000,
        )


def async_url(url: str | None) -> str | None:
    """Return the URL with the driver the service speaks to PostgreSQL with; any other URL as it is.

    >>> async_url("postgresql://me@localhost/reports")
    'postgresql+asyncpg://me@localhost/reports'
    """
    for prefix in _POSTGRES_PREFIXES:
        if url is not None and url.startswith(prefix):
            return "postgresql+asyncpg://" + url.removeprefix(prefix)
    return url


def _names(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())


def _whole_number(environ: Mapping[str, str], name: str) -> int | None:
    value = environ.get(name, "")
    if not value:
        return None
    if not value.isdigit() or int(value) == 0:
        msg = f"{name}: got {value!r}, want a whole number above 0"
        raise SettingsError(msg)
    return int(value)
