"""The tools that there are, by their short names."""

from typing import Final

from bench.accuracy.answer import Tool
from bench.accuracy.harness import Leakcheck
from bench.accuracy.peers.peer import CALLS, peers
from bench.accuracy.process import Running

OURS: Final = "leakcheck"
NAMES: Final = (OURS, *(peer.name for peer in peers(Running())))

SETTINGS: Final = {
    OURS: "`leakcheck run`, a process a case: 20,000 calls or 60 s at the most by default",
    "psleak": "0.1.6, its defaults under PYTHONMALLOC=malloc: 22,663 calls at the most",
    "pytest-memray": (
        f"1.11.0, `limit_leaks` of 4 B for each of {CALLS:,} calls, by location, 200 calls of "
        "warm-up outside the test, small objects tracked"
    ),
    "python-leak-hunter": f"0.1.1, its defaults but for two windows that share {CALLS:,} calls",
    "rss-slope": f"least squares through RSS over {CALLS:,} calls but the first tenth, above 50 B",
}
"""What each tool was given, for the page."""


def make(name: str, running: Running, options: tuple[str, ...]) -> Tool:
    """Return the tool of this name; `options` are for leakcheck."""
    known: list[Tool] = [Leakcheck(running=running, options=options), *peers(running)]
    return next(tool for tool in known if tool.name == name)
