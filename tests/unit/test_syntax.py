"""Reading a user's source: whatever it is, and by however many threads."""

import ast
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.syntax import parsed


@given(st.text())
def test_any_text_has_a_tree_or_none(text: str) -> None:
    assert parsed(text) is None or isinstance(parsed(text), ast.Module)


@pytest.mark.parametrize("text", ["\0", "f(", "(" * 5_000, "match x:\n case"])
def test_what_is_no_python_has_no_tree(text: str) -> None:
    assert parsed(text) is None


def test_what_is_odd_about_a_source_is_not_told_here() -> None:
    assert parsed(r"PATTERN = '\d'") is not None  # a warning would fail this test


def test_threads_make_their_trees_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = threading.Semaphore(1)
    parse = ast.parse

    def alone(source: str) -> ast.Module:
        assert inside.acquire(blocking=False)
        time.sleep(0.001)
        inside.release()
        return parse(source)

    monkeypatch.setattr(ast, "parse", alone)
    with ThreadPoolExecutor(8) as pool:
        trees = list(pool.map(parsed, ["x = 1"] * 40))

    assert all(isinstance(tree, ast.Module) for tree in trees)
