"""Any program, seen from outside: known leaks are found, and nothing of it is left running."""

import json
import signal
import sys
import time
from pathlib import Path

import pytest

from leakcheck.cli import main
from leakcheck.model.measurement import Ending
from leakcheck.model.signals import SEEN_FROM_OUTSIDE, Signal
from tests.process.command import MARK, Desk, Ran
from tests.process.programs import PING, SHORT, free_port, get, one
from tests.process.test_interruption import await_

SECRET = "hunter2"


def test_a_program_that_keeps_nothing_is_clean(programs: Desk) -> None:
    ran = programs.run("--iterations", "2000", *PING, "--", "cat")

    assert ran.code == 0
    assert ran.out.startswith("CLEAN         exec: cat   ")
    assert "cannot see: call sites and the heap, as it is seen from outside, " in ran.out
    assert set(ran.record.measurement.series) == set(SEEN_FROM_OUTSIDE)


def test_a_leak_behind_lines_is_found_with_its_rate(programs: Desk) -> None:
    ran = programs.run("--exact-iterations", "1000", *PING, *one("lines", "leak_1000"))

    assert ran.code == 1
    assert ran.record.judgement.growth is not None
    assert ran.record.judgement.growth.estimate == pytest.approx(1090, rel=0.1)
    assert "next: Python runs in it: to learn the line that allocates, have `leakcheck run`" in (
        ran.out
    )


def test_a_leak_behind_requests_is_found(programs: Desk) -> None:
    port = free_port()
    ran = programs.run(
        "--exact-iterations", "1000", *get(port, "?key=x"), *one("serve", "leak_1000", str(port))
    )

    assert ran.code == 1
    assert f" <- GET http://127.0.0.1:{port}/?key=***   +1," in ran.out


@pytest.mark.slow
def test_a_leak_in_a_worker_is_one_of_the_program(programs: Desk) -> None:
    port = free_port()
    ran = programs.run(
        "--exact-iterations", "4000", *get(port), *one("pool", "leak_1000", str(port))
    )

    assert ran.code == 1
    assert ran.record.measurement.series[Signal.CHILDREN].values[-1] == 3


def test_a_leak_behind_signals_is_found(programs: Desk) -> None:
    ran = programs.run(
        "--exact-iterations", "600", "--signal", "USR1", *one("signals", "leak_10000")
    )

    assert ran.code == 1
    assert ran.record.measurement.iterations == 600


@pytest.mark.parametrize(
    ("way", "grows"),
    [
        ("leak_descriptor", Signal.DESCRIPTORS),
        ("leak_thread", Signal.THREADS),
        ("leak_child", Signal.CHILDREN),
        ("leak_zombie", Signal.CHILDREN),
        ("leak_orphan", Signal.CHILDREN),
    ],
)
def test_a_leak_of_what_is_counted_is_found_and_ended(
    programs: Desk, way: str, grows: Signal
) -> None:
    ran = programs.run(*SHORT, *PING, *one("lines", way))

    assert ran.code == 1
    assert ran.record.judgement.trends[grows].verdict == "LEAK"


def test_a_long_line_gets_through_to_a_program_that_answers_while_it_reads(
    programs: Desk,
) -> None:
    ran = programs.run("--exact-iterations", "5", "--line", "x" * 100_000, "--", "cat")

    assert ran.record.measurement.iterations == 5


def test_until_says_where_an_answer_ends(programs: Desk) -> None:
    programs.write(
        "two.sh", 'while read x; do echo "one $x"; echo noise >&2; sleep 0.01; echo end; done\n'
    )
    ran = programs.run("--exact-iterations", "20", *PING, "--until", "^end$", "--", "sh", "two.sh")

    assert ran.record.measurement.iterations == 20
    assert ran.record.measurement.elapsed_s > 20 * 0.01  # none was taken for the one before


@pytest.mark.slow
@pytest.mark.parametrize("inherited", [signal.SIG_DFL, signal.SIG_IGN], ids=["plain", "nohup"])
def test_a_signal_may_be_answered_on_either_stream(
    programs: Desk, inherited: signal.Handlers
) -> None:
    programs.write("hup.sh", "trap 'echo done >&2' HUP; echo ready; while :; do sleep 0.02; done\n")
    before = signal.signal(signal.SIGHUP, inherited)
    try:
        ran = programs.run(
            "--exact-iterations", "10", "--signal", "HUP", "--until", "done", "--", "sh", "hup.sh"
        )
    finally:
        signal.signal(signal.SIGHUP, before)

    assert ran.record.measurement.iterations == 10
    assert ran.code == 3


def test_output_is_drained_and_kept_nowhere(programs: Desk) -> None:
    text = "import sys\nfor x in sys.stdin:\n sys.stderr.write('noise' * 40_000)\n print('ok')\n"
    programs.write("loud.py", text)
    ran = programs.run("--exact-iterations", "50", *PING, "--", sys.executable, "loud.py")

    assert ran.record.measurement.iterations == 50
    assert "noise" not in ran.out + ran.err
    assert "noise" not in programs.store.file_of(ran.record.id).read_text()


def test_responses_that_are_no_success_are_noted(programs: Desk) -> None:
    port = free_port()
    words = ("--", sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1")
    ran = programs.run("--exact-iterations", "20", *get(port, "nothing-here"), *words)

    assert "note: 20 of 20 responses were no success: status 404 (20)" in ran.out


def test_growth_past_the_memory_limit_ends_the_run_as_a_leak(programs: Desk) -> None:
    ran = programs.run("--memory-limit", "20MiB", *PING, *one("lines", "leak_100000"))

    assert ran.code == 1
    assert ran.record.measurement.ending is Ending.MEMORY_LIMIT


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_of_the_program_and_keeps_the_record(
    programs: Desk, number: signal.Signals
) -> None:
    programs.write(
        "company.sh",
        "trap '' TERM INT\nsetsid sleep 1000 &\n(trap '' TERM; sleep 1000) &\n"
        "while read x; do echo $x; [ -e under-way ] || touch under-way; sleep 0.01; done\n"
        "sleep 1000\n",
    )
    running = programs.start(*PING, "--json", "v.json", "--", "sh", "company.sh")
    await_((programs.folder / "under-way").exists)
    assert len(running.processes()) >= 3
    for _ in range(4):  # somebody is in a hurry
        running.popen.send_signal(number)
        time.sleep(0.3)
    ran = running.end()

    assert ran.code == 130
    assert ran.left == []
    assert ran.err.splitlines()[-1].startswith("leakcheck: interrupted; what was measured is in")
    assert ran.record.measurement.ending is Ending.INTERRUPTED
    assert programs.json("v.json")["verdicts"][0]["record"] == ran.record.id


def texts_of(desk: Desk, ran: Ran) -> str:
    files = [file for file in desk.folder.rglob("*") if file.is_file()]
    return ran.out + ran.err + "".join(file.read_text() for file in files)


@pytest.mark.parametrize("ends", [False, True], ids=["measured", "failing"])
def test_secrets_are_in_nothing_that_is_written(programs: Desk, *, ends: bool) -> None:
    program = "exit 3" if ends else 'while read x; do echo "ok"; done'
    ran = programs.run(
        *("--json", "v.json", "--junit", "v.xml", *SHORT),
        *("--line", f"AUTH {SECRET}", "--until", f"ok|{SECRET}"),
        *("--", "sh", "-c", f": {SECRET}; {program}", "--password", SECRET, f"--token={SECRET}"),
        variables={"REDISCLI_AUTH": SECRET},
    )

    assert ran.code == (4 if ends else 3)
    assert SECRET not in texts_of(programs, ran)
    assert ran.record.plan.target == "exec: sh -c *** --password *** --token=***"


def test_secrets_of_a_request_are_in_nothing_that_is_written(programs: Desk) -> None:
    port = free_port()
    request = f'POST http://127.0.0.1:{port}/in?key={SECRET} {{"password": "{SECRET}"}}'
    ran = programs.run(
        *("--json", "v.json", "--exact-iterations", "20", "--request", request),
        *one("serve", "nothing", str(port)),
    )

    assert "note: 20 of 20 responses were no success: status 501 (20)" in ran.out
    assert SECRET not in texts_of(programs, ran)
    assert f"POST http://127.0.0.1:{port}/in?key=*** ***" in ran.record.plan.target


@pytest.mark.slow
def test_a_record_of_a_program_is_judged_told_and_compared_like_any(
    programs: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    records = [programs.run(*SHORT, *PING, *one("lines", way)) for way in ("leak_10000", "nothing")]
    ids = [ran.records[-1].id for ran in records]
    monkeypatch.chdir(programs.folder)
    out = ("--out", "records")

    assert main(["judge", *out, ids[0], "--threshold", "1KiB", "--json", "v.json"]) == 1
    assert json.loads(Path("v.json").read_text())["verdicts"][0]["verdict"] == "LEAK"
    assert main(["why", *out, ids[0]]) == 1
    for kind in ("html", "markdown", "text"):
        assert main(["report", *out, ids[0], "--format", kind, "-o", f"r.{kind}"]) == 0
        assert "seen from outside" in Path(f"r.{kind}").read_text()
    assert main(["compare", *out, *ids, "--renamed"]) in {0, 3}
    assert "resident memory" in capsys.readouterr().out
    assert main(["baseline", *out, ids[0]]) == 0
    capsys.readouterr()
    assert main(["verify-fix", *out, ids[0]]) == 2
    assert "run leakcheck exec again, then leakcheck compare" in capsys.readouterr().err


def test_the_environment_of_the_program_is_the_users_own(programs: Desk) -> None:
    said = f"$OWN $PYTHONUNBUFFERED ${MARK}"
    programs.write("env.sh", f'while read x; do echo "{said}" >&2; echo; done')
    ran = programs.run(
        *("--exact-iterations", "3", "--line", "x", "--until", "mine 1 [0-9a-f]{16}"),
        *("--", "sh", "env.sh"),
        variables={"OWN": "mine"},
    )

    assert ran.record.measurement.iterations == 3
