"""The machine's memory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_KIB: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineMemory:
    """Bytes that there are, and bytes that may still be had."""

    total_bytes: int
    available_bytes: int


def machine_memory(meminfo: Path = Path("/proc/meminfo")) -> MachineMemory:
    """Return the machine's memory, from the kernel's own table where there is one."""
    try:
        lines = meminfo.read_text(encoding="ascii").splitlines()
        found = {name: int(rest.split()[0]) for name, _, rest in (x.partition(":") for x in lines)}
        return MachineMemory(
            total_bytes=found["MemTotal"] * _KIB, available_bytes=found["MemAvailable"] * _KIB
        )
    except (OSError, ValueError, KeyError, IndexError):
        import psutil  # noqa: PLC0415 -- dear to import, and not needed on Linux

        memory = psutil.virtual_memory()
        return MachineMemory(total_bytes=memory.total, available_bytes=memory.available)
