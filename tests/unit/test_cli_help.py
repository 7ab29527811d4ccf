"""The help fits one screen, and a slip on the command line is answered with what was meant."""

import pytest

from leakcheck.cli import main
from leakcheck.cli.commands import build_parser
from leakcheck.cli.layout import commands_in, options_in

COMMANDS = list(commands_in(build_parser()))
WIDEST = 80
LONGEST = {"": 36, "run": 40, "asgi": 42, "wsgi": 42, "bisect": 40}


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*arguments])
    shown = capsys.readouterr()
    assert ended.value.code == (2 if shown.err else 0)
    return shown.out + shown.err


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_of_a_command_fits_one_screen(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(capsys, *command.split(), "--help").splitlines()

    assert [line for line in lines if len(line) > WIDEST] == []
    assert len(lines) <= LONGEST.get(command, 30)
    assert "leakcheck" in "\n".join(lines[1:])  # an example, or the first steps
    assert lines[0].startswith(f"usage: leakcheck {command or 'COMMAND'}")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_a_line_of_its_own(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, command, "--help")
    lines = [line for line in text.splitlines() if line.startswith(("  -", "  --"))]
    shown = {word.strip(",") for line in lines for word in line.split("  ")[1].split()}

    assert all(len(line.split("  ", 2)) == 3 for line in lines)  # its text stands beside it
    assert set(options_in(commands_in(build_parser())[command])) - {"-h", "--help"} <= shown


def test_the_command_alone_shows_the_overview_and_ends_like_a_mistake(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = printed(capsys)

    assert all(f"\n    {name} " in shown for name in COMMANDS)


SLIPS = {
    "rnu jobs.py:tick": "leakcheck: error: there is no command 'rnu' (did you mean run?), wanted",
    "verify x": "there is no command 'verify' (did you mean verify-fix?), wanted one of run, ",
    "zzz": "leakcheck: error: there is no command 'zzz', wanted one of run, ",
    "run jobs.py:tick --treshold=4B": "leakcheck run: error: unrecognized arguments: "
    "--treshold=4B (did you mean --threshold?)",
    "why x --jsn y": "leakcheck why: error: unrecognized arguments: --jsn (did you mean --json?) y",
    "doctor --zzzz": "leakcheck doctor: error: unrecognized arguments: --zzzz\n",
    "completion sh": "leakcheck completion: error: argument SHELL: invalid choice: 'sh'",
}


@pytest.mark.parametrize(("typed", "answer"), SLIPS.items())
def test_a_slip_is_answered_with_what_may_have_been_meant(
    typed: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer in printed(capsys, *typed.split())
