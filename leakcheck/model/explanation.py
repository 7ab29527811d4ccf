"""The explanation of a leak: what a reader needs to know of it, beyond the verdict."""

from dataclasses import dataclass
from typing import Final

from leakcheck.model.native import NativeFrame
from leakcheck.model.sites import Frame
from leakcheck.model.task_origin import TaskOrigin
from leakcheck.model.verdict import Growth

ENTRY_FRAMES: Final = 1
"""Of a long native path the first so many frames are kept, and some of the innermost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NativePath:
    """A way through native code to an allocation, as far as it tells anything.

    `frames` go from the one that Python called inwards, without `hidden` ones after the first;
    `allocator` is the function that was asked for memory. The rate is that of the second run.
    """

    frames: tuple[NativeFrame, ...]
    hidden: int
    allocator: str
    bytes_per_iteration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A line of the user's code at which memory or descriptors pile up, whoever makes them.

    `line` is the user's own line; where no frame is the user's, the line of an installed
    package that adds most, and `lines` is how many lines of that package add to it; else the
    innermost line. `inner` are the lines that allocate or open on its account, the largest growth
    first; `callers` lead on outwards, the user's own frames only; `task` is the coroutine whose
    task the stack ends at, empty elsewhere, and `origin` where that task was created, as far as
    it is known. `growth` is in requested bytes an iteration, of as many call `sites`: none for a
    line that only opens descriptors. `descriptors` says what those are;
    `native` are the ways through native code, where a second run showed them.
    """

    line: Frame
    inner: tuple[Frame, ...]
    callers: tuple[Frame, ...]
    task: str
    growth: Growth
    objects: Growth
    sites: int
    lines: int = 1
    origin: TaskOrigin | None = None
    descriptors_per_iteration: float = 0.0
    descriptors: str = ""
    native: tuple[NativePath, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """When memory is used up: `room_bytes` last `seconds` at `iterations_per_second`.

    `limit_bytes` is the limit that the room is measured to, None where there is none: then the
    room is a round figure.
    """

    room_bytes: float
    limit_bytes: float | None
    iterations_per_second: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What is known of a leak; empty for any other verdict, but for `repeat`.

    `share` is the part of the growth of heap in use that `causes` explain, None where either
    is unknown; `spread_bytes` an iteration grow at lines too small to be shown one by one, and
    `unattributed_bytes` are left; `no_line` is a sentence on why
    there is no cause, where there is none; `no_native` is one on why there are no native
    stacks, where they were asked for; `growing` names what else piles up; `next_steps`
    are a line each; `repeat` is the command that runs the workload again in the same way.
    """

    causes: tuple[Cause, ...] = ()
    share: float | None = None
    spread_bytes: float | None = None
    unattributed_bytes: float | None = None
    no_line: str = ""
    no_native: str = ""
    growing: tuple[str, ...] = ()
    outlook: Outlook | None = None
    next_steps: tuple[str, ...] = ()
    repeat: str = ""
