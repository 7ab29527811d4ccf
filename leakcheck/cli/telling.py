"""Records made ready for a report: explained, with files as a reader finds them."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

from leakcheck.analysis.account import account
from leakcheck.analysis.repeat import repeat_command
from leakcheck.analysis.shown import as_shown, record_as_shown
from leakcheck.cli.records import Stored
from leakcheck.model.briefing import Page, Told
from leakcheck.run.interpreter import own_interpreter
from leakcheck.wording.explaining import explained_from, until_text

_PAGES: Final = {
    "growth.html": "memray's flamegraph of what grew, and nothing else",
    "growth-native.html": "what grew in native code, from a second run",
    "flamegraph.html": "what was alive when most was",
    "leaks.html": "what was never freed",
}


def told(one: Stored, project: Path, folder: Path | None) -> Told:
    """Return what a report tells of a record, as seen from `project`.

    `folder` is where the report will lie, None where nobody knows: then it leads nowhere.
    """
    record, explanation = one.record, explained_from(one.record, project)
    repeat = repeat_command(record.plan, project=project, own_python=own_interpreter())
    shown = record_as_shown(record, project)
    return Told(
        record=shown,
        explanation=replace(as_shown(explanation, project), repeat=repeat),
        account=account(shown),
        repeat=repeat,
        until=until_text(explanation.outlook) if explanation.outlook else "",
        pages=_pages(one.folder, folder) if folder is not None else (),
    )


def _pages(beside: Path, folder: Path) -> tuple[Page, ...]:
    way = Path(os.path.relpath(beside, folder))
    return tuple(
        Page(href=quote((way / name).as_posix()), shows=shows)
        for name, shows in _PAGES.items()
        if (beside / name).is_file()
    )
