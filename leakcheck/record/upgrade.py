"""Old records made new: one function for each schema version that came before this one."""

from collections.abc import Callable, Mapping
from typing import Final

from leakcheck.model.errors import RecordError
from leakcheck.model.run_record import SCHEMA_VERSION
from leakcheck.record.fields import Field

Document = Mapping[str, object]
Upgrade = Callable[[Document], Document]


def _with_census(document: Document) -> Document:
    """Return a document of schema 1 as one of schema 2: no census was made, nor a pause.

    Whether a container limited it was not asked.
    """
    return {
        **document,
        "machine": {**_object(document, "machine"), "container_limit_bytes": None},
        "measurement": {**_object(document, "measurement"), "census": None, "idle": None},
        "judgement": {**_object(document, "judgement"), "cannot_see": ""},
    }


def _object(document: Document, name: str) -> Document:
    members = Field(f"record.{name}", document.get(name)).members()
    return {key: member.value for key, member in members.items()}


UPGRADES: Final[Mapping[int, Upgrade]] = {1: _with_census}
"""From a schema version to the function that makes its documents into those of the next."""


def upgrade(
    document: Document,
    *,
    upgrades: Mapping[int, Upgrade] = UPGRADES,
    newest: int = SCHEMA_VERSION,
) -> Document:
    """Return `document` as one of schema version `newest`.

    Raises:
        RecordError: if its version is newer than that, or none that ever was.

    >>> old = {"schema_version": 1, "measurement": {}, "judgement": {}, "machine": {}}
    >>> upgrade(old)["measurement"]
    {'census': None, 'idle': None}
    """
    version = _version(document, newest)
    for step in range(version, newest):
        document = {**upgrades[step](document), "schema_version": step + 1}
    return document


def _version(document: Document, newest: int) -> int:
    field = Field("record.schema_version", document.get("schema_version"))
    version = field.integer()
    if version > newest:
        msg = (
            f"{field.name}: written by a newer leakcheck "
            f"(schema {version}, this one reads up to {newest})"
        )
        raise RecordError(msg)
    if version < 1:
        field.refuse(f"1 to {newest}")
    return version
