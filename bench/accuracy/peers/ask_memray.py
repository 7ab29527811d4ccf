"""pytest-memray: `python -m bench.accuracy.peers.ask_memray TARGET CALLS ANSWER`.

`limit_leaks` of 4 B for each call, by location, after 200 calls of warm-up outside the test;
small objects are tracked, as the plugin only does when it is told to.
"""

import os
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from bench.accuracy.peers.steps import answer

CASE: Final = Path(__file__).with_name("limit_leaks_case.py")
LIMIT_BYTES_PER_CALL: Final = 4
WITHOUT: Final = ("-p", "no:cacheprovider", "-p", "no:logging")
"""What of pytest itself would keep something of every call: it records what is logged."""


class Verdict:
    """What the test's report said."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: Any) -> None:  # noqa: ANN401 -- pytest's own
        """Keep the text of a report that is not of success."""
        if report.failed:
            sections = "\n".join(text for _, text in report.sections)
            self.failed.append(f"{report.when}: {report.longreprtext}\n{sections}")


def main(target: str, calls: int, path: str) -> None:
    """Ask, and write the answer."""
    os.environ.update(
        PEER_TARGET=target,
        PEER_CALLS=str(calls),
        PEER_LIMIT=f"{LIMIT_BYTES_PER_CALL * calls} B",
    )
    verdict = Verdict()
    options = ["--memray", "--trace-python-allocators", "-q", *WITHOUT]
    alone = ["-c", os.devnull, "--noconftest", "--rootdir", str(Path(path).parent)]
    code = pytest.main([str(CASE), *options, *alone], plugins=[verdict])
    text = "\n".join(verdict.failed)
    is_leak = "allowed to leak" in text
    word = "LEAK" if is_leak else "CLEAN" if code == pytest.ExitCode.OK else "ERROR"
    answer(path, word=word, calls=calls, reason=text[-2_000:])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
