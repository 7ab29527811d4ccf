"""Known leaks: entries of `allow`, each a site, a rate, a last day and a reason."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Final

from leakcheck.model.errors import UsageError
from leakcheck.model.units import parse_size, written_size

FORM: Final = "'SITE = RATE until YYYY-MM-DD # REASON'"
_EXAMPLE: Final = "'jobs.py:41 = 64B until 2027-01-31 # ticket 12'"
_ENTRY: Final = re.compile(
    r"(?P<site>.+?)\s=\s(?P<rate>[^=#]*?)\suntil\s(?P<until>[^#]*?)\s#(?P<reason>.*)"
)
_LINE: Final = re.compile(r"(?P<file>.*[^:]):(?P<line>[1-9][0-9]{0,8})")
_FUNCTION: Final = re.compile(r"(?P<file>.*[^:]):(?P<name>[^:\s]+)")
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Growth that is known and may be there: at `site`, up to `rate`, up to and with `until`.

    The rate is in requested bytes an iteration or, where `is_count`, in descriptors, threads,
    tasks or child processes an iteration, of each of them so many.
    """

    site: str
    rate: float
    is_count: bool
    until: date
    reason: str

    @property
    def file(self) -> PurePosixPath | None:
        """Return the file of a site that is a line or a function, None for any other."""
        found = _LINE.fullmatch(self.site) or _FUNCTION.fullmatch(self.site)
        if found is None or (self.line is None and not found["file"].endswith(".py")):
            return None
        return PurePosixPath(found["file"])

    @property
    def line(self) -> int | None:
        """Return the line of a site that is one, None for any other.

        >>> parse_allowance("jobs.py:41 = 64B until 2027-01-31 # ticket 12").line
        41
        """
        found = _LINE.fullmatch(self.site)
        return int(found["line"]) if found else None

    @property
    def function(self) -> str:
        """Return the function of a site that is one, an empty text for a line.

        >>> parse_allowance("jobs.py:tick = 0.5 until 2027-01-31 # ticket 12").function
        'tick'
        """
        return "" if self.line is not None else self.site.rpartition(":")[2]

    @property
    def written_rate(self) -> str:
        """Return the rate as somebody would write it."""
        count = f"{Decimal(repr(self.rate)):f}".removesuffix(".0")
        return count if self.is_count else written_size(self.rate)

    @property
    def entry(self) -> str:
        """Return the entry that is parsed to this.

        >>> parse_allowance("jobs.py:41  =  1024 B until 2027-01-31 #  ticket 12").entry
        'jobs.py:41 = 1KiB until 2027-01-31 # ticket 12'
        """
        return f"{self.site} = {self.written_rate} until {self.until} # {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What the entries say of one run.

    `passes` is whether it is a LEAK that is allowed in whole, and so does not count; it is False
    for any other verdict, which no entry changes. `sentences` say, a line each, what is allowed,
    until when and why, and what is not. `used` are the entries at whose sites something grows,
    `expired` and `exceeded` those of them that no longer hold. `is_settled` is whether the run
    tells at all what does not grow.
    """

    passes: bool = False
    sentences: tuple[str, ...] = ()
    used: tuple[Allowance, ...] = ()
    expired: tuple[Allowance, ...] = ()
    exceeded: tuple[Allowance, ...] = ()
    workload: str = ""
    is_settled: bool = True


def parse_allowances(entries: Iterable[str]) -> tuple[Allowance, ...]:
    """Return the entries of `allow`, which name each site once, or once in bytes and as a count.

    Raises:
        UsageError: if one is none, or names the site of another.
    """
    found: dict[tuple[str, bool], Allowance] = {}
    for entry in entries:
        one = parse_allowance(entry)
        if (one.site, one.is_count) in found:
            what = "counts" if one.is_count else "bytes"
            msg = f"{entry!r}: found a second entry for {what} at {one.site}, wanted one"
            raise UsageError(msg)
        found[one.site, one.is_count] = one
    return tuple(found.values())


def parse_allowance(entry: str) -> Allowance:
    """Return what an entry of `allow` says.

    Raises:
        UsageError: if it is none; it names the entry, what was found and what was wanted.

    >>> parse_allowance("jobs.py:41 = 64B until 2027-01-31 # ticket 12").rate
    64.0
    """
    parts = _ENTRY.fullmatch(entry.strip())
    if parts is None or not entry.strip().isprintable():
        raise _refused(entry, _missing(entry.strip()), f"{FORM}, such as {_EXAMPLE}")
    rate, is_count = _rate(entry, parts["rate"].strip())
    return Allowance(
        site=_site(entry, parts["site"].strip()),
        rate=rate,
        is_count=is_count,
        until=_day(entry, parts["until"].strip()),
        reason=_reason(entry, parts["reason"].strip()),
    )


def _refused(entry: str, found: str, wanted: str) -> UsageError:
    return UsageError(f"{entry!r}: found {found}, wanted {wanted}")


def _missing(entry: str) -> str:
    """Return what an entry lacks of its form.

    >>> _missing("jobs.py:41 = 64B until 2027-01-31")
    'no reason (# REASON)'
    """
    if not entry.isprintable():
        return "characters that cannot be shown"
    if not re.search(r"\S\s=\s", entry):
        return "no rate (SITE = RATE)"
    if not re.search(r"\suntil\s", entry):
        return "no last day (until YYYY-MM-DD)"
    return "parts in another order" if re.search(r"\s#", entry) else "no reason (# REASON)"


def _site(entry: str, site: str) -> str:
    wanted = (
        "path.py:LINE or path.py:function, as seen from the project or a trailing part of it, "
        "or a workload as it is given (package.module:name)"
    )
    is_line = _LINE.fullmatch(site)
    if is_line is None and _FUNCTION.fullmatch(site) is None:
        raise _refused(entry, f"the site {site!r}", wanted)
    file = PurePosixPath(is_line["file"]) if is_line else PurePosixPath()
    if file.is_absolute() or ".." in file.parts:
        raise _refused(entry, f"the site {site!r}", wanted)
    return site


def _rate(entry: str, text: str) -> tuple[float, bool]:
    """Return a rate, and whether it counts things: a number without a unit does."""
    is_count = _NUMBER.fullmatch(text) is not None
    try:
        rate = float(text) if is_count else parse_size(text)
    except UsageError:
        rate = math.nan
    if not 0 < rate < math.inf:
        wanted = "a size an iteration with its unit, such as 64B or 1KiB, or a number such as 0.5"
        raise _refused(entry, f"the rate {text!r}", f"{wanted}, more than 0")
    return rate, is_count


def _day(entry: str, text: str) -> date:
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError as error:
        raise _refused(
            entry, f"the day {text!r}", "one as YYYY-MM-DD, such as 2027-01-31"
        ) from error


def _reason(entry: str, text: str) -> str:
    if not text:
        raise _refused(entry, "no reason after #", "why it is allowed, such as # ticket 12")
    return text
