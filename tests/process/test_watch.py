"""`leakcheck watch` beside a process that runs."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from leakcheck.cli import main
from leakcheck.watch.journal import readings_of
from leakcheck.watch.journal_lines import HEADER, line_of
from tests.unit.watching import MIB, cycle, hourly, wobble

LEAKY = """
import time
kept = []
while True:
    kept.append(bytearray(40_000))
    time.sleep(0.01)
"""


@pytest.fixture
def leaky() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", LEAKY]) as process:
        time.sleep(0.2)
        yield process.pid
        process.kill()


def written(file: Path, mib_an_hour: float) -> Path:
    lines = [
        line_of(one)
        for one in hourly(
            lambda h: (300 + mib_an_hour * h + 60 * cycle(h) + wobble(h)) * MIB, days=8, every_h=0.5
        )
    ]
    file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("mib_an_hour", "code", "word"),
    [(3.0, 1, "LEAK"), (0.0, 0, "CLEAN"), (0.45, 3, "INCONCLUSIVE")],
)
def test_a_replay_ends_with_the_code_of_its_verdict(
    mib_an_hour: float, code: int, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = written(tmp_path / "w.jsonl", mib_an_hour), tmp_path / "v.json"

    assert main(["watch", "--replay", str(file), "--limit", "1GiB", "--json", str(out)]) == code
    lines = capsys.readouterr().out.splitlines()
    document = json.loads(out.read_text(encoding="utf-8"))
    assert [line for line in lines if line.startswith(word)]
    assert document["verdict"] == word
    assert document["limit_bytes"] == 1 << 30
    if word == "LEAK":
        assert re.fullmatch(r" +reaches 1GiB in \d+ h to \d+ h", lines[-1])
        assert document["growth_per_hour"]["low"] < 3 * MIB < document["growth_per_hour"]["high"]
        assert document["seconds_to_limit"]["low"] < document["seconds_to_limit"]["high"]


def test_until_verdict_ends_a_replay_at_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "w.jsonl", 3.0)

    assert main(["watch", "--replay", str(file), "--until-verdict"]) == 1
    assert "after 8 d" not in capsys.readouterr().out


def test_a_leaking_process_is_told_and_its_readings_are_kept(leaky: int, tmp_path: Path) -> None:
    record = tmp_path / "w.jsonl"
    options = [
        "--interval",
        "0.05",
        "--cycle",
        "0",
        "--threshold",
        "1MiB/h",
        "--record",
        str(record),
    ]
    code = main(["watch", str(leaky), "--for", "60", "--until-verdict", *options])
    readings = list(readings_of(record))

    assert code == 1
    assert len(readings) >= 64
    assert readings[-1].memory_bytes > readings[0].memory_bytes


def test_a_watch_goes_on_from_its_record(
    leaky: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "w.jsonl"
    for _ in range(2):
        main(["watch", str(leaky), "--interval", "0.05", "--for", "0.3", "--record", str(record)])
    said = capsys.readouterr().out

    first = re.search(r"^goes on after (\d+) readings, ", said, re.MULTILINE)
    assert first
    assert len(list(readings_of(record))) > int(first[1]) > 0
    assert "lives" not in said  # the same process: its life goes on


def test_a_process_that_ends_without_a_verdict_is_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1)"]) as process:
        assert main(["watch", str(process.pid), "--interval", "0.05"]) == 4
        shown = capsys.readouterr()
        assert f"leakcheck: process {process.pid} has ended" in shown.err
        assert shown.out.startswith("INCONCLUSIVE")


def test_a_process_that_is_not_there_ends_with_four(capsys: pytest.CaptureFixture[str]) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()

    assert main(["watch", str(process.pid)]) == 4
    assert "found no such process, wanted the id of one that runs" in capsys.readouterr().err


def test_an_address_in_use_and_a_foreign_record_are_mistakes(
    leaky: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        assert main(["watch", str(leaky), "--for", "1", "--listen", listen]) == 2
    assert "cannot be listened at (Address already in use), wanted" in capsys.readouterr().err

    foreign = tmp_path / "notes.txt"
    foreign.write_text("mine\n", encoding="utf-8")
    assert main(["watch", str(leaky), "--for", "1", "--record", str(foreign)]) == 2
    assert "journal of leakcheck watch" in capsys.readouterr().err
    assert foreign.read_text(encoding="utf-8") == "mine\n"


def test_a_pidfile_without_a_process_is_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "shop.pid")

    assert main(["watch", "--pidfile", file, "--interval", "0.05", "--for", "0.2"]) == 4
    shown = capsys.readouterr()
    assert "does not run" in shown.out
    assert "found nothing that runs" in shown.err


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interruption_ends_with_a_summary_and_leaves_metrics_until_then(
    name: str, leaky: int
) -> None:
    command = [sys.executable, "-m", "leakcheck", "watch", str(leaky), "--interval", "0.05"]
    with subprocess.Popen(
        [*command, "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watch:
        assert watch.stdout is not None
        said = watch.stdout.readline()
        found = re.fullmatch(r"metrics at (http://127\.0\.0\.1:\d+/metrics)\n", said)
        assert found
        with urllib.request.urlopen(found[1], timeout=60) as answer:  # noqa: S310 -- http, as matched
            assert b"leakcheck_watch_up" in answer.read()
        watch.send_signal(getattr(signal, name))
        out, err = watch.communicate(timeout=60)

    assert watch.returncode == 130
    assert out.startswith("INCONCLUSIVE")
    assert err == "leakcheck: interrupted\n"
    assert os.path.exists(f"/proc/{leaky}")  # noqa: PTH110 -- what was watched is left alone
