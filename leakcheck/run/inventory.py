"""Reading what a child has more of at the end from its last message."""

from collections.abc import Mapping, Sequence
from typing import Any

from leakcheck.model.inventory import Group, Inventory


def read_inventory(content: Mapping[str, Any]) -> tuple[Inventory | None, tuple[str, ...]]:
    """Return what grew, None where nothing did, and remarks on what could not be told."""
    told = content["inventory"]
    found = Inventory(
        descriptors=_groups(told["descriptors"]),
        threads=_groups(told["threads"]),
        tasks=_groups(told["tasks"]),
        cycles=_groups(told["cycles"]),
    )
    remarks = tuple(map(str, content["remarks"]))
    return (None if found == Inventory() else found), remarks


def _groups(told: Sequence[Sequence[Any]]) -> tuple[Group, ...]:
    return tuple(Group(what=str(what), number=int(number)) for what, number in told)
