"""What is drawn beside a record as soon as it is there: what fails costs its own file only."""

from pathlib import Path

import pytest

from leakcheck.check import Checked
from leakcheck.cli import formats
from leakcheck.cli.drawing import Drawing, drawn
from tests.unit.records import leak_record


def checked(folder: Path) -> Checked:
    return Checked(record=leak_record(), folder=folder)


def test_nothing_is_drawn_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert list(drawn(checked(tmp_path), Drawing())) == []
    assert list(tmp_path.iterdir()) == []


def test_plot_and_page_are_drawn_side_by_side(tmp_path: Path) -> None:
    assert list(drawn(checked(tmp_path), Drawing(plot=True, html=True))) == []
    assert sorted(file.name for file in tmp_path.iterdir()) == ["report.html", "rss.png"]


def test_a_page_that_cannot_be_made_is_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        msg = "no such thing"
        raise LookupError(msg)

    monkeypatch.setattr(formats, "rendered", fail)

    assert list(drawn(checked(tmp_path), Drawing(html=True))) == [
        "report.html: not written (LookupError: no such thing)"
    ]
    assert list(tmp_path.iterdir()) == []
