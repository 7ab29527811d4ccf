"""Verdicts of steps, kept so that a bisection goes on where it was."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck._version import __version__
from leakcheck.bisecting.cache import Cache, digest
from leakcheck.bisecting.places import Place
from leakcheck.model.errors import RecordError
from leakcheck.model.options import Options
from leakcheck.model.run_record import RunRecord
from leakcheck.record.store import RecordStore
from leakcheck.record.whole import read_whole, write_whole

_LARGEST_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where it stands which record was made of which step; the records lie where they were made."""

    cache: Cache

    def find(self, place: Place, options: Options) -> tuple[RunRecord, Path] | None:
        """Return the record of a step and its folder, None if there is none any more."""
        try:
            text = read_whole(self._file(place, options), _LARGEST_BYTES, wanted="a kept step")
            folder = Path(json.loads(text)["record"])
            return RecordStore(folder.parent).load(folder), folder
        except (OSError, RecordError, ValueError, TypeError, KeyError):
            return None  # it was let go with the oldest, or is damaged: it is measured again

    def keep(self, place: Place, options: Options, folder: Path) -> None:
        """Remember which record was made."""
        content = json.dumps({"record": str(folder.resolve())}).encode()
        write_whole(self._file(place, options), content)

    def _file(self, place: Place, options: Options) -> Path:
        said = repr(options)
        key = digest(__version__, place.state, place.target, str(place.python), said)
        return self.cache.room("steps") / f"{key}.json"
