"""What comes back from a worker: a record and its pages, or why there is none.

It is another machine's word: bounded, taken apart by hand, and no name in it becomes a path.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from leakcheck.model.errors import LeakcheckError, RecordError
from leakcheck.record.fields import Field
from leakcheck.record.store import LARGEST_RECORD_BYTES

PAGES: Final = ("growth.html", "growth-native.html", "flamegraph.html", "leaks.html")
"""The pages that a check may leave beside its record; nothing else is sent or taken."""
LARGEST_PAGE_BYTES: Final = 64 << 20
_LARGEST_HEAD_BYTES: Final = 1 << 20
_MOST_LINES: Final = 200
_LONGEST_LINE: Final = 8192
_MEMBERS: Final = ("record", "pages", "traceback", "output_tail", "error", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One finished errand: `record` as a file holds it, empty where there is none.

    `error` names the kind of the error that was raised instead and `text` is what it said;
    `traceback` and `output_tail` are the workload's last words, for the terminal only.
    """

    record: bytes = b""
    pages: Mapping[str, bytes] = field(default_factory=dict)
    traceback: tuple[str, ...] = ()
    output_tail: str = ""
    error: str = ""
    text: str = ""


def pack(parcel: Parcel) -> bytes:
    """Return `parcel` as bytes: a line that tells what follows, then the record and the pages.

    A page that is too large is left out.
    """
    pages = {name: page for name, page in parcel.pages.items() if len(page) <= LARGEST_PAGE_BYTES}
    head = {
        "record": len(parcel.record),
        "pages": {name: len(page) for name, page in pages.items()},
        "traceback": [line[:_LONGEST_LINE] for line in parcel.traceback[-_MOST_LINES:]],
        "output_tail": parcel.output_tail[-_LONGEST_LINE:],
        "error": parcel.error,
        "text": parcel.text[:_LONGEST_LINE],
    }
    return b"".join([json.dumps(head).encode(), b"\n", parcel.record, *pages.values()])


def unpack(content: bytes) -> Parcel:
    """Return the parcel in `content`.

    Raises:
        RecordError: if it is none, holds a file with another name, or is too large.
    """
    head = content[:_LARGEST_HEAD_BYTES].partition(b"\n")[0]
    found = Field("parcel", _json(head)).members(*_MEMBERS)
    sizes = _sizes(found["pages"])
    record_bytes = _at_most(found["record"], LARGEST_RECORD_BYTES)
    start = len(head) + 1
    if len(content) - start != record_bytes + sum(sizes.values()):
        msg = f"parcel: found {len(content) - start} bytes, wanted as many as it says"
        raise RecordError(msg)
    pages, at = {}, start + record_bytes
    for name, size in sizes.items():
        pages[name] = content[at : at + size]
        at += size
    return Parcel(
        record=content[start : start + record_bytes],
        pages=pages,
        traceback=tuple(
            line.text()[:_LONGEST_LINE] for line in found["traceback"].items()[:_MOST_LINES]
        ),
        output_tail=found["output_tail"].text()[-_LONGEST_LINE:],
        error=found["error"].text(),
        text=found["text"].text()[:_LONGEST_LINE],
    )


def failure(error: LeakcheckError | OSError) -> Parcel:
    """Return the parcel of a check that could not be made."""
    kind = type(error).__name__ if isinstance(error, LeakcheckError) else LeakcheckError.__name__
    return Parcel(error=kind, text=str(error))


def _json(head: bytes) -> object:
    try:
        return json.loads(head)
    except (ValueError, RecursionError):
        msg = "parcel: found text that is no JSON"
        raise RecordError(msg) from None


def _sizes(field: Field) -> dict[str, int]:
    sizes: dict[str, Any] = {}
    for name, member in field.members().items():
        if name not in PAGES:
            msg = f"parcel: found a file {name[:80]!r}, wanted one of {', '.join(PAGES)}"
            raise RecordError(msg)
        sizes[name] = _at_most(member, LARGEST_PAGE_BYTES)
    return sizes


def _at_most(field: Field, most: int) -> int:
    size = field.count()
    if size > most:
        field.refuse(f"{most} bytes at most")
    return size
