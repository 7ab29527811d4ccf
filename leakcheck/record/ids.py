"""The names of records: sortable by time, safe as the name of a folder."""

import re
import secrets
from datetime import UTC, datetime
from typing import Final

from leakcheck.record.fields import Field

_ID: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9_.-]{1,60}-[0-9a-f]{6}")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME: Final = 60
_TOKEN_BYTES: Final = 3


def new_id(started: datetime, target: str, *, token: str | None = None) -> str:
    """Return a fresh id for a run of `target` that started at `started`, an aware time.

    `token` is six hexadecimal digits, random ones unless given.

    >>> noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    >>> new_id(noon, "jobs.py:tick", token="1a2b3c")
    '20261123T120000Z-tick-1a2b3c'
    """
    name = _UNSAFE.sub("_", target.rpartition(":")[2])[:_LONGEST_NAME] or "workload"
    moment = started.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{moment}-{name}-{token or secrets.token_hex(_TOKEN_BYTES)}"


def is_id(text: str) -> bool:
    """Return whether `text` is an id, which no path with a separator or a leading dot is.

    >>> is_id("20261123T120000Z-tick-1a2b3c"), is_id("../../etc")
    (True, False)
    """
    return _ID.fullmatch(text) is not None


def checked_id(field: Field) -> str:
    """Return the id that stands in `field`.

    Raises:
        RecordError: if there is none, or something that could lead out of the folder of records.
    """
    text = field.text()
    if not is_id(text):
        field.refuse("an id, such as 20261123T120000Z-tick-1a2b3c")
    return text


def require_id(text: str) -> str:
    """Return `text`, if it is an id; see `checked_id`."""
    return checked_id(Field("record id", text))
