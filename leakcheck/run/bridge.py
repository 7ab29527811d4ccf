"""A folder that holds this package and nothing else, for the child's import path."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import leakcheck


@contextmanager
def bridge() -> Iterator[Path]:
    """Yield a temporary folder through which any interpreter can import leakcheck.

    Putting our site-packages on the path of another project's interpreter would shadow the
    project's own libraries; the part of leakcheck that a child imports needs none of them.
    """
    with tempfile.TemporaryDirectory(prefix="leakcheck-") as name:
        folder = Path(name)
        (folder / "leakcheck").symlink_to(Path(leakcheck.__file__).resolve().parent)
        yield folder
