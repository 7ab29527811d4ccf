"""Folders for bisections: nothing of this machine's installers and caches."""

import os
import shutil
from pathlib import Path

import pytest

from tests.process.releases import BROKEN, CLEAN, JOBS, LEAKY, Repository


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder to work in, with a cache folder of its own beside it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "jobs.py").write_text(JOBS, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def repository(tmp_path: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Return a repository to work in: eight commits, of which the sixth begins to leak."""
    made = Repository(tmp_path / "shop")
    for number in range(8):
        source = BROKEN if number == 3 else LEAKY if number >= 5 else CLEAN
        made.commit(f"Change {number}", {"shop.py": f"{source}# {number}\n"})
        made.git("tag", f"v{number}")
    monkeypatch.chdir(made.folder)
    shutil.copy(desk / "jobs.py", made.folder / "jobs.py")
    return made
