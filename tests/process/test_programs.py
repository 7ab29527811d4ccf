"""Any program, seen from outside: known leaks are found, and nothing of it is left running."""

import json
import signal
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from leakcheck.cli import main
from leakcheck.model.measurement import Ending
from leakcheck.model.signals import SEEN_FROM_OUTSIDE, Signal
from leakcheck.run import limits
from tests.process.command import MARK, Desk, Ran
from tests.process.test_interruption import await_

ONE = Path(__file__).parents[2] / "bench" / "outside" / "one.py"
SHORT = ("--exact-iterations", "400")
PING = ("--line", "ping")
SECRET = "hunter2"


@pytest.fixture
def programs(desk: Desk) -> Desk:
    """Return a folder in which `leakcheck exec` is run."""
    return replace(desk, command="exec")


def one(*words: str) -> tuple[str, ...]:
    """Return the words of a program of bench/outside/one.py."""
    return ("--", sys.executable, str(ONE), *words)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def get(port: int, more: str = "") -> tuple[str, str]:
    return ("--request", f"GET http://127.0.0.1:{port}/{more}")


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
        "--exact-iterations", "2000", *get(port), *one("pool", "leak_1000", str(port))
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
def test_a_signal_may_be_answered_on_either_stream(programs: Desk) -> None:
    programs.write("hup.sh", "trap 'echo done >&2' HUP; echo ready; while :; do sleep 0.02; done\n")
    ran = programs.run(
        "--exact-iterations", "10", "--signal", "HUP", "--until", "done", "--", "sh", "hup.sh"
    )

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


FAILURES = {
    "ends at once": (("--", "true"), "ended before the first iteration, with exit code 0"),
    "fails at once": (("--", "false"), "ended before the first iteration, with exit code 1"),
    "is killed": (("--", "sh", "-c", "kill -SEGV $$"), "was killed by SIGSEGV before the first"),
    "ends in the middle": (
        ("--", "sh", "-c", "for i in 1 2 3 4 5; do read x; echo $x; done; read x; exit 3"),
        "ended at iteration 6, with exit code 3",
    ),
    "crashes in the middle": (
        ("--", "sh", "-c", "for i in 1 2 3; do read x; echo $x; done; read x; kill -ABRT $$"),
        "was killed by SIGABRT at iteration 4",
    ),
    "closes its input": (
        ("--", "sh", "-c", "exec <&-; sleep 1000"),
        "at iteration 1 it closed its standard input, so that no line can be given to it",
    ),
    "closes its output": (
        ("--", "sh", "-c", "exec >&-; cat >/dev/null"),
        "at iteration 1 it closed its standard output, so that no answer can come",
    ),
    "becomes a daemon": (
        ("--", "sh", "-c", "setsid sleep 1000 &"),
        "ended before the first iteration, with exit code 0, and left a process behind: have it",
    ),
    "never answers": (
        ("--time-limit", "0.1", "--", "sh", "-c", "cat >/dev/null"),
        "s past the time limit of 0.1 s, and the program was ended; it may hold its output back",
    ),
    "answers no more": (
        ("--time-limit", "0.1", "--", "sh", "-c", "read x; echo $x; exec sleep 1000"),
        "and the program was ended; those before had been answered",
    ),
    "never ends its answer": (
        ("--until", "done", "--", "sh", "-c", "read x; yes"),
        " in which --until matches nothing, and was ended",
    ),
    "talks all the time": (("--", "yes"), "without being asked, and went on: which line is an"),
}
PATIENT = ("never answers", "answers no more", "never ends its answer", "talks all the time")
CASES = [
    pytest.param(*case, id=name, marks=[pytest.mark.slow] if name in PATIENT else [])
    for name, case in FAILURES.items()
]


@pytest.mark.parametrize(("words", "said"), CASES)
def test_a_program_that_cannot_be_measured_is_an_error_of_one_sentence(
    programs: Desk, words: tuple[str, ...], said: str
) -> None:
    ran = programs.run(*PING, *words)

    assert ran.code == 4
    assert said in ran.out.splitlines()[1]
    assert ran.record.judgement.verdict == "ERROR"


@pytest.mark.slow
def test_a_signal_that_would_end_the_program_is_not_sent(programs: Desk) -> None:
    ran = programs.run("--signal", "USR1", "--", "sleep", "1000")

    assert ran.code == 4
    assert "before the first iteration it did not handle SIGUSR1, which would end it" in ran.out


def test_a_server_that_does_not_answer_is_an_error(programs: Desk) -> None:
    port = free_port()
    programs.write(
        "rude.py",
        f"import socket\nserver = socket.create_server(('127.0.0.1', {port}))\n"
        "while True:\n one, _ = server.accept()\n one.close()\n",
    )
    ran = programs.run(*get(port), "--", sys.executable, "rude.py")

    assert ran.code == 4
    assert "at iteration 1 it did not answer the request: the connection was closed" in ran.out


def test_the_last_words_of_a_program_that_fails_are_for_the_terminal_only(programs: Desk) -> None:
    ran = programs.run(*PING, "--", "sh", "-c", "echo a tale of woe >&2; exit 3")

    assert "| a tale of woe" in ran.err
    assert "woe" not in ran.out + programs.store.file_of(ran.record.id).read_text()


@pytest.fixture
def there(programs: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return the folder, with this process in it."""
    monkeypatch.chdir(programs.folder)
    return programs


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["exec", "--out", "records", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    return line


def test_what_is_no_program_is_wrong_usage(there: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    there.write("text", "no program\n")
    (there.folder / "broken").write_bytes(b"\x7fELF, and no more")
    (there.folder / "broken").chmod(0o755)
    said = {
        "nothing-of-that-name": "exec: found no 'nothing-of-that-name' on PATH, wanted a command",
        "./nothing": "exec: found no file './nothing', wanted a command",
        "./text": "exec: './text' may not be executed, wanted a command (chmod +x)",
        ".": "exec: found no '.' on PATH, wanted a command",
        "./": "exec: './' is a folder, wanted a command",
        "./broken": "exec: './broken' could not be started (Exec format error), wanted a program",
    }

    for word, sentence in said.items():
        assert refused(capsys, *PING, "--", word) == f"leakcheck: {sentence}"
    assert "found no command" in refused(capsys, *PING, "--")
    assert not there.store.ids()


@pytest.mark.usefixtures("there")
def test_a_port_that_somebody_listens_on_is_wrong_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        line = refused(capsys, *get(port), "--", "sleep", "1000")

    assert f"found something that listens at 127.0.0.1:{port} before the program was" in line


@pytest.mark.usefixtures("there")
def test_a_port_that_never_opens_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(limits, "PREPARATION_LIMIT_S", 0.3)
    port = free_port()
    typed = ("--time-limit", "0.3", *get(port), "--", "sleep", "1000")
    before = set(psutil.Process().children())

    assert main(["exec", "--out", "records", *typed]) == 4
    said = capsys.readouterr().out
    assert f"nothing accepted connections at 127.0.0.1:{port} within 0.3 s" in said
    assert set(psutil.Process().children()) <= before


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
