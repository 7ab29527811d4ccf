"""The site on the disk: written beside its place, and put there when all of it is whole."""

import base64
import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.history.facts import HistoryError, Metric
from bench.history.pages import chart
from bench.history.pages.content import Site

TEMPLATES: Final = Path(__file__).with_name("templates")
MARK: Final = ".leakcheck-site"
"""The file that tells an earlier site, which may be replaced, from somebody's folder."""
WORDS: Final = {
    "regression": "regression",
    "unsure": "not confirmed",
    "improvement": "improvement",
}


def write_site(site: Site, folder: Path, copy: Callable[[Path], None]) -> Path:
    """Return the first page of the site, which now stands in `folder` in an earlier one's place.

    `copy` puts into a folder what else belongs to the site.

    Raises:
        HistoryError: if `folder` holds something else, or cannot be written.
    """
    try:
        with _in_place_of(folder) as made:
            copy(made)
            for name, text in pages_of(site):
                (made / name).parent.mkdir(exist_ok=True)
                (made / name).write_text(text, encoding="utf-8")
            (made / MARK).touch()
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror or error}), wanted a folder for a site"
        raise HistoryError(msg) from None
    return folder / "index.html"


def pages_of(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each page."""
    templates = _templates()
    yield "index.html", templates.get_template("index.html.j2").render(site=site)
    page = templates.get_template("subject.html.j2")
    for subject in site.subjects:
        yield subject.href, page.render(site=site, subject=subject)


@cache
def _templates() -> Environment:
    """Return the templates: every name is escaped, and every page may do next to nothing."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    style, script = (_own(name) for name in ("style.css", "sort.js"))
    found.globals.update(
        style=Markup(style),  # noqa: S704 -- our own file
        script=Markup(script),  # noqa: S704 -- likewise
        policy=(
            "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
            f"style-src {_hash(style)}; script-src {_hash(script)}"
        ),
        words=WORDS,
        metrics=[str(metric) for metric in Metric],
        width=chart.WIDTH,
        height=chart.HEIGHT,
        left=chart.LEFT,
        right=chart.RIGHT,
        top=chart.TOP,
        bottom=chart.BOTTOM,
    )
    return found


def _own(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@contextlib.contextmanager
def _in_place_of(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `folder` in the end, unless something fails."""
    if folder.exists() and not _is_ours(folder):
        msg = f"{folder}: found other files in it, wanted a new folder or an earlier site"
        raise HistoryError(msg)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as beside:
        made = Path(beside) / "made"
        made.mkdir()
        yield made
        if folder.exists():
            folder.rename(Path(beside) / "earlier")
        shutil.move(made, folder)


def _is_ours(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir()))
