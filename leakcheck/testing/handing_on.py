"""What a child is told of a test, so that its pytest finds the same one."""

import sys
from typing import Any, Final

import pytest

from leakcheck.run.pytest_item import PytestItem

_KEPT: Final = ("randomly_seed",)
"""Options that a session may have made up for itself: its tests have them too."""


def item_for(item: pytest.Item) -> PytestItem:
    """Return what the child of `item` is told."""
    config = item.config
    return PytestItem(
        nodeid=item.nodeid,
        arguments=tuple(map(str, config.invocation_params.args)),
        folder=str(config.invocation_params.dir),
        path=tuple(sys.path),
        settings={name: vars(config.option)[name] for name in _KEPT if name in config.option},
        coverage=_coverage(config),
    )


def _coverage(config: pytest.Config) -> dict[str, Any] | None:
    """Return how pytest-cov measures coverage here, None where it does not."""
    module = sys.modules.get("coverage")
    if module is None or not config.pluginmanager.has_plugin("_cov"):
        return None
    current = module.Coverage.current()
    if current is None:
        return None
    return {
        "data_file": current.get_option("run:data_file"),
        "branch": current.get_option("run:branch"),
        "source": current.get_option("run:source"),
        "config_file": str(config.option.cov_config),
    }
