"""The files that a command writes for others: found to be usable before anything runs."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leakcheck.configuration.table import Configuration
from leakcheck.configuration.values import writable
from leakcheck.model.errors import LeakcheckError
from leakcheck.model.reported import Reported
from leakcheck.record.junit import junit_xml
from leakcheck.record.verdict_json import verdicts_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What to write; None is not asked for."""

    json: Path | None = None
    junit: Path | None = None


def files_of(given: argparse.Namespace, configuration: Configuration) -> Files:
    """Return the files that the command line names, else the configuration.

    Raises:
        UsageError: if one cannot be written.
    """
    return Files(
        json=_file("json", vars(given), configuration),
        junit=_file("junit", vars(given), configuration),
    )


def files_given(given: argparse.Namespace) -> Files:
    """Return the files that the command line names, whatever is configured for runs.

    Raises:
        UsageError: if one cannot be written.
    """
    return files_of(given, Configuration(folder=Path()))


def _file(option: str, given: Mapping[str, Any], configuration: Configuration) -> Path | None:
    name, configured = given.get(option), configuration.values.get(option)
    if name is None and configured is None:
        return None
    file = Path(name) if name is not None else configuration.folder / str(configured)
    return writable(option, file)


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


def write_verdicts(file: Path, found: Sequence[Reported]) -> None:
    """Write the verdicts as JSON; see `write_files`."""
    text = verdicts_text(
        [one.record for one in found],
        project=Path.cwd(),
        explanations={one.record.id: one.explanation for one in found},
        alloweds={one.record.id: one.allowed for one in found},
    )
    write_text(file, text)


def write_text(file: Path, text: str) -> None:
    """Write a file whose folder is there.

    Raises:
        LeakcheckError: if it cannot be written.
    """
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"{error.filename}: could not be written ({error.strerror})"
        raise LeakcheckError(msg) from error
