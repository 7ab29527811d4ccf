"""Watching a process that runs, from outside or from within: does its memory grow without end?

The standard library is all that it needs on Linux: a service may embed it. Everything is loaded
when it is asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leakcheck.watch.group import GroupSource
    from leakcheck.watch.process import PidfileSource, ProcessSource
    from leakcheck.watch.sources import WatchError
    from leakcheck.watch.standing import Standing
    from leakcheck.watch.terms import Terms
    from leakcheck.watch.watching import Watch

__all__ = [
    "GroupSource",
    "PidfileSource",
    "ProcessSource",
    "Standing",
    "Terms",
    "Watch",
    "WatchError",
]

_HOMES = {
    "GroupSource": "group",
    "PidfileSource": "process",
    "ProcessSource": "process",
    "Standing": "standing",
    "Terms": "terms",
    "Watch": "watching",
    "WatchError": "sources",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- PEP 562: a module attribute may be anything
    if name not in _HOMES:
        msg = f"module 'leakcheck.watch' has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415 -- loaded when it is asked for

    return getattr(import_module(f"leakcheck.watch.{_HOMES[name]}"), name)
