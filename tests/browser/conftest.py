"""A real browser for the tests that look at pages."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.visit import Open, Scheme, Visit, browsing, visiting


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a browser.

    For one module and not for the session: while it is there, an event loop counts as running
    in this thread, and `asyncio.run` refuses in any test.
    """
    with browsing() as found:
        yield found


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Return the function that opens a file in a fresh tab, and must find it quiet in the end."""
    with ExitStack() as tabs:
        visits: list[Visit] = []

        def open_(file: Path, *, scheme: Scheme = "light", width: int = 1280) -> Visit:
            visit = visiting(browser, file, scheme=scheme, width=width)
            visits.append(tabs.enter_context(visit))
            return visits[-1]

        yield open_
        for visit in visits:
            visit.require_quiet()
