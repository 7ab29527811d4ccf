"""What is drawn beside the record of a run, as soon as it is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.check import Checked

REPORTS: Final = "leakcheck.reports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What to draw: the plots, and the page about the run."""

    plot: bool = False
    html: bool = False


def drawn(checked: Checked, drawing: Drawing) -> Iterator[str]:
    """Draw what was asked for, and yield a line on what could not be: it costs its page only."""
    if drawing.plot:
        yield from _plots(checked)
    if drawing.html:
        yield from _page(checked)


def _plots(checked: Checked) -> Iterator[str]:
    from importlib.metadata import entry_points  # noqa: PLC0415 -- most runs draw nothing

    for entry in entry_points(group=REPORTS):
        try:
            entry.load()(checked.record, checked.folder)
        except Exception as error:  # noqa: BLE001 -- a report is another package's code
            yield f"{entry.name}: not drawn ({type(error).__name__}: {error})"


def _page(checked: Checked) -> Iterator[str]:
    from leakcheck.cli.formats import (  # noqa: PLC0415 -- likewise
        HTML,
        file_name,
        rendered,
        require_format,
        write_report,
    )
    from leakcheck.cli.records import Stored  # noqa: PLC0415 -- likewise
    from leakcheck.cli.telling import told  # noqa: PLC0415 -- likewise
    from leakcheck.model.briefing import Briefing  # noqa: PLC0415 -- likewise

    one = Stored(record=checked.record, folder=checked.folder)
    try:
        briefing = Briefing(runs=(told(one, Path.cwd(), checked.folder),))
        content = rendered(require_format(HTML), briefing)
        write_report(checked.folder / file_name(HTML), content)
    except Exception as error:  # noqa: BLE001 -- likewise
        yield f"{file_name(HTML)}: not written ({type(error).__name__}: {error})"
