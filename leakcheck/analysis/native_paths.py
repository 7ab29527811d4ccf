"""Native stacks put together below the line that they grow under, and shortened to be read."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePath
from typing import Final

from leakcheck.analysis.attribution import NO_FRAME
from leakcheck.analysis.causes import cause_key, finite
from leakcheck.analysis.lines import line_of
from leakcheck.model.explanation import ENTRY_FRAMES, Cause, NativePath
from leakcheck.model.native import NativeFrame, NativeSite

_INTERPRETER: Final = re.compile(r"(?:lib)?python(?:\d[\d.]*t?)?(?:\.so[\d.]*)?")
_BRIDGES: Final = re.compile(r"(?:_ctypes|_cffi_backend|libffi)\b.*")
_CALLS: Final = re.compile(
    r".*(?:[Vv]ectorcall|_PyEval_|PyObject_(?:_|Make)?(?:Tp)?Call)|type_call|slot_tp_|trace_call"
)
_INNERMOST: Final = 4
_LITTLE: Final = 0.01


def with_native_paths(causes: Iterable[Cause], sites: Sequence[NativeSite]) -> tuple[Cause, ...]:
    """Return `causes` with the native paths that grow under the line of each."""
    grouped: dict[object, list[NativeSite]] = {}
    for site in sites:
        grouped.setdefault(cause_key(line_of(site.stack) or NO_FRAME), []).append(site)
    return tuple(
        replace(cause, native=native_paths(grouped.get(cause_key(cause.line), ())))
        for cause in causes
    )


def native_paths(sites: Iterable[NativeSite]) -> tuple[NativePath, ...]:
    """Return the ways through native code to an allocation, the largest growth first.

    Stacks that read the same once they are shortened are one path.

    >>> frames = tuple(NativeFrame(library="libfoo.so", function=name, file="", line=0)
    ...     for name in ("new_node", "parse"))
    >>> site = NativeSite(stack=(), native=frames, allocator="malloc", bytes_per_iteration=80.0,
    ...     objects_per_iteration=1.0)
    >>> [(path.frames[0].function, path.bytes_per_iteration) for path in native_paths([site, site])]
    [('parse', 160.0)]
    """
    found: dict[object, NativePath] = {}
    for site in sorted(sites, key=lambda one: -one.bytes_per_iteration):
        path = _path(site)
        same = (*((frame.library, frame.function) for frame in path.frames), path.allocator)
        before = found[same].bytes_per_iteration if same in found else 0.0
        rate = finite(before + path.bytes_per_iteration)
        found[same] = replace(found.get(same, path), bytes_per_iteration=rate)
    return tuple(sorted(_worth_telling(found.values()), key=lambda one: -one.bytes_per_iteration))


def _worth_telling(paths: Collection[NativePath]) -> Iterator[NativePath]:
    """Yield the paths that are no trifle, and that lead through a library if any of them does."""
    total = finite(sum(path.bytes_per_iteration for path in paths))
    large = [path for path in paths if path.bytes_per_iteration >= _LITTLE * total and path.frames]
    through = [path for path in large if not all(map(_is_interpreter, path.frames))]
    yield from through or large


def _path(site: NativeSite) -> NativePath:
    frames = [*_unrepeated(_named(_telling(site.native[::-1])))]
    hidden = max(0, len(frames) - ENTRY_FRAMES - _INNERMOST)
    return NativePath(
        frames=tuple(frames[:ENTRY_FRAMES] + frames[ENTRY_FRAMES + hidden :]),
        hidden=hidden,
        allocator=site.allocator,
        bytes_per_iteration=site.bytes_per_iteration,
    )


def _telling(frames: Sequence[NativeFrame]) -> Sequence[NativeFrame]:
    """Return the frames of libraries; those of the interpreter only where there is nothing else.

    What merely passes a call on, from Python to C, is in neither.
    """
    within = [frame for frame in frames if not _is_passing(frame)]
    return [frame for frame in within if not _is_interpreter(frame)] or within


def _named(frames: Sequence[NativeFrame]) -> list[NativeFrame]:
    """Return the frames without those that only say the library, where others of it say more.

    The innermost stays: it is not the one before it that allocates.
    """
    known = {frame.library for frame in frames if frame.function}
    return [
        frame
        for number, frame in enumerate(frames, 1)
        if frame.function or frame.library not in known or number == len(frames)
    ]


def _is_passing(frame: NativeFrame) -> bool:
    return bool(_BRIDGES.fullmatch(_file_name(frame)) or _CALLS.match(frame.function))


def _is_interpreter(frame: NativeFrame) -> bool:
    return bool(_INTERPRETER.fullmatch(_file_name(frame)))


def _file_name(frame: NativeFrame) -> str:
    return PurePath(frame.library).name


def _unrepeated(frames: Sequence[NativeFrame]) -> Iterator[NativeFrame]:
    """Yield frames without those that follow on one of the same name: recursion, or none at all."""
    yield from frames[:1]
    for before, frame in pairwise(frames):
        if (before.library, before.function) != (frame.library, frame.function):
            yield frame
