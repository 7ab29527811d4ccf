"""asyncio tasks that are not done, of every loop in the process. Runs in the measured child."""

import sys
from typing import Any, Final

_REGISTRIES: Final = ("_all_tasks", "_scheduled_tasks", "_eager_tasks")
"""No public call lists the tasks of all loops: 3.12 renamed the registry and added one."""


def count_tasks() -> int:
    """Return how many asyncio tasks of any loop and any thread are not done.

    0 where nothing has imported asyncio: then there are none.
    """
    module = sys.modules.get("asyncio.tasks")
    if module is None:
        return 0
    for name in _REGISTRIES:
        # Most are empty, which is seen at a glance: listing none takes a quarter of a sample.
        if module.__dict__.get(name):  # getattr would make an exception of each that is missing
            return sum(not task.done() for task in _registered(module))
    return 0


def registered_tasks() -> set[Any]:
    """Return the tasks of all loops, done ones too; none where nothing has imported asyncio."""
    module = sys.modules.get("asyncio.tasks")
    return _registered(module) if module is not None else set()


def _registered(module: Any) -> set[Any]:  # noqa: ANN401 -- a module
    found: set[Any] = set()
    for name in _REGISTRIES:
        for _ in range(3):
            try:
                found.update(getattr(module, name, ()))
                break
            except RuntimeError:
                # Another thread made or ended a task while its registry was being read.
                continue
    return found
