"""The RSS plot of a run record, as PNG where matplotlib is installed and as SVG where not."""

import importlib
from pathlib import Path

from leakcheck.model.run_record import RunRecord
from leakcheck_reports.curves import picture_of
from leakcheck_reports.svg import svg_text


def write_plot(record: RunRecord, folder: Path) -> Path:
    """Return the file that now shows RSS and heap of `record`: rss.png or rss.svg in `folder`.

    Raises:
        OSError: if it cannot be written.
    """
    picture = picture_of(record)
    try:
        figure = importlib.import_module("leakcheck_reports.figure")
    except ImportError:  # matplotlib is an extra
        file = folder / "rss.svg"
        file.write_text(svg_text(picture), encoding="utf-8")
    else:
        file = folder / "rss.png"
        figure.write_png(picture, file)
    return file
