"""What a second run with native stacks found: which functions of which libraries allocate."""

from dataclasses import dataclass

from leakcheck.model.sites import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeFrame:
    """One frame of native code.

    `library` is the file that it was loaded from; `function` is empty where that is stripped of
    symbols, and `file` (with `line` 0) where it has no debug information. There is no address.
    """

    library: str
    function: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeSite:
    """A native stack that grows, with its rates an iteration; bytes are requested bytes.

    `native` goes from the allocating function outwards up to the Python code that called it,
    whose `stack` goes on from there; `allocator` is the function that was asked for memory.
    """

    stack: tuple[Frame, ...]
    native: tuple[NativeFrame, ...]
    allocator: str
    bytes_per_iteration: float
    objects_per_iteration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeGrowth:
    """What is known of native code in a leak; it has no part in the verdict.

    `call` is the call into C on the line that grows most, as the source has it, where that line
    alone does not say what allocates. `iterations` of a second run took `elapsed_s`, 0 where
    there was none; `sites` are what grew in it, the largest first; `note` says in one sentence
    why there are none, where they were asked for.
    """

    call: str = ""
    iterations: int = 0
    elapsed_s: float = 0.0
    sites: tuple[NativeSite, ...] = ()
    note: str = ""

    @property
    def was_tried(self) -> bool:
        """Return whether native stacks were asked for, with or without success."""
        return bool(self.iterations or self.note)
