"""What a user installs: two import packages, and nothing else of this repository."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "leakcheck": ROOT / "leakcheck",
    "leakcheck_reports": ROOT / "reports/leakcheck_reports",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    return zipfile.Path(zipfile.ZipFile(file))


def info(wheel: zipfile.Path, name: str) -> str:
    (folder,) = (one for one in wheel.iterdir() if one.name.endswith(".dist-info"))
    return (folder / name).read_text(encoding="utf-8")


def test_the_wheel_holds_the_two_packages_and_nothing_else(wheel: zipfile.Path) -> None:
    names = {one.name for one in wheel.iterdir()}

    assert {name for name in names if not name.endswith(".dist-info")} == set(PACKAGES)
    assert all(name.startswith("leakcheck") for name in names)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_holds_every_module_and_template_and_the_mark_of_types(
    wheel: zipfile.Path, package: str
) -> None:
    folder = PACKAGES[package]
    wanted = [*folder.rglob("*.py"), *folder.glob("templates/*")]
    files = {file.relative_to(folder).as_posix() for file in wanted}
    built = {
        name.removeprefix(f"{package}/")
        for name in wheel.root.namelist()
        if name.startswith(f"{package}/")
    }

    assert files | {"py.typed"} <= built


def test_the_command_the_plot_and_the_formats_are_found_by_entry_point(wheel: zipfile.Path) -> None:
    points = info(wheel, "entry_points.txt").split()

    assert "leakcheck" in points
    assert "leakcheck.cli:main" in points
    assert "[pytest11]" in points
    assert "leakcheck.pytest_plugin" in points
    assert "[leakcheck.reports]" in points
    assert "leakcheck_reports.plot:write_plot" in points
    assert "[leakcheck.formats]" in points
    assert "leakcheck_reports.page:html_report" in points


def test_a_plain_install_brings_no_service_and_no_matplotlib(wheel: zipfile.Path) -> None:
    lines = info(wheel, "METADATA").splitlines()
    required = {line for line in lines if line.startswith("Requires-Dist: ")}
    plain = {line.split()[1].split(">")[0].rstrip(";") for line in required if "extra" not in line}

    assert "Name: leakcheck-harness" in lines
    assert plain == {"jinja2", "memray", "psutil", "rich", "shtab"}


def test_the_version_of_the_wheel_is_the_modules(wheel: zipfile.Path) -> None:
    scope: dict[str, str] = {}
    exec((ROOT / "leakcheck/_version.py").read_text(), scope)  # noqa: S102 -- our own file

    assert f"Version: {scope['__version__']}" in info(wheel, "METADATA").splitlines()
