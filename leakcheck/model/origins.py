"""Where descriptors and threads that are there at the end of a run came from."""

from dataclasses import dataclass

from leakcheck.model.sites import Frame

QUARTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A place from which some came that are still there.

    `stack` goes outwards and holds the innermost frames and those from the user's innermost
    on, so that there may be a gap between the two. `numbers` are how many came in each quarter
    of the time that was watched.
    """

    what: str
    stack: tuple[Frame, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """What was seen of where things came from, in the last `watched` iterations of a run.

    `unseen` descriptors were opened in that time where Python does not report it.
    """

    watched: int
    unseen: int = 0
    descriptors: tuple[Origin, ...] = ()
    threads: tuple[Origin, ...] = ()
