"""The files that a command writes for others: found to be usable before anything runs."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from leakcheck.cli.github import roots_of
from leakcheck.cli.writing import write_text
from leakcheck.configuration.ranges import require_allowed
from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import writable
from leakcheck.model.reported import Reported
from leakcheck.record.badge import badge_json, badge_of, badge_svg
from leakcheck.record.code_quality import code_quality_text
from leakcheck.record.junit import junit_xml
from leakcheck.record.sarif import sarif_text
from leakcheck.record.verdict_json import verdicts_text

_BADGES: Final = {".svg": badge_svg, ".json": badge_json}


def add_ci_files(parser: "argparse._ActionsContainer") -> None:
    """Add the arguments for what CI servers and code hosting take in."""
    parser.add_argument(
        "--sarif", metavar="FILE", help="write leaking lines as SARIF, for code scanning"
    )
    parser.add_argument("--code-quality", metavar="FILE", help="write leaking lines for GitLab")
    parser.add_argument(
        "--badge", metavar="FILE", help="write the worst verdict as FILE.svg or FILE.json"
    )
    parser.add_argument(
        "--github",
        action=argparse.BooleanOptionalAction,
        help="for GitHub: annotate lines, write a summary",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What to write; None is not asked for."""

    json: Path | None = None
    junit: Path | None = None
    sarif: Path | None = None
    code_quality: Path | None = None
    badge: Path | None = None


def files_of(given: argparse.Namespace, configuration: Configuration) -> Files:
    """Return the files that the command line names, else the configuration.

    Raises:
        UsageError: if one cannot be written.
    """
    require_allowed({"badge": given.badge}, "--")
    return Files(
        json=_file("json", vars(given), configuration),
        junit=_file("junit", vars(given), configuration),
        sarif=_file("sarif", vars(given), configuration),
        code_quality=_file("code-quality", vars(given), configuration),
        badge=_file("badge", vars(given), configuration),
    )


def files_given(given: argparse.Namespace) -> Files:
    """Return the files that the command line names, whatever is configured for runs.

    Raises:
        UsageError: if one cannot be written.
    """
    return files_of(given, Configuration(folder=Path()))


def _file(option: str, given: Mapping[str, Any], configuration: Configuration) -> Path | None:
    name, configured = given.get(option.replace("-", "_")), configuration.values.get(option)
    if name is None and configured is None:
        return None
    if name is not None:
        return writable(option, Path(name))
    file = configuration.folder / str(configured)
    return writable(option, file, given=configuration.given(option))


def write_files(files: Files, found: Sequence[Reported], *, allow_inconclusive: bool) -> None:
    """Write what was asked for.

    Raises:
        LeakcheckError: if a file cannot be written any more.
    """
    if files.json is not None:
        write_verdicts(files.json, found)
    if files.junit is not None:
        text = junit_xml(
            [one.record for one in found],
            allow_inconclusive=allow_inconclusive,
            project=Path.cwd(),
            alloweds={one.record.id: one.allowed for one in found},
        )
        write_text(files.junit, text)
    if files.sarif is not None:
        write_text(files.sarif, sarif_text(found, roots=roots_of(os.environ)))
    if files.code_quality is not None:
        write_text(files.code_quality, code_quality_text(found, roots=roots_of(os.environ)))
    if files.badge is not None:
        write_text(files.badge, _BADGES[files.badge.suffix](badge_of(found)))


def write_verdicts(file: Path, found: Sequence[Reported]) -> None:
    """Write the verdicts as JSON; see `write_files`."""
    text = verdicts_text(
        [one.record for one in found],
        project=Path.cwd(),
        explanations={one.record.id: one.explanation for one in found},
        alloweds={one.record.id: one.allowed for one in found},
    )
    write_text(file, text)
