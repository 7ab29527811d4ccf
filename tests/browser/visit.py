"""A visit of a page in a real browser: the page, and all that it did meanwhile."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import pytest
from playwright.sync_api import Browser, Dialog, Page, ViewportSize, sync_playwright

NAME = "chromium"  # as Debian has it
QUIET = (
    "--no-sandbox",  # as root there is none, and the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCAL = ("file:", "data:", "blob:")
Scheme = Literal["light", "dark"]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One page in a tab of its own, and what it said, asked for, showed and failed at."""

    page: Page
    said: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def elsewhere(self) -> list[str]:
        """Return what the page asked for that is not on this machine."""
        return [url for url in self.asked_for if not url.startswith(LOCAL)]

    def require_quiet(self) -> None:
        """Fail if the page complained, opened a dialog, or asked another host for anything."""
        found = (self.said, self.failed, self.dialogs, self.elsewhere)
        assert found == ([], [], [], []), found

    def listen(self) -> None:
        """Note from now on what the page does, and let no dialog stop it."""

        def close(dialog: Dialog) -> None:
            self.dialogs.append(dialog.message)
            dialog.dismiss()

        page = self.page
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.failed.append(str(error)))
        page.on("requestfailed", lambda request: self.failed.append(request.url))
        page.on("request", lambda request: self.asked_for.append(request.url))
        page.on("dialog", close)


class Open(Protocol):
    """What opens a file in a fresh tab."""

    def __call__(self, file: Path, *, scheme: Scheme = "light", width: int = 1280) -> Visit:
        """Return the visit."""


@contextmanager
def browsing() -> Iterator[Browser]:
    """Yield a browser that nobody has used before; without one the test cannot run."""
    program = _program()
    with sync_playwright() as playwright:  # it makes an empty folder for what the browser keeps
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(
    browser: Browser, file: Path, *, scheme: Scheme = "light", width: int = 1280
) -> Iterator[Visit]:
    """Yield the visit of a file, without a network."""
    size = ViewportSize(width=width, height=900)
    with browser.new_context(offline=True, color_scheme=scheme, viewport=size) as context:
        visit = Visit(page=context.new_page())
        visit.listen()
        visit.page.goto(file.resolve().as_uri(), wait_until="load")
        yield visit


def _program() -> str:
    """The browser's program; without it the test cannot run."""
    found = shutil.which(NAME)
    if found is None:
        msg = f"{NAME} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{msg}, and CI opens pages in a real browser")
        pytest.skip(msg)
    return found
