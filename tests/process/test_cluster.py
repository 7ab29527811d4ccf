"""Checks on a real scheduler and real workers, which are killed in the middle."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from leakcheck.fanout.cluster import Cluster
from leakcheck.model.errors import UsageError
from leakcheck.model.measurement import Ending
from leakcheck.model.verdict import Verdict
from leakcheck.record.store import RecordStore
from tests.process.command import QUICK, Desk
from tests.process.town import Town, kill_the_worker_of, town_in

JOBS = """
import os
import time

SEEN = []


def tick():
    SEEN.append(bytearray(1000))


def sleepy():
    with open("sleepy.txt", "w") as file:
        file.write(str(os.getppid()))
    time.sleep(0.05)


def released():
    if os.environ.get("RELEASE") != "current":
        SEEN.append(bytearray(1000))
    if os.environ.get("RELEASE") == "1.1.0":
        stuck_once()


def stuck_once():
    if not os.path.exists("stuck.txt"):
        with open("stuck.txt", "w") as file:
            file.write(str(os.getppid()))
        time.sleep(600)
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("town"), workers=2) as town:
        yield town


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.write("jobs.py", JOBS)
    return desk


def test_checks_are_made_by_workers_and_their_records_come_here(town: Town, desk: Desk) -> None:
    ran = desk.run(
        "jobs.py:tick",
        *("--exact-iterations", "300", "--cluster", town.address, "--json", "verdicts.json"),
    )

    assert ran.code == 1
    assert ran.record.judgement.verdict is Verdict.LEAK
    assert "jobs.py:9  tick()" in ran.out
    folder = desk.store.out / ran.record.id
    assert {"growth.html", "flamegraph.html", "leaks.html", "record.json"} == {
        path.name for path in folder.iterdir()
    }
    assert desk.json()["verdicts"][0]["record"] == ran.record.id


def test_what_a_dead_worker_had_under_way_is_run_again_and_counted_once(
    town: Town, desk: Desk
) -> None:
    running = desk.start("jobs.py:stuck_once", *QUICK, "--cluster", town.address)
    helper = kill_the_worker_of(desk.folder / "stuck.txt")
    town.add_worker()
    ran = running.end()

    assert "leakcheck: jobs.py:stuck_once: run again: its worker died" in ran.err
    assert ran.record.measurement.iterations == 300
    assert ran.record.measurement.ending is Ending.EXACT
    psutil.wait_procs([helper], timeout=60)
    assert not helper.is_running()  # nor what it measured: that dies with it


@pytest.mark.slow
def test_ctrl_c_ends_what_is_under_way_there_and_keeps_it(town: Town, desk: Desk) -> None:
    running = desk.start("jobs.py:sleepy", "--profiler", "none", "--cluster", town.address)
    file = desk.folder / "sleepy.txt"
    while not (file.exists() and file.read_text(encoding="ascii")):
        assert running.popen.poll() is None
    helper = psutil.Process(int(file.read_text(encoding="ascii")))
    running.popen.send_signal(signal.SIGINT)
    ran = running.end()

    assert ran.code == 130
    assert ran.record.measurement.ending is Ending.INTERRUPTED
    psutil.wait_procs([helper], timeout=60)
    assert not helper.is_running()


def test_a_target_that_a_worker_does_not_find_is_told_before_anything_runs(
    town: Town, desk: Desk
) -> None:
    ran = desk.run("jobs.py:tick", "jobs.py:nowhere", *QUICK, "--cluster", town.address)

    assert ran.code == 2
    assert ran.records == []
    assert "found no 'nowhere' in it" in ran.complaint
    assert f"(on the worker {town.address.rpartition(':')[0]}:" in ran.complaint


@pytest.mark.slow
def test_a_matrix_survives_a_worker_and_each_cell_has_one_record(town: Town, desk: Desk) -> None:
    arguments = [
        *("matrix", "jobs.py:tick", "jobs.py:released", "--set", "RELEASE=1.0.0,1.1.0,current"),
        *("--profiler", "none", "--exact-iterations", "300", "--time-limit", "900"),
        *("--out", "records", "--cluster", town.address, "--json", "matrix.json"),
    ]
    popen = subprocess.Popen(
        [sys.executable, "-m", "leakcheck", *arguments],
        cwd=desk.folder,
        env={name: value for name, value in os.environ.items() if name != "FORCE_COLOR"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    kill_the_worker_of(desk.folder / "stuck.txt")
    town.add_worker()
    out, err = popen.communicate(timeout=900)

    assert popen.returncode == 1, err
    assert "jobs.py:released [RELEASE=1.1.0]: run again: its worker died" in err
    cells = json.loads((desk.folder / "matrix.json").read_text(encoding="utf-8"))["cells"]
    store = RecordStore(desk.folder / "records")
    assert Counter(cell["record"] for cell in cells) == Counter(store.ids())
    assert [cell["verdict"] for cell in cells] == ["LEAK"] * 5 + ["INCONCLUSIVE"]
    assert out.splitlines()[-1] == "5 LEAK, 1 INCONCLUSIVE"


def test_the_client_listens_on_nothing(town: Town) -> None:
    before = {one for one in psutil.Process().net_connections() if one.status == "LISTEN"}
    with Cluster(town.address) as cluster:
        assert len(cluster.workers()) >= 1
        listening = {one for one in psutil.Process().net_connections() if one.status == "LISTEN"}

    assert listening == before


def test_a_worker_with_another_leakcheck_is_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leakcheck.fanout.cluster.__version__", "9.9.9")

    with pytest.raises(UsageError, match=r"found leakcheck .* on tcp://127.* wanted 9\.9\.9, as"):
        Cluster(town.address).__enter__()


def test_a_worker_without_leakcheck_is_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leakcheck.fanout.cluster.DISTRIBUTION", "no-such-distribution")

    with pytest.raises(UsageError, match="found no leakcheck that can be imported on tcp://127"):
        Cluster(town.address).__enter__()


def test_a_scheduler_that_is_not_there_is_told_with_its_address() -> None:
    wanted = r"tcp://127\.0\.0\.1:1 found no scheduler that answers within 1 s \(.*\), wanted that"

    with pytest.raises(UsageError, match=wanted):
        Cluster("tcp://127.0.0.1:1", patience_s=1).__enter__()


@pytest.mark.slow
def test_a_cluster_without_workers_is_of_no_use(tmp_path: Path) -> None:
    with (
        town_in(tmp_path, workers=0) as empty,
        pytest.raises(UsageError, match="has no workers, wanted one or more"),
        Cluster(empty.address, patience_s=5),
    ):
        pass
