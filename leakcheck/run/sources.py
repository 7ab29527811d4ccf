"""Reading the source files of a workload, for the child too, so that it need not."""

from pathlib import Path
from typing import Final

_LARGEST_BYTES: Final = 4 << 20


def source_of(file: str) -> str:
    """Return the text of a source file; nothing where there is none that can be read."""
    path = Path(file)
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_BYTES:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return ""
