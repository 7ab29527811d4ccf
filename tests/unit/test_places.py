"""Files in sentences are named from the project, and say nothing of whose machine it was."""

import re
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.places import shown_file, shown_text

HOME = "/home" + "/me"
ROOT = "/" + "root"
names = st.text("abc019 .-_", min_size=1, max_size=6).map(lambda name: f"{name}x")
projects = st.lists(names, min_size=1, max_size=3).map(lambda parts: PurePath("/", *parts))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("work at /app/jobs.py:3", "work at jobs.py:3"),
        ("what /app/jobs.py:3 tick allocated grows", "what jobs.py:3 tick allocated grows"),
        ("raised ValueError (/app/jobs.py:3 tick)", "raised ValueError (jobs.py:3 tick)"),
        ("file /app/logs/a.*.log (3), file /tmp/b (2)", "file logs/a.*.log (3), file /tmp/b (2)"),
        ("run at /application/jobs.py:3", "run at /application/jobs.py:3"),
        ("run at /srv/app/jobs.py:3", "run at /srv/app/jobs.py:3"),
        ("run at /usr/lib/python3.11/threading.py:9", "run at .../threading.py:9"),
        ("run at /app/.venv/lib/python3.12/site-packages/orm/a.py:9", "run at .../orm/a.py:9"),
        ("run at /tmp/leakcheck-a1_b2c3d/leakcheck/run/child/loop.py:9", None),
        (f"file {HOME}/notes.txt", "file ~/notes.txt"),
        (f"run at {ROOT}/jobs.py:3", "run at ~/jobs.py:3"),
        ("socket to 127.0.0.1:80", "socket to 127.0.0.1:80"),
        ("", ""),
    ],
)
def test_a_sentence_names_files_as_its_reader_finds_them(text: str, shown: str | None) -> None:
    wanted = "run at leakcheck/run/child/loop.py:9" if shown is None else shown

    assert shown_text(text, PurePath("/app")) == wanted


def test_without_a_project_only_what_is_nobodys_own_is_shortened() -> None:
    assert shown_text("f at /usr/lib/python3.11/a.py:1, g at /app/b.py:2", None) == (
        "f at .../a.py:1, g at /app/b.py:2"
    )


@given(project=projects, name=names, has_stars=st.booleans())
def test_no_text_says_where_the_project_lies(
    project: PurePath, name: str, *, has_stars: bool
) -> None:
    folder = re.sub("[0-9]+", "*", str(project)) if has_stars else str(project)
    said = shown_text(f"work at {folder}/{name}.py:3 ({folder}/{name})", project)

    assert said == f"work at {name}.py:3 ({name})"


@given(projects, st.lists(names, min_size=1, max_size=3))
def test_a_file_below_the_project_leads_back_to_where_it_was(
    project: PurePath, parts: list[str]
) -> None:
    file = str(project.joinpath(*parts))

    assert str(project / shown_file(file, project)) == file


@given(st.text().filter(lambda text: "/" not in text), projects)
def test_a_text_without_a_path_stays_as_it_is(text: str, project: PurePath) -> None:
    assert shown_text(text, project) == text
