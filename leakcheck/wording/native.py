"""Native paths as lines of plain text: which functions of which libraries allocate."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Final

from leakcheck.model.explanation import ENTRY_FRAMES, NativePath
from leakcheck.model.native import NativeFrame
from leakcheck.model.units import format_rate

_MOST_PATHS: Final = 3
_LONGEST_NAME: Final = 60
_STRIPPED: Final = "(no symbol)"
_ABI: Final = re.compile(r"\.(?:cpython|abi3|pypy)[^.]*(?=\.so$)")
_ALIAS: Final = re.compile(r"^__GI_")
"""glibc's own name for a function that it calls itself."""


def native_lines(paths: Sequence[NativePath]) -> list[str]:
    """Return a line for each of the largest paths, with their rates where there are several.

    >>> node = NativeFrame(library="/opt/libfoo.so", function="new_node", file="src/a.c", line=7)
    >>> native_lines([NativePath(frames=(node,), hidden=0, allocator="malloc",
    ...     bytes_per_iteration=80.0)])
    ['inside libfoo.so: new_node (a.c:7) -> malloc']
    """
    shown = paths[:_MOST_PATHS]
    rates = [f"   +{format_rate(path.bytes_per_iteration)}" * (len(paths) > 1) for path in shown]
    lines = [f"inside {_way(path)}{rate}" for path, rate in zip(shown, rates, strict=True)]
    hidden = len(paths) - _MOST_PATHS
    ways = "way" if hidden == 1 else "ways"
    return [*lines, *([f"and {hidden} more {ways} through native code"] if hidden > 0 else [])]


def _way(path: NativePath) -> str:
    steps = [*_steps(path.frames)]
    if path.hidden:
        steps.insert(ENTRY_FRAMES, "...")
    return " -> ".join([*steps, path.allocator])


def _steps(frames: Sequence[NativeFrame]) -> Iterator[str]:
    """Yield the frames as text: the library where it changes, the place of the innermost."""
    library = None
    for frame in frames:
        name = _shortened(frame.function) or _STRIPPED
        place = f" ({PurePath(frame.file).name}:{frame.line})" if frame.file else ""
        text = name + place * (frame is frames[-1])
        yield text if frame.library == library else f"{_library(frame)}: {text}"
        library = frame.library


def _library(frame: NativeFrame) -> str:
    return _ABI.sub("", PurePath(frame.library).name) or "native code"


def _shortened(name: str) -> str:
    """Return the name of a function as it fits into a line: C++ has long ones."""
    name = _ALIAS.sub("", name)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."
