"""Where tasks come from: the lines that create them."""

from dataclasses import dataclass

from leakcheck.model.sites import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOrigin:
    """The lines that create tasks of one coroutine, or one of which does; at least one.

    `is_named` says that the source of each, or of the function around it, names the coroutine;
    else these are the only lines at which any task was created.
    """

    coroutine: str
    created_at: tuple[Frame, ...]
    is_named: bool
