"""What `import leakcheck` gives, whatever was imported before."""

import subprocess
import sys

import pytest

import leakcheck


@pytest.mark.parametrize("before", ["", "import leakcheck.check; ", "import leakcheck.cli; "])
def test_check_is_the_function_whatever_was_imported_before(before: str) -> None:
    script = (
        f"{before}import leakcheck; leakcheck.check; from leakcheck import check; check.__code__"
    )

    subprocess.run([sys.executable, "-c", script], check=True)


def test_every_public_name_is_there_and_documented() -> None:
    for name in leakcheck.__all__:
        assert getattr(leakcheck, name).__doc__

    with pytest.raises(AttributeError, match="has no attribute 'chek'"):
        _ = leakcheck.chek


def test_a_workload_imports_nothing_of_what_measures_it() -> None:
    script = "import sys, leakcheck; print(*sorted(n for n in sys.modules if 'leakcheck' in n))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], check=True, capture_output=True, text=True
    )

    assert done.stdout.split() == ["leakcheck", "leakcheck._version", "leakcheck.workload"]
