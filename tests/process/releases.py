"""Releases of a small package, as wheels and as commits, that leak from one of them on."""

import os
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

QUIET: Final = ("--profiler", "none", "--exact-iterations", "2000", "--time-limit", "900")
"""What a step needs to say CLEAN, and no more."""
JOBS: Final = "import shop\n\n\ndef tick():\n    shop.remember()\n"
CLEAN: Final = "def remember():\n    pass\n"
LEAKY: Final = "KEPT = []\n\n\ndef remember():\n    KEPT.append(bytearray(1000))\n"
BROKEN: Final = "import no_such_module\n"
BACKEND: Final = '''
"""Builds this project without anything else: a wheel is an archive, and this one a link."""
import pathlib, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    here = pathlib.Path.cwd()
    name, info = "shop-1.0-py3-none-any.whl", "shop-1.0.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        wheel.writestr("shop_link.pth", str(here / "lib"))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: shop\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: this\\n"
            "Root-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
'''
PROJECT: Final = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "shop"
version = "1.0"
"""


def write_wheel(
    folder: Path, version: str, source: str, *, requires: str = "", name: str = "shop"
) -> Path:
    """Write the wheel of a release, and return where it is."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    more = f"Requires-Dist: {requires}\n" if requires else ""
    kind = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    file = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", source)
        wheel.writestr(f"{info}/METADATA", about + more)
        wheel.writestr(f"{info}/WHEEL", kind)
        wheel.writestr(f"{info}/RECORD", "")
    return file


class Repository:
    """A git repository in `folder`, with nothing of this machine's settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        """Run git here and return what it prints."""
        names = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org"}
        names |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in names.items()}
        names |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        ran = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=os.environ | names,
            check=True,
            capture_output=True,
            text=True,
        )
        return ran.stdout.strip()

    def commit(self, subject: str, files: Mapping[str, str]) -> str:
        """Write and commit `files`, and return the commit's id."""
        for name, text in files.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.git("rev-parse", "HEAD")
