"""The cycle collector: collecting before a sample, and counting what it tracks. In the child."""

import gc
import sys
from collections.abc import Callable
from typing import Any

_WHOLE_EVERY = 4
"""Once nothing is set aside, every fourth collection is a whole one: each costs some ms."""
_YOUNG = 1

_set_aside = 0
_collected = 0


def settle(note: Callable[[], None] | None = None) -> None:
    """Collect once and set aside what set-up left, so that later collections look at new objects.

    `note` is called in between: afterwards the collector does not show those objects any more.
    To be called once: freezing again and again would keep every rotating cycle for ever. A
    workload that has turned the collector off is left as it is.
    """
    if gc.isenabled():
        gc.collect()
    if note is not None:
        note()
    gc.freeze()


def _nothing() -> None:
    """Clear nothing: this interpreter has no such cache."""


_clear_type_cache: Callable[[], Any] = getattr(
    sys, "_clear_type_cache", getattr(sys, "_clear_internal_caches", _nothing)
)


def collect() -> bool:
    """Collect if the workload lets its collector run; return whether it does.

    The interpreter's cache of type attributes is emptied too, as CPython's own leak hunting
    does: each of its 4,096 slots may keep a name alive, which fills about 250 kB slowly and
    at random, and looks like growth for thousands of iterations.
    """
    _clear_type_cache()
    enabled = gc.isenabled()
    if enabled:
        if _set_aside:
            _collect_after_thaw()
        else:
            gc.collect()
    return enabled


def collect_all() -> None:
    """Collect everything if the workload lets its collector run, wherever a sample stands."""
    if gc.isenabled():
        gc.collect()


def _collect_after_thaw() -> None:
    """Collect what is new, and now and then everything: that is enough to find the floor."""
    global _collected  # noqa: PLW0603 -- the collector is one for the process, and so is this
    _collected += 1
    if _collected % _WHOLE_EVERY:
        gc.collect(_YOUNG)
    else:
        gc.collect()


def thaw() -> None:
    """Have the collector know again what `settle` set aside: a census looks at everything.

    3.12 sets aside by itself what is immortal, at each collection: that is counted once.
    """
    global _set_aside  # noqa: PLW0603 -- the collector is one for the process, and so is this
    _set_aside = _set_aside or gc.get_freeze_count()
    gc.unfreeze()


def count_objects() -> int:
    """Return how many tracked objects are new since `settle`."""
    return len(gc.get_objects()) - _set_aside
