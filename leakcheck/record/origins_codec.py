"""Where descriptors and threads came from as plain JSON, and back."""

from leakcheck.model.origins import QUARTERS, Origin, Origins
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
