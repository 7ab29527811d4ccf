"""selectolax 0.3.13: every parser that ran a CSS query leaves its CSS engine behind.

The selector engine of a document (parser, selectors, their pools) is made at the first query and
was not destroyed with the document: more than 100 kB each time. 0.3.14 destroys it.

Reference: rushter/selectolax#90.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborHTMLParser

import leakcheck

PAGE = "<ol><li><a href='/first'>one</a><li>two</ol>"


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """One page parsed and asked for its links."""

    def find_links() -> None:
        LexborHTMLParser(PAGE).css("a")  # leaks here

    yield find_links
