"""Sessions of pytest as a user starts them, in a folder of their own."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

BARE = ("-p", "leakcheck.pytest_plugin")
"""Without plugins from entry points a session starts in a fifth of the time."""
CONFIGURATION = """
[tool.pytest.ini_options]
markers = ["slow: a mark of the project's own"]
[tool.leakcheck]
time-limit = 300
profiler = "none"
"""
"""A busy machine makes nothing INCONCLUSIVE, and without lines a test takes half as long."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A test as JUnit XML tells it: `outcome` is passed, failed, error or skipped."""

    outcome: str
    text: str
    properties: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session that has ended; `cases` are its tests by name."""

    code: int
    out: str
    cases: dict[str, Case]

    def outcomes(self) -> dict[str, str]:
        """Return what became of each test."""
        return {name: case.outcome for name, case in self.cases.items()}

    def section(self, title: str) -> list[str]:
        """Return the lines of the summary's section with this title."""
        found = re.search(
            rf"^=+ {re.escape(title)} =+\n(.*?)^=+ ", self.out, re.DOTALL | re.MULTILINE
        )
        return found[1].splitlines() if found else []


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A folder with tests in it."""

    folder: Path

    def write(self, **files: str) -> None:
        """Write modules of tests, and a configuration."""
        (self.folder / "pyproject.toml").write_text(CONFIGURATION, encoding="utf-8")
        for name, text in files.items():
            (self.folder / f"{name}.py").write_text(text, encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start pytest here, with the plugins that are named and no others."""
        variables = {name: value for name, value in os.environ.items() if not _is_pytests(name)}
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *BARE, "--junitxml=junit.xml", *arguments],
            cwd=self.folder,
            env=variables | {"COLUMNS": "120", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> Session:
        """Run pytest here to its end."""
        process = self.start(*arguments)
        out, _ = process.communicate()
        file = self.folder / "junit.xml"
        cases = dict(map(_case, _elements(file))) if file.exists() else {}
        file.unlink(missing_ok=True)
        return Session(code=process.returncode, out=out, cases=cases)

    def lines(self, name: str) -> list[str]:
        """Return the lines of a file that the tests wrote."""
        file = self.folder / name
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def _is_pytests(name: str) -> bool:
    return name.startswith(("PYTEST_", "COV_", "COVERAGE_"))


def _elements(file: Path) -> list[ET.Element]:
    return list(ET.parse(file).iter("testcase"))  # noqa: S314 -- pytest wrote it for us


def _case(element: ET.Element) -> tuple[str, Case]:
    outcome, text = "passed", ""
    for word, meaning in (("failure", "failed"), ("error", "error"), ("skipped", "skipped")):
        for found in element.iter(word):
            outcome, text = meaning, f"{found.get('message')}\n{found.text or ''}"
    properties = {one.get("name", ""): one.get("value", "") for one in element.iter("property")}
    return element.get("name", ""), Case(outcome=outcome, text=text, properties=properties)
