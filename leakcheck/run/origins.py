"""Reading where descriptors and threads came from out of a child's last message."""

from collections.abc import Iterable, Mapping
from typing import Any

from leakcheck.model.origins import Origin, Origins
from leakcheck.model.sites import Frame


def read_origins(content: Mapping[str, Any]) -> Origins | None:
    """Return where things came from, None where nobody watched."""
    told = content["origins"]
    if told is None:
        return None
    return Origins(
        watched=int(told["watched"]),
        unseen=int(told["unseen"]),
        descriptors=_origins(told["descriptors"]),
        threads=_origins(told["threads"]),
    )


def _origins(told: Iterable[Mapping[str, Any]]) -> tuple[Origin, ...]:
    return tuple(
        Origin(
            what=str(one["what"]),
            stack=tuple(Frame(file=file, line=line, function=f) for file, line, f in one["stack"]),
            numbers=tuple(map(int, one["numbers"])),
        )
        for one in told
    )
