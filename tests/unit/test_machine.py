"""The machine's memory, from either of two places."""

from pathlib import Path

import psutil
import pytest

from leakcheck.probes.machine import MachineMemory, machine_memory


def test_the_kernels_table_is_read(tmp_path: Path) -> None:
    table = tmp_path / "meminfo"
    table.write_text("MemTotal:  2000 kB\nMemFree: 7 kB\nHugePages_Total: 0\nMemAvailable: 50 kB\n")

    assert machine_memory(table) == MachineMemory(total_bytes=2_048_000, available_bytes=51_200)


@pytest.mark.parametrize("text", [None, "", "MemTotal: many kB\n", "MemTotal:\n"])
def test_without_such_a_table_it_is_known_all_the_same(tmp_path: Path, text: str | None) -> None:
    table = tmp_path / "meminfo"
    if text is not None:
        table.write_text(text)

    found = machine_memory(table)

    assert found.total_bytes == psutil.virtual_memory().total
    assert 0 < found.available_bytes <= found.total_bytes
