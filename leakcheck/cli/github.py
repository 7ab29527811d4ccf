"""GitHub Actions: annotations among the lines that are printed, and the job's summary."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from leakcheck.analysis.growing_places import Roots
from leakcheck.configuration.table import Configuration
from leakcheck.model.reported import Reported
from leakcheck.wording.github import annotations
from leakcheck.wording.summary import MOST_BYTES, summary


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """Whether GitHub is told, and the file that it takes a summary from, if it named one."""

    is_on: bool = False
    summary: Path | None = None


def github_of(
    given: argparse.Namespace, configuration: Configuration, variables: Mapping[str, str]
) -> GitHub:
    """Return whether GitHub is told: as given, else as configured, else where it runs this."""
    configured = configuration.values.get("github", variables.get("GITHUB_ACTIONS") == "true")
    name = variables.get("GITHUB_STEP_SUMMARY")
    return GitHub(
        is_on=configured if given.github is None else given.github,
        summary=Path(name) if name else None,
    )


def only_where_asked(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without the one that switches this on by itself.

    What judges a record again would tell GitHub the same twice.
    """
    return {name: value for name, value in variables.items() if name != "GITHUB_ACTIONS"}


def roots_of(variables: Mapping[str, str]) -> Roots:
    """Return what code hosting names files from: its checkout, where this runs in one."""
    here = Path.cwd()
    checkout = Path(variables.get("GITHUB_WORKSPACE") or here)
    return Roots(repository=checkout if here.is_relative_to(checkout) else here, here=here)


def told_github(
    github: GitHub, found: Sequence[Reported], variables: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Return the lines to print and those to complain with, once the summary is written."""
    if not github.is_on:
        return [], []
    lines = annotations(found, roots_of(variables))
    return lines, [] if github.summary is None else _appended(github.summary, found)


def _appended(file: Path, found: Sequence[Reported]) -> list[str]:
    """Append the summary to what others wrote, and return a line where that cannot be done."""
    try:
        taken = file.stat().st_size if file.exists() else 0
        text = summary(found, Path.cwd(), most_bytes=MOST_BYTES - taken)
        with file.open("a", encoding="utf-8", errors="replace") as out:
            out.write(text)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        return [f"the job's summary was not written ({why})"]
    return []
