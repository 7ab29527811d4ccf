"""The pages that lie beside run records, for the site to show: found, and copied."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.record.store import RecordStore

NAMES: Final = {
    "report.html": "report",
    "growth.html": "growth flamegraph",
    "growth-native.html": "native growth",
    "flamegraph.html": "peak flamegraph",
    "leaks.html": "never freed",
    "rss.png": "RSS",
    "rss.svg": "RSS",
}
"""The files that are copied, and what their links say."""
LARGEST_BYTES: Final = 64 << 20
"""A larger page is left where it is."""
FOLDER: Final = "records"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPages:
    """The pages of records, by the record's id."""

    files: Mapping[str, Sequence[Path]]

    def links(self) -> dict[str, list[tuple[str, str]]]:
        """Return for each record what its pages are called and where the site has them."""
        return {
            record: [(NAMES[file.name], f"{FOLDER}/{record}/{file.name}") for file in files]
            for record, files in self.files.items()
        }

    def copy(self, site: Path) -> None:
        """Copy all of them into the folder of a site."""
        for record, files in self.files.items():
            to = site / FOLDER / record
            to.mkdir(parents=True)
            for file in files:
                shutil.copyfile(file, to / file.name, follow_symlinks=False)


def pages_beside(folders: Iterable[Path], wanted: Iterable[str]) -> RecordPages:
    """Return the pages of the records `wanted`, by id, that lie in `folders` of records."""
    ids, found = set(wanted), {}
    for folder in folders:
        for name in ids.intersection(RecordStore(folder).ids()):
            files = [folder / name / page for page in NAMES]
            found[name] = [file for file in files if _may_be_copied(file)]
    return RecordPages(files={name: files for name, files in found.items() if files})


def _may_be_copied(file: Path) -> bool:
    """Whether it is a file of its own: a link might lead to what nobody means to publish."""
    is_file = file.is_file() and not file.is_symlink()
    return is_file and file.stat().st_size <= LARGEST_BYTES
