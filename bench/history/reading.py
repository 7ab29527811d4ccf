"""Fields of what is imported: as strict as a run record's, and fit for any database."""

from datetime import UTC, datetime
from typing import Final

from leakcheck.record.fields import Field

LONGEST_TEXT: Final = 1_000


def kept_text(field: Field) -> str:
    r"""Return the text that stands in `field`, with escapes for what no database stores.

    Raises:
        RecordError: if there is none, or it is longer than a thousand characters.

    >>> kept_text(Field("name", "a\x00\udcffb"))
    'a\\x00\\udcffb'
    """
    text = field.text()
    if len(text) > LONGEST_TEXT:
        field.refuse(f"at most {LONGEST_TEXT:,} characters")
    return storable(text)


def storable(text: str) -> str:
    r"""Return `text` with escapes for NUL and lone surrogates, which no database stores.

    >>> storable("kept\n"), storable("\x00")
    ('kept\n', '\\x00')
    """
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def moment(field: Field) -> datetime:
    """Return the time that stands in `field`, in UTC; without an offset it is taken for UTC.

    Raises:
        RecordError: if it is no time in ISO 8601.

    >>> moment(Field("at", "2026-11-25T10:00:00+01:00")).isoformat()
    '2026-11-25T09:00:00+00:00'
    """
    try:
        found = datetime.fromisoformat(field.text())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        field.refuse("a time in ISO 8601")


def optional(members: dict[str, Field], owner: Field, name: str) -> Field:
    """Return the member `name`, or one that holds null where there is none."""
    return members.get(name, Field(f"{owner.name}.{name}", None))


def amount(field: Field) -> float:
    """Return the number that stands in `field`, finite and 0 or more.

    Raises:
        RecordError: if there is none.
    """
    number = field.number()
    if number < 0:
        field.refuse("0 or more")
    return number
