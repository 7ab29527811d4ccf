"""The measured process starts with the standard library, memray and nothing else."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHILD = [
    *sorted((ROOT / "leakcheck/run/child").glob("*.py")),
    *sorted((ROOT / "leakcheck/run/child/serving").glob("*.py")),
]
IN_CHILD = [ROOT / "leakcheck/workload.py", ROOT / "leakcheck/_version.py", *CHILD]
OURS = ("leakcheck._version", "leakcheck.workload", "leakcheck.run.child", "leakcheck.probes")
WITHOUT_MEMRAY = ["leakcheck", "leakcheck.workload", "leakcheck.run.child.main"]


def imported(file: Path) -> Iterator[str]:
    """Yield the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("module", WITHOUT_MEMRAY)
def test_it_is_imported_where_no_third_party_module_is_installed(module: str) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {module}"
    command = [sys.executable, "-I", "-S", "-c", code]
    found = subprocess.run(command, check=False, capture_output=True, text=True)

    assert found.stderr == ""


@pytest.mark.parametrize("module", WITHOUT_MEMRAY)
def test_importing_it_loads_neither_model_nor_analysis(module: str) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {module}; "
        "print(*(name for name in sys.modules if name.startswith('leakcheck.')))"
    )
    command = [sys.executable, "-I", "-S", "-c", code]
    found = subprocess.run(command, check=True, capture_output=True, text=True)

    loaded = set(found.stdout.split()) - {"leakcheck.run"}
    assert {name for name in loaded if not name.startswith(OURS)} == set()


@pytest.mark.parametrize("file", IN_CHILD, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_file_of_the_child_imports_only_the_standard_library_memray_and_its_own(
    file: Path,
) -> None:
    allowed = {*sys.stdlib_module_names, "memray"}
    strange = {
        name
        for name in imported(file)
        if name.split(".")[0] not in allowed and not name.startswith(OURS)
    }

    assert strange == set()
