"""The verdicts do not hang on embedded servers: on a Redis and a PostgreSQL they are the same."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TARGET = "bench.workloads.service:report_cycle"

pytestmark = [pytest.mark.slow, pytest.mark.servers]


def checked(
    out: Path, servers: dict[str, str], *arguments: str, release: str
) -> tuple[int, dict[str, Any]]:
    """The exit code of `leakcheck run` at a release, and its verdict as scripts read it."""
    found = out / "verdicts.json"
    answer = subprocess.run(
        [
            *(sys.executable, "-m", "leakcheck", "run", TARGET),
            *("--out", str(out), "--json", str(found), *arguments),
        ],
        cwd=ROOT,
        env={**os.environ, **servers, "SYSTEM_RELEASE": release},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert found.exists(), answer.stdout + answer.stderr
    (verdict,) = json.loads(found.read_bytes())["verdicts"]
    return answer.returncode, verdict


@pytest.fixture
def servers(redis_server: str, postgres_server: str) -> dict[str, str]:
    """The environment that leads the service to real servers."""
    return {"REDIS_URL": redis_server, "DATABASE_URL": postgres_server}


def test_the_current_service_is_clean_on_real_servers(
    tmp_path: Path, servers: dict[str, str]
) -> None:
    # After fifteen seconds aiohttp tidies up its connections for the first time and keeps a
    # kilobyte for it, once. Three times as long tells that from a leak, and is long enough for
    # the fewest iterations that will do on a machine that is busy.
    code, found = checked(tmp_path, servers, "--time-limit", "45", release="current")

    assert (code, found["verdict"]) == (0, "CLEAN"), found["reason"]
    assert found["iterations"] >= 32
    assert found["sites"] == []


def test_the_first_release_leaks_on_real_servers_and_its_own_lines_are_named(
    tmp_path: Path, servers: dict[str, str]
) -> None:
    code, found = checked(tmp_path, servers, "--memory-limit", "256MiB", release="1.0.0")

    assert (code, found["verdict"]) == (1, "LEAK"), found["reason"]
    assert found["sites"][0]["file"].startswith("system/workflow/")
