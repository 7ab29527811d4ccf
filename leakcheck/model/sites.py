"""Call sites: where memory was allocated, and how what they keep alive has grown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame of a stack; `file` is as the interpreter named it."""

    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSeries:
    """Live memory of one call site over the run: one value for each mark of its table.

    `stack` goes from the allocating frame outwards and may be empty, where no Python
    frame was running; `live_bytes` are requested bytes.
    """

    stack: tuple[Frame, ...]
    allocator: str
    live_bytes: tuple[int, ...]
    live_objects: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTable:
    """The call sites that grew most, and the sum of all others.

    `marks` are numbers of iterations, whole ones unless an old record was interpolated (there
    are about 30 for each doubling of the run's length);
    each site and the remainder hold one value a mark.
    """

    marks: tuple[float, ...]
    sites: tuple[SiteSeries, ...]
    remainder: SiteSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteGrowth:
    """A call site that grows, with its rates an iteration; bytes are requested bytes."""

    file: str
    line: int
    function: str
    bytes_per_iteration: float
    objects_per_iteration: float
    stack: tuple[Frame, ...]
