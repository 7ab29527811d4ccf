"""A report as one picture: the curves of a run."""

import importlib

from leakcheck.model.briefing import Briefing
from leakcheck.model.signals import COUNT_SIGNALS
from leakcheck_reports.charts import moving
from leakcheck_reports.curves import PANELS, picture_of
from leakcheck_reports.words import NAMES


def png_report(briefing: Briefing) -> bytes:
    """Return the curves of a run as PNG.

    Raises:
        ImportError: if matplotlib, which is an extra, is not installed.
        ValueError: if there is more than one run.
    """
    if len(briefing.runs) != 1:
        msg = f"found {len(briefing.runs)} records, wanted one: a picture is of one run"
        raise ValueError(msg)
    try:
        figure = importlib.import_module("leakcheck_reports.figure")
    except ImportError as error:
        msg = f"{error.name or 'matplotlib'} is missing, wanted leakcheck-harness[reports]"
        raise ImportError(msg, name=error.name) from error
    record = briefing.runs[0].record
    counts = [(signal, NAMES[signal]) for signal in moving(record, COUNT_SIGNALS)]
    content: bytes = figure.png_bytes(picture_of(record, (*PANELS, *counts)))
    return content
