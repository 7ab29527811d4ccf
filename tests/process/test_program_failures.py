"""Programs that cannot be measured: each is one sentence, and leaves nothing running."""

import socket
import sys

import psutil
import pytest

from leakcheck.cli import main
from leakcheck.run import limits
from tests.process.command import Desk
from tests.process.programs import PING, free_port, get

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
