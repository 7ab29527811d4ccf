"""The versions of a package, the oldest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.bisecting.environments import Environments
from leakcheck.bisecting.interpreters import pip_of
from leakcheck.bisecting.names import Package, is_version, require_version, same_version
from leakcheck.bisecting.programs import Tick, last_line, ran
from leakcheck.bisecting.steps import Candidate, UntestableError
from leakcheck.model.errors import UsageError

_LIMIT_S: Final = 300
_LIST: Final = "Available versions:"
_MOST: Final = 10_000
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The two ends as they were named, `old` first; None is the list's own end."""

    old: str
    new: str | None


def versions_given(text: str) -> tuple[str, ...]:
    """Return the versions of ``1.0,1.1,1.2``, in that order.

    Raises:
        UsageError: if one of them is none, or stands there twice.
    """
    found = [require_version("--versions", one.strip()) for one in text.split(",")]
    if len({same_version(one) for one in found}) < len(found):
        msg = f"--versions: found a version twice in {text!r}, wanted each once, the oldest first"
        raise UsageError(msg)
    return tuple(found)


def versions_of(
    package: Package,
    *,
    python: Path,
    environments: Environments,
    pre: bool,
    tick: Tick,
) -> tuple[str, ...]:
    """Return the versions that pip finds for an interpreter, the oldest first.

    Only those with a file for it, and neither withdrawn ones nor, unless `pre`, pre-releases.

    Raises:
        UsageError: if there are none, or no pip.
    """
    variables = environments.variables
    pip = pip_of(environments.facts, python, variables, tick)
    if pip is None:
        msg = f"{python}: found no pip there, wanted one to list versions, or --versions A,B,C"
        raise UsageError(msg)
    options = [*environments.index.options(), *(["--pre"] if pre else [])]
    command = [*pip, "--disable-pip-version-check", "index", "versions", *options]
    try:
        answer = ran(
            [*command, "--", package.name], tick=tick, limit_s=_LIMIT_S, variables=variables
        )
    except UntestableError as error:
        msg = f"{package.name}: its versions cannot be listed ({error})"
        raise UsageError(msg) from error
    found = versions_printed(answer.out.decode(errors="replace"))
    if answer.code != 0 or not found:
        msg = (
            f"{package.name}: found no versions ({last_line(answer.err)}), wanted a package that an"
            " index has, or --versions A,B,C"
        )
        raise UsageError(msg)
    return found


def versions_printed(text: str) -> tuple[str, ...]:
    r"""Return the versions that ``pip index versions`` printed, the oldest first.

    pip sorts them by PEP 440, the newest first. What is no version is left out.

    >>> versions_printed("a (1.1)\nAvailable versions: 1.1, 1.0, --evil\n")
    ('1.0', '1.1')
    """
    for line in text.splitlines():
        if line.startswith(_LIST):
            named = [one.strip() for one in line.removeprefix(_LIST).split(",")]
            return tuple(reversed([one for one in named if is_version(one)][:_MOST]))
    return ()


def between(package: Package, versions: Sequence[str], span: Span) -> tuple[Candidate, ...]:
    """Return the candidates from the old end to the new one, both included.

    Raises:
        UsageError: if an end is not there, or they are not two, the old one first.

    >>> found = between(Package("a", ""), ("1.0", "1.1", "1.2"), Span(old="1", new="1.1"))
    >>> [one.name for one in found]
    ['a 1.0', 'a 1.1']
    """
    places = {same_version(one): k for k, one in enumerate(versions)}
    low = _place(package, versions, places, span.old)
    high = len(versions) - 1 if span.new is None else _place(package, versions, places, span.new)
    if low >= high:
        ends = f"{package.name} {versions[low]} and {versions[high]}"
        msg = f"{ends}: wanted an older version and a newer one; --fixed has --bad as the older one"
        raise UsageError(msg)
    return tuple(
        Candidate(key=one, name=f"{package.name} {one}") for one in versions[low : high + 1]
    )


def _place(package: Package, versions: Sequence[str], places: Mapping[str, int], named: str) -> int:
    place = places.get(same_version(named))
    if place is None:
        some = ", ".join(versions[-_SHOWN:])
        msg = (
            f"{package.name} {named}: found no such version among {len(versions)} (newest: {some}),"
            " wanted one of them; --pre adds pre-releases, and --versions whatever you name"
        )
        raise UsageError(msg)
    return place
