"""What all pages share: a figure in a table, and what a subject's page is called."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A figure, and the number that it is sorted by."""

    text: str
    order: float


def page_name(subject: str) -> str:
    """Return the file of a subject's page: no two subjects share one, whatever their names.

    >>> page_name("bench/a.py::b").partition("-")[0]
    'bench_a.py_b'
    """
    readable = _UNSAFE.sub("_", subject).strip(".-_")[:_LONGEST_NAME]
    unique = hashlib.sha256(subject.encode("utf-8", "backslashreplace")).hexdigest()[:10]
    return f"{readable or 'subject'}-{unique}.html"
