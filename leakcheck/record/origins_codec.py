"""Where descriptors, threads and tasks came from as plain JSON, and back."""

from leakcheck.model.origins import QUARTERS, Origin, Origins
from leakcheck.model.task_origin import TaskOrigin
from leakcheck.record.fields import Field
from leakcheck.record.stack_codec import decode_stack, encode_stack

Json = dict[str, object]


def encode_origins(origins: Origins) -> Json:
    """Return `origins` as plain JSON.

    >>> encode_origins(Origins(watched=2_000, unseen=7))
    {'watched': 2000, 'unseen': 7, 'descriptors': [], 'threads': []}
    """
    return {
        "watched": origins.watched,
        "unseen": origins.unseen,
        "descriptors": [_encode_origin(one) for one in origins.descriptors],
        "threads": [_encode_origin(one) for one in origins.threads],
    }


def decode_origins(field: Field) -> Origins:
    """Return the origins that stand in `field`."""
    members = field.members("watched", "unseen", "descriptors", "threads")
    return Origins(
        watched=members["watched"].count(),
        unseen=members["unseen"].count(),
        descriptors=tuple(_decode_origin(one) for one in members["descriptors"].items()),
        threads=tuple(_decode_origin(one) for one in members["threads"].items()),
    )


def encode_task_origin(origin: TaskOrigin) -> Json:
    """Return where the tasks of a coroutine are created as plain JSON."""
    return {
        "coroutine": origin.coroutine,
        "created_at": encode_stack(origin.created_at),
        "is_named": origin.is_named,
    }


def decode_task_origins(field: Field) -> tuple[TaskOrigin, ...]:
    """Return the origins of tasks that stand in `field`."""
    found = (item.members("coroutine", "created_at", "is_named") for item in field.items())
    return tuple(
        TaskOrigin(
            coroutine=one["coroutine"].text(),
            created_at=decode_stack(one["created_at"]),
            is_named=one["is_named"].flag(),
        )
        for one in found
    )


def _encode_origin(origin: Origin) -> Json:
    return {
        "what": origin.what,
        "stack": encode_stack(origin.stack),
        "numbers": list(origin.numbers),
    }


def _decode_origin(field: Field) -> Origin:
    members = field.members("what", "stack", "numbers")
    numbers = members["numbers"].items()
    if len(numbers) != QUARTERS:
        members["numbers"].refuse(f"a number for each of {QUARTERS} quarters")
    return Origin(
        what=members["what"].text(),
        stack=decode_stack(members["stack"]),
        numbers=tuple(one.count() for one in numbers),
    )
