"""The pages whose examples run."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_SINGLE: Final = ("README.md", "docs/tutorial.md", "docs/troubleshooting.md", "docs/reports.md")
_FOLDERS: Final = ("docs/how-to", "docs/reference")


def pages() -> list[str]:
    """Return the pages that are there, as named from the project."""
    found = [ROOT / name for name in _SINGLE]
    for folder in _FOLDERS:
        found += sorted((ROOT / folder).glob("*.md"))
    return [str(page.relative_to(ROOT)) for page in found if page.is_file()]
