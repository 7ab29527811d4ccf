"""Stacks as plain JSON, and back."""

from leakcheck.model.sites import Frame
from leakcheck.record.fields import Field

Json = dict[str, object]


def encode_stack(stack: tuple[Frame, ...]) -> list[Json]:
    """Return `stack` as an array of frames, the allocating one first."""
    return [{"file": frame.file, "line": frame.line, "function": frame.function} for frame in stack]


def decode_stack(field: Field) -> tuple[Frame, ...]:
    """Return the stack that stands in `field`."""
    return tuple(_decode_frame(item) for item in field.items())


def _decode_frame(field: Field) -> Frame:
    members = field.members("file", "line", "function")
    return Frame(
        file=members["file"].text(),
        line=members["line"].integer(),
        function=members["function"].text(),
    )
