"""What a value may be, beyond its kind: one table for the configuration and the command line."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from leakcheck.model.errors import UsageError
from leakcheck.model.plan import Profiler
from leakcheck.model.units import parse_size


@dataclass(frozen=True, slots=True)
class Range:
    """The values that are allowed: as words, and as a question."""

    wanted: str
    holds: Callable[[Any], bool]


def _is_count(value: float) -> bool:
    return value >= 1


def _is_above_zero(value: float) -> bool:
    return 0 < value < math.inf


def _is_size_from(least: float) -> Callable[[object], bool]:
    def holds(value: object) -> bool:
        try:
            return parse_size(str(value)) >= least
        except UsageError:
            return False

    return holds


_ADDRESS: Final = re.compile(r"(tcp|tls)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+):[0-9]{1,5}")
_SCHEDULER: Final = "the address of a Dask scheduler, such as tcp://10.0.0.1:8786"


def _is_address(value: object) -> bool:
    return _ADDRESS.fullmatch(str(value)) is not None


BADGES: Final = (".svg", ".json")
_COUNT: Final = Range("1 or more", _is_count)
_SIZE: Final = Range("a size above 0, such as 4B or 1KiB", _is_size_from(math.ulp(0)))
RANGES: Final[Mapping[str, Range]] = {
    "iterations": _COUNT,
    "exact-iterations": _COUNT,
    "jobs": _COUNT,
    "cluster": Range(_SCHEDULER, _is_address),
    "time-limit": Range("more than 0 seconds, and an end", _is_above_zero),
    "count-threshold": Range("more than 0 an iteration", _is_above_zero),
    "expect-status": Range("a status of 100 to 599", lambda value: 100 <= value <= 599),  # noqa: PLR2004 -- HTTP's own
    "rate": Range("more than 0 iterations a second", _is_above_zero),
    "threshold": _SIZE,
    "limit": _SIZE,
    "memory-limit": Range("a size of 1B or more, such as 512MiB", _is_size_from(1)),
    "badge": Range("a file that ends in .svg or .json", lambda value: str(value).endswith(BADGES)),
    "profiler": Range(" or ".join(Profiler), set(Profiler).__contains__),
}


def wanted_instead(key: str, value: object) -> str | None:
    """Return what `value` should be under `key`, None if it may be what it is.

    >>> wanted_instead("jobs", 0), wanted_instead("jobs", 2), wanted_instead("threshold", "4 eggs")
    ('1 or more', None, 'a size above 0, such as 4B or 1KiB')
    """
    if isinstance(value, str) and "\0" in value:
        return "a text without NUL"
    found = RANGES.get(key)
    return None if found is None or found.holds(value) else found.wanted


def require_allowed(values: Mapping[str, Any], origin: str) -> None:
    """Do nothing if every value that is given may be what it is.

    Raises:
        UsageError: if one may not; `origin` says who gave it.
    """
    for key, value in values.items():
        wanted = None if value is None else wanted_instead(key, value)
        if wanted is not None:
            msg = f"{origin}{key}: found {value!r}, wanted {wanted}"
            raise UsageError(msg)
