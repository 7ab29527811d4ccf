"""The commit that was measured, asked of git: a run record does not say it."""

import subprocess
from datetime import datetime
from pathlib import Path

from bench.history.facts import Commit, HistoryError


def commit_before(moment: datetime, folder: Path) -> Commit | None:
    """Return the newest commit of what is checked out in `folder` that was there at `moment`.

    None where there is no git, no repository or no such commit.
    """
    listed = _git(folder, "rev-list", "-1", f"--before={moment.isoformat()}", "HEAD")
    return _described(listed.strip(), folder) if listed and listed.strip() else None


def commit_named(name: str, folder: Path) -> Commit:
    """Return the commit that `name` stands for in `folder`.

    Raises:
        HistoryError: if git knows none.
    """
    found = _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
    )
    if not found:
        msg = f"--commit: found {name!r}, wanted a commit that git knows here"
        raise HistoryError(msg)
    return _described(found.strip(), folder)


def _described(commit_id: str, folder: Path) -> Commit:
    at = _git(folder, "show", "--no-patch", "--format=%cI", commit_id)
    return Commit(id=commit_id, committed_at=None if not at else datetime.fromisoformat(at.strip()))


def _git(folder: Path, *arguments: str) -> str | None:
    """Return what git says, or None where it refuses or is not there."""
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout
