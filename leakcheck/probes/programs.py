"""What kind of program a process runs."""

import os
from collections.abc import Iterable
from typing import Final

_PYTHONS: Final = ("python", "pypy")


def runs_python(pids: Iterable[int]) -> bool:
    """Return whether a Python interpreter runs in any of these processes."""
    return any(os.path.basename(_program(pid)).startswith(_PYTHONS) for pid in pids)  # noqa: PTH119 -- text of the kernel's


def _program(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/exe")  # noqa: PTH115 -- likewise
    except OSError:
        return ""  # it has ended, or belongs to somebody else
