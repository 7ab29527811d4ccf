"""Readings as lines of JSON, and back: what comes from a file is not trusted."""

import json
from typing import Any, Final

from leakcheck.model.errors import RecordError
from leakcheck.watch.reading import Reading

HEADER: Final = '{"leakcheck_watch": 1}'
"""The first line of a journal: what it is, and its version."""
MOST_LINE_BYTES: Final = 1_024
_MOST_LIFE: Final = 80
_LATEST_S: Final = 1e11
_MOST_BYTES: Final = 1 << 62
_MOST_COUNT: Final = 1 << 31
_COUNTS: Final = ("descriptors", "threads", "children")


def line_of(reading: Reading) -> str:
    """Return a reading as a line, without the end of the line.

    >>> line_of(Reading(at_s=1.5, memory_bytes=4096, threads=2, life="7:1:0"))
    '{"at": 1.5, "memory": 4096, "threads": 2, "life": "7:1:0"}'
    """
    counts = {name: getattr(reading, name) for name in _COUNTS}
    known = {name: count for name, count in counts.items() if count is not None}
    return json.dumps(
        {
            "at": round(reading.at_s, 3),
            "memory": reading.memory_bytes,
            **known,
            "life": reading.life,
        }
    )


def reading_in(line: str) -> Reading:
    """Return the reading in a line.

    Raises:
        RecordError: if it holds none; the message says what was found and what was wanted.

    >>> reading_in('{"at": 1.5, "memory": 4096}').memory_bytes
    4096
    """
    found = _object(line)
    return Reading(
        at_s=_number(found, "at", most=_LATEST_S),
        memory_bytes=_whole(found, "memory", most=_MOST_BYTES),
        life=_life(found),
        descriptors=_count(found, "descriptors"),
        threads=_count(found, "threads"),
        children=_count(found, "children"),
    )


def is_header(line: str) -> bool:
    """Return whether a line begins a journal.

    Raises:
        RecordError: if it begins one of a version that is not known here.
    """
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(found, dict) or "leakcheck_watch" not in found:
        return False
    if found["leakcheck_watch"] != 1:
        msg = f"found version {str(found['leakcheck_watch'])[:20]!r} of a journal, wanted 1"
        raise RecordError(msg)
    return True


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        msg = f"found {line[:40]!r}, wanted a reading as JSON"
        raise RecordError(msg) from error
    if not isinstance(found, dict):
        msg = f"found {line[:40]!r}, wanted a JSON object"
        raise RecordError(msg)
    return found


def _number(found: dict[str, Any], key: str, *, most: float) -> float:
    value = found.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
        return float(value)
    msg = f"{key}: found {str(value)[:40]!r}, wanted a number from 0 to {most:.0e}"
    raise RecordError(msg)


def _whole(found: dict[str, Any], key: str, *, most: int) -> int:
    value = found.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        msg = f"{key}: found {str(value)[:40]!r}, wanted a whole number from 0 to {most}"
        raise RecordError(msg)
    return value


def _count(found: dict[str, Any], key: str) -> int | None:
    return None if found.get(key) is None else _whole(found, key, most=_MOST_COUNT)


def _life(found: dict[str, Any]) -> str:
    life = found.get("life", "")
    if not isinstance(life, str) or len(life) > _MOST_LIFE:
        msg = f"life: found {str(life)[:40]!r}, wanted a text of {_MOST_LIFE} characters at most"
        raise RecordError(msg)
    return life
