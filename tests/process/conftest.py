from dataclasses import replace
from pathlib import Path

import pytest

from tests.process.command import Desk, Here


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a fresh folder to work in."""
    return Desk(folder=tmp_path)


@pytest.fixture
def here(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Return the same folder, with this process in it."""
    monkeypatch.chdir(desk.folder)
    return Here(desk=desk, capture=capsys)


@pytest.fixture
def programs(desk: Desk) -> Desk:
    """Return a fresh folder in which `leakcheck exec` is run."""
    return replace(desk, command="exec")
