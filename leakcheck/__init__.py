"""Does my service leak? Run a workload thousands of times and get an answer that holds.

Only the mark for workloads is loaded at once: everything else comes when it is asked for,
because this package is also imported inside the process that is measured, before pytest where
that measures a test: PYTEST_DONT_REWRITE.
"""

import sys
from typing import TYPE_CHECKING, Any

from leakcheck._version import __version__
from leakcheck.workload import workload

if TYPE_CHECKING:
    from leakcheck.check import Checked, Settings, check
    from leakcheck.model.options import Options
    from leakcheck.model.plan import Plan, Thresholds
    from leakcheck.model.run_record import RunRecord
    from leakcheck.model.verdict import Verdict

__all__ = [
    "Checked",
    "Options",
    "Plan",
    "RunRecord",
    "Settings",
    "Thresholds",
    "Verdict",
    "__version__",
    "check",
    "workload",
]

_HOMES = {
    "Checked": "leakcheck.check",
    "Options": "leakcheck.model.options",
    "Plan": "leakcheck.model.plan",
    "RunRecord": "leakcheck.model.run_record",
    "Settings": "leakcheck.check",
    "Thresholds": "leakcheck.model.plan",
    "Verdict": "leakcheck.model.verdict",
    "check": "leakcheck.check",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- PEP 562: a module attribute may be anything
    if name not in _HOMES:
        msg = f"module 'leakcheck' has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415 -- loaded when it is asked for

    return getattr(import_module(_HOMES[name]), name)


class _Package(type(sys)):  # type: ignore[misc] # the class of modules, without an import
    """This package, in which `check` is the function: importing the module binds that name too."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOMES or not isinstance(value, type(sys)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
