"""The examples in the history's docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import bench.history
import bench.history.trend

MODULES = [
    found.name
    for package in (bench.history, bench.history.trend)
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    if not found.ispkg and not found.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_run_in(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
