"""Whose line a frame is: the user's, a library's or the interpreter's."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from leakcheck.model.sites import Frame

INSTALLED: Final = re.compile(
    r"(?:^|(?<=/))(?:lib(?:64)?/(?:python|pypy)3(?:\.\d+)?t?/|python3\d+\.zip/|(?:site|dist)-packages/)"
)
_PACKAGE: Final = re.compile(r"(?:^|/)(?:site|dist)-packages/(?P<name>[^/]+)")
_MOST_CALLERS: Final = 6
_LOOP: Final = re.compile(r"/asyncio/(events|base_events|runners|tasks)\.py$")


def is_own(frame: Frame) -> bool:
    """Return whether a frame is the user's: neither installed, nor built in, nor made up.

    >>> is_own(Frame(file="/srv/app/jobs.py", line=4, function="tick"))
    True
    >>> is_own(Frame(file="/usr/lib/python3.11/json/decoder.py", line=353, function="decode"))
    False
    """
    return bool(frame.file) and frame.file[0] != "<" and not INSTALLED.search(frame.file)


def shortened(frame: Frame) -> Frame:
    """Return a frame of an installed file with what is installed of its path, others as they are.

    >>> shortened(Frame(file="/usr/lib/python3.11/json/decoder.py", line=353, function="f")).file
    '.../json/decoder.py'
    """
    found = list(INSTALLED.finditer(frame.file))
    return replace(frame, file=f".../{frame.file[found[-1].end() :]}") if found else frame


def package_of(frame: Frame) -> str:
    """Return the installed package that a frame belongs to, or an empty text.

    >>> package_of(Frame(file="/x/lib/python3.11/site-packages/yarl/_url.py", line=9, function="f"))
    'yarl'
    """
    found = _PACKAGE.search(frame.file)
    return found["name"].removesuffix(".py") if found else ""


def line_index(stack: Sequence[Frame]) -> int:
    """Return where the frame is in a stack that a reader is to look at first, 0 for an empty one.

    That is the innermost frame of the user's; where there is none, that of an installed package;
    else the allocating one. `stack` goes from the allocating frame outwards.

    >>> inner = Frame(file="/usr/lib/python3.11/json/decoder.py", line=353, function="decode")
    >>> line_index([inner, Frame(file="jobs.py", line=4, function="tick")]), line_index([inner])
    (1, 0)
    """
    for is_wanted in (is_own, package_of):
        found = next((k for k, frame in enumerate(stack) if is_wanted(frame)), None)
        if found is not None:
            return found
    return 0


def callers_of(stack: Sequence[Frame]) -> tuple[Frame, ...]:
    """Return the user's own frames outwards of the line that a reader is to look at first."""
    return tuple(filter(is_own, stack[line_index(stack) + 1 :]))[:_MOST_CALLERS]


def line_of(stack: Sequence[Frame]) -> Frame | None:
    """Return the frame that a reader is to look at first, None for an empty stack."""
    return stack[line_index(stack)] if stack else None


def task_of(stack: Sequence[Frame]) -> str:
    """Return the coroutine at which a stack ends because a task runs it, or an empty text.

    What created the task is not on the stack: an event loop calls the coroutine.
    """
    for inner, outer in pairwise(stack):
        if _LOOP.search(outer.file) and not _LOOP.search(inner.file):
            return inner.function if is_own(inner) else ""
    return ""
