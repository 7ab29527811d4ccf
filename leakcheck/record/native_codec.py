"""What a second run with native stacks found, as plain JSON, and back."""

from leakcheck.model.native import NativeFrame, NativeGrowth, NativeSite
from leakcheck.record.fields import Field
from leakcheck.record.stack_codec import decode_stack, encode_stack

Json = dict[str, object]


def encode_native(native: NativeGrowth) -> Json:
    """Return `native` as plain JSON."""
    return {
        "call": native.call,
        "iterations": native.iterations,
        "elapsed_s": native.elapsed_s,
        "sites": [_encode_site(site) for site in native.sites],
        "note": native.note,
    }


def decode_native(field: Field) -> NativeGrowth:
    """Return what stands in `field` of native code."""
    members = field.members(*NativeGrowth.__slots__)
    return NativeGrowth(
        call=members["call"].text(),
        iterations=members["iterations"].count(),
        elapsed_s=members["elapsed_s"].number(),
        sites=tuple(_decode_site(item) for item in members["sites"].items()),
        note=members["note"].text(),
    )


def encode_native_frame(frame: NativeFrame) -> Json:
    """Return `frame` as plain JSON."""
    return {
        "library": frame.library,
        "function": frame.function,
        "file": frame.file,
        "line": frame.line,
    }


def _encode_site(site: NativeSite) -> Json:
    return {
        "stack": encode_stack(site.stack),
        "native": [encode_native_frame(frame) for frame in site.native],
        "allocator": site.allocator,
        "bytes_per_iteration": site.bytes_per_iteration,
        "objects_per_iteration": site.objects_per_iteration,
    }


def _decode_site(field: Field) -> NativeSite:
    members = field.members(*NativeSite.__slots__)
    return NativeSite(
        stack=decode_stack(members["stack"]),
        native=tuple(_decode_frame(item) for item in members["native"].items()),
        allocator=members["allocator"].text(),
        bytes_per_iteration=members["bytes_per_iteration"].number(),
        objects_per_iteration=members["objects_per_iteration"].number(),
    )


def _decode_frame(field: Field) -> NativeFrame:
    members = field.members(*NativeFrame.__slots__)
    return NativeFrame(
        library=members["library"].text(),
        function=members["function"].text(),
        file=members["file"].text(),
        line=members["line"].integer(),
    )
