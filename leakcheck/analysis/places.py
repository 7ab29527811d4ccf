"""Files as a reader finds them: from the project's folder, and without whose machine it was."""

import re
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.lines import INSTALLED

_START: Final = r"(?<![^\s('\"=])"
"""Where a path may begin in a sentence."""
_UP_TO_INSTALLED: Final = re.compile(rf"{_START}/[^\s:'\"()]*{INSTALLED.pattern}")
_BRIDGE: Final = re.compile(rf"{_START}/(?:\S*/)?leakcheck-\w{{8}}/(?=leakcheck/)")
"""The temporary folder through which a child imports this package."""
_HOME: Final = re.compile(rf"{_START}/(?:root|(?:home|Users)/[^/\s:]+)(?=/)")
_NUMBERS: Final = re.compile("[0-9]+")


def shown_file(file: str, project: PurePath) -> str:
    """Return `file` as seen from `project`, or as it is where it lies elsewhere.

    >>> shown_file("/project/jobs.py", PurePath("/project")), shown_file("<string>", PurePath("/"))
    ('jobs.py', '<string>')
    """
    path = PurePath(file)
    return str(path.relative_to(project)) if path.is_relative_to(project) else file


def shown_text(text: str, project: PurePath | None) -> str:
    """Return a sentence with the files in it as seen from `project`.

    Of an installed file its package is left, of a home directory ``~``. A project's path may
    also stand there with a star for each number: so descriptors are told.

    >>> shown_text("work at /app/jobs.py:3, get at /usr/lib/python3.11/queue.py:9",
    ...     PurePath("/app"))
    'work at jobs.py:3, get at .../queue.py:9'
    """
    text = _UP_TO_INSTALLED.sub(".../", text)
    text = _BRIDGE.sub("", text)
    for folder in _written(project):
        text = re.sub(rf"{_START}{re.escape(folder)}/", "", text)
    return _HOME.sub("~", text)


def _written(project: PurePath | None) -> tuple[str, ...]:
    if project is None:
        return ()
    folder = str(project).rstrip("/")
    return tuple(dict.fromkeys((folder, _NUMBERS.sub("*", folder))))
