"""Native stacks of what grew, from a capture that has them; in the reader's process.

memray names the functions, and the files of those with debug information. Which library a
function is in it does not say, but in its listing of the capture there are the addresses.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import takewhile
from typing import Any, Final

from leakcheck.probes.capture import import_memray
from leakcheck.run.child.pages import Growth, draw_native_growth, growing
from leakcheck.run.child.sites import Moments, Site, Stack, by_stack

import_memray()

from memray import AllocatorType, FileReader  # noqa: E402 -- lean only once the line above has run

_MOST_SITES: Final = 40
_UNPAIRED: Final = 16
"""Frames to keep where memray cannot tell at which of them Python code was called."""
_EVALUATION: Final = "_PyEval_EvalFrameDefault"
_UNKNOWN: Final = "<unknown>"
_LISTING: Final = (
    "import signal, sys; from memray import dump_all_records; "
    "signal.signal(signal.SIGPIPE, signal.SIG_DFL); dump_all_records(sys.argv[1])"
)

Key = tuple[Stack, Stack]
"""The native frames within the innermost Python frame, and the Python frames."""


class Grown:
    """What one native stack gained between two marks, and a record of memray's that has it."""

    def __init__(self, key: Key, record: Any, n_bytes: int, n_objects: int) -> None:  # noqa: ANN401 -- memray's record
        self.native, self.stack = key
        self.record = record
        self.n_bytes = n_bytes
        self.n_objects = n_objects
        self.libraries = [""] * len(self.native)

    def named(self) -> Stack:
        """Return all frames, with the library where memray knows no file."""
        native = [
            (function, library if file == _UNKNOWN and library else file, line)
            for (function, file, line), library in zip(self.native, self.libraries, strict=True)
        ]
        return (*native, *self.stack)


def answer(
    given: Mapping[str, Any], reader: FileReader, records: Iterable[Any], moments: Moments
) -> None:
    """Write which native stacks grew as `given` says, and draw them."""
    quarters = moments.quarters()
    found = _grown(records, moments, given["hide"], quarters) if quarters else []
    _name_libraries(given["capture"], found)
    span = moments.iterations[quarters[-1]] - moments.iterations[quarters[0]] if quarters else 1
    content = {
        "sites": [_as_json(one, span) for one in found[:_MOST_SITES]],
        "end_ms": int(reader.metadata.end_time.timestamp() * 1000),
    }
    with open(given["table"], "w", encoding="utf-8") as file:  # noqa: PTH123 -- no pathlib here
        file.write(json.dumps(content, allow_nan=False))
    shown = [Growth(one.named(), one.n_bytes, one.n_objects) for one in found]
    draw_native_growth(reader, given["native"], shown, moments)


def _grown(
    records: Iterable[Any], moments: Moments, hide: str, quarters: tuple[int, ...]
) -> list[Grown]:
    """Return the native stacks within lines that grow steadily, the largest growth first."""
    lines: dict[Stack, Site] = {}
    parts: list[tuple[Stack, Any, Site]] = []
    for record in records:
        for stack, site in by_stack((record,), moments, hide).items():
            lines.setdefault(stack, Site(site.allocator)).merge(site)
            parts.append((stack, record, site))
    steady = {one.stack_trace() for one in growing(lines, quarters)}
    sites: dict[Key, tuple[Any, Site]] = {}
    for stack, record, site in parts:
        if stack in steady:
            key = (_within(record, stack), stack)
            sites.setdefault(key, (record, Site(site.allocator)))[1].merge(site)
    return sorted(_net(sites, quarters), key=lambda one: -one.n_bytes)


def _net(sites: dict[Key, tuple[Any, Site]], quarters: tuple[int, ...]) -> Iterator[Grown]:
    for key, (record, site) in sites.items():
        (bytes_then, objects_then), (bytes_now, objects_now) = (
            site.live_at(quarters[k]) for k in (0, -1)
        )
        if bytes_now > bytes_then:
            yield Grown(key, record, bytes_now - bytes_then, objects_now - objects_then)


def _within(record: Any, stack: Stack) -> Stack:  # noqa: ANN401 -- memray's record
    """Return the native frames between the allocation and the Python frame that led to it."""
    if not stack:
        return tuple(record.native_stack_trace())
    both = record.hybrid_stack_trace()
    inner = both[: both.index(stack[0])] if stack[0] in both else []
    return tuple(inner or takewhile(_is_no_call, record.native_stack_trace()[:_UNPAIRED]))


def _is_no_call(frame: tuple[str, str, int]) -> bool:
    """Return whether a native frame is none at which the interpreter runs Python code."""
    return _EVALUATION not in frame[0]


def _name_libraries(capture: str, found: list[Grown]) -> None:
    """Name the library of each frame of the largest growths, where that can be found out."""
    largest = [one for one in found[:_MOST_SITES] if one.native]
    if not largest:
        return
    last_frame = max(one.record.native_stack_id for one in largest)
    last_map = max(one.record.native_segment_generation for one in largest)
    with subprocess.Popen(  # noqa: S603 -- this very interpreter
        [sys.executable, "-c", _LISTING, capture],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as listing:
        places = Places(listing.stdout or (), last_frame, last_map)
        listing.kill()  # what follows in it is not of interest
    for one in largest:
        one.libraries = _libraries(one.record, len(one.native), places)


def _libraries(record: Any, number: int, places: "Places") -> list[str]:  # noqa: ANN401 -- memray's record
    """Return the library of each of the first `number` native frames of a record.

    At one address there are several frames, where functions were inlined, or none. How many
    shows as the stack is asked for one address deeper each time.
    """
    libraries: list[str] = []
    for depth, address in enumerate(places.chain(record.native_stack_id), 1):
        if len(libraries) >= number:
            break
        more = len(record.native_stack_trace(max_stacks=depth)) - len(libraries)
        libraries += [places.library(address, record.native_segment_generation)] * more
    return (libraries + [""] * number)[:number]


class Places:
    """The addresses of a capture's native frames, and what was mapped there."""

    def __init__(self, lines: Iterable[bytes], last_frame: int, last_map: int) -> None:
        """Read memray's listing up to that frame and that list of what is mapped.

        It is meant for people: where it has another form, no more is learnt from it.
        """
        self._frames: list[tuple[int, int]] = [(0, 0)]
        self._maps: list[list[tuple[int, int, str]]] = [[]]
        self._segment = (0, "")
        with suppress(ValueError):
            for line in lines:
                known = self._read(*line.rstrip(b"\n").partition(b" ")[::2])
                is_enough = len(self._frames) > last_frame and len(self._maps) > last_map
                if is_enough and not known:
                    break

    def chain(self, frame: int) -> Iterator[int]:
        """Yield the addresses of a native stack, from the allocating function outwards."""
        while 0 < frame < len(self._frames):
            address, frame = self._frames[frame]
            yield address

    def library(self, address: int, generation: int) -> str:
        """Return the file that was mapped at `address`, or an empty text."""
        segments = self._maps[generation] if generation < len(self._maps) else []
        return next((name for start, end, name in segments if start <= address < end), "")

    def _read(self, kind: bytes, rest: bytes) -> bool:
        """Take in one line; return whether it was about addresses at all."""
        read = self._READERS.get(kind)
        if read is not None:
            read(self, rest)
        return read is not None

    def _read_frame(self, rest: bytes) -> None:
        address, outer = (part.partition(b"=")[2] for part in rest.split())
        self._frames.append((int(address, 16), int(outer)))

    def _read_map(self, _: bytes) -> None:
        self._maps.append([])

    def _read_file(self, rest: bytes) -> None:
        name, _, start = rest.removeprefix(b"filename=").rpartition(b" addr=")
        file = name.rpartition(b" num_segments=")[0].decode(errors="replace")
        self._segment = (_number(start), file)

    def _read_segment(self, rest: bytes) -> None:
        offset, length = map(_number, rest.split())
        base, file = self._segment
        self._maps[-1].append((base + offset, base + offset + length, file))

    _READERS: Final = {
        b"NATIVE_FRAME_ID": _read_frame,
        b"MEMORY_MAP_START": _read_map,
        b"SEGMENT_HEADER": _read_file,
        b"SEGMENT": _read_segment,
    }


def _number(text: bytes) -> int:
    return 0 if text == b"(nil)" else int(text, 16)


def _as_json(one: Grown, span: int) -> dict[str, Any]:
    return {
        "stack": [{"file": file, "line": line, "function": name} for name, file, line in one.stack],
        "native": [
            {"library": library, "function": _known(name), "file": _known(file), "line": line}
            for (name, file, line), library in zip(one.native, one.libraries, strict=True)
        ],
        "allocator": AllocatorType(one.record.allocator).name.lower(),
        "bytes_per_iteration": one.n_bytes / span,
        "objects_per_iteration": one.n_objects / span,
    }


def _known(text: str) -> str:
    return "" if text == _UNKNOWN else text
