"""What `leakcheck exec` is told: parsed to the letter, and shown without a secret."""

import re
import shlex
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.repeat import repeat_command
from leakcheck.check import Settings
from leakcheck.check_program import program_plan
from leakcheck.cli.arguments import parse
from leakcheck.cli.executing import ExecCommand
from leakcheck.model.errors import UsageError
from leakcheck.model.options import Options
from leakcheck.model.plan import Profiler
from leakcheck.run.program.heard import KEPT_BYTES, Heard
from leakcheck.run.program.order import (
    HttpRequest,
    Line,
    Order,
    Signal,
    line_of,
    pattern_of,
    request_of,
    signal_named,
)

SECRET = "hunter2"
words = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
first = st.from_regex(r"[a-z./]{1,9}", fullmatch=True)


def parsed(*typed: str) -> ExecCommand:
    command = parse(["exec", *typed]).command
    assert isinstance(command, ExecCommand)
    return command


@given(first=first, more=words)
def test_a_program_gets_its_words_as_they_were_typed(first: str, more: list[str]) -> None:
    assert parsed("--line", "x", "--", first, *more).order.words == (first, *more)


@given(first=first, more=words)
def test_a_program_may_follow_on_the_options_without_dashes(first: str, more: list[str]) -> None:
    assert parsed("--exact-iterations", "3", "--line", "x", first, *more).order.words == (
        first,
        *more,
    )


def test_options_of_the_program_are_none_of_ours() -> None:
    words = ("cat", "-h", "--out", "y", "--", "--version")

    assert parsed("--line", "x", *words).order.words == words
    assert parsed("--line", "x", "--", *words).order.words == words


@given(line=st.text(st.characters(codec="utf-8", exclude_characters="\0\n")))
def test_a_line_is_sent_as_it_was_typed(line: str) -> None:
    assert line_of(line) == line_of(f"{line}\n") == line


@pytest.mark.parametrize(
    ("typed", "method", "address", "path", "body"),
    [
        ("GET http://127.0.0.1:8000/x", "GET", "127.0.0.1:8000", "/x", b""),
        ("http://localhost:8000", "GET", "127.0.0.1:8000", "/", b""),
        ("http://127.0.0.1?a=1", "GET", "127.0.0.1:80", "/?a=1", b""),
        ("PUT http://[::1]:9/a/b {n}", "PUT", "[::1]:9", "/a/b", b"{n}"),
        ('POST http://127.9.9.9:1/i {"a": 1}', "POST", "127.9.9.9:1", "/i", b'{"a": 1}'),
    ],
)
def test_a_request_is_method_url_and_body(
    typed: str, method: str, address: str, path: str, body: bytes
) -> None:
    found = request_of(typed)

    assert (found.request.method, found.address) == (method, address)
    assert (found.request.path, found.request.body) == (path, body)


@given(text=st.text())
def test_any_text_is_a_request_to_this_machine_or_refused(text: str) -> None:
    try:
        found = request_of(text)
    except UsageError as error:
        if not str(error).startswith("--request: "):
            raise
    else:
        assert found.address.startswith(("127.", "[::"))


REFUSED = {
    "GET http://example.org/": "found 'example.org:80', wanted a loopback address, such as",
    "GET http://10.0.0.1:80/": "found '10.0.0.1:80', wanted a loopback address, such as",
    "GET http://127.0.0.1:0/": "found '127.0.0.1:0', wanted a loopback address, such as",
    "GET http://127.0.0.1:99999/": "found the URL 'http://127.0.0.1:99999/', wanted one such as",
    "GET https://127.0.0.1/": "found the URL 'https://127.0.0.1/', wanted one such as",
    f"GET http://me:{SECRET}@127.0.0.1/?k={SECRET}": "found the URL '127.0.0.1/', wanted",
    f"gEt http://127.0.0.1/?k={SECRET}": "a request: found the method 'gEt', wanted",
    f"GET http://127.0.0.1/#{SECRET}"[:22] + "#x": "found the path",
    "GET": "found no URL, wanted one such as",
    "": "found no URL, wanted one such as",
}


@pytest.mark.parametrize(("typed", "said"), REFUSED.items())
def test_a_request_that_is_none_is_refused_without_what_may_be_secret(
    typed: str, said: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as refused:
        request_of(typed)

    assert SECRET not in str(refused.value)


def test_signals_have_their_names() -> None:
    assert signal_named("sighup") is signal.SIGHUP
    for name, said in (("KILL", "can handle"), ("NONE", "the name of a signal"), ("", "the name")):
        with pytest.raises(UsageError, match=said):
            signal_named(name)


@given(text=st.text())
def test_a_pattern_is_one_or_refused(text: str) -> None:
    try:
        pattern_of(text).search("x")
    except UsageError as error:
        if not str(error).startswith("--until: found no regular expression ("):
            raise


TRIGGERS = [
    Line(text=SECRET, until=re.compile(SECRET)),
    Signal(number=signal.SIGUSR1, until=re.compile(SECRET)),
    request_of(f'POST http://127.0.0.1:1/p?key={SECRET} {{"password": "{SECRET}"}}'),
]


@pytest.mark.parametrize("trigger", TRIGGERS, ids=["line", "signal", "request"])
def test_nothing_that_may_be_secret_is_shown(trigger: Line | Signal | HttpRequest) -> None:
    order = Order(
        words=("redis-cli", "-a", SECRET, f"--pass={SECRET}", f"redis://:{SECRET}@host/0"),
        trigger=trigger,
    )
    plan = program_plan(order, Settings())
    shown = (order.target, repr(order), repr(plan), *order.masked_arguments)

    assert SECRET not in " ".join(shown)
    assert order.target.startswith("exec: redis-cli -a *** --pass=*** redis://:***@host/0")
    assert "redis-cli" in repeat_command(plan, project=None, own_python=None)


def test_a_program_is_repeated_with_what_differs_from_its_own_defaults() -> None:
    order = Order(words=("cat", "-u", "x y"), trigger=Signal(number=signal.SIGHUP))
    usual = repeat_command(program_plan(order, Settings()), project=None, own_python=None)
    other = Settings(commanded=Options(threshold_bytes=64.0, exact_iterations=9))

    assert usual == "leakcheck exec --signal HUP -- cat -u '***'"
    assert shlex.split(repeat_command(program_plan(order, other), project=None, own_python=None))[
        :6
    ] == ["leakcheck", "exec", "--exact-iterations", "9", "--threshold", "64B"]


def test_what_is_configured_for_workloads_alone_does_not_hold_for_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(
        '[tool.leakcheck]\nthreshold = "4B"\niterations = 900\nprofiler = "memray"\n'
        'keep-capture = true\nnative = true\nout = "there"\n',
        encoding="utf-8",
    )
    command = parsed("--line", "x", "--", "cat")
    plan = program_plan(command.order, command.settings)

    assert (plan.iterations, plan.thresholds.bytes_per_iteration) == (900, 512.0)
    assert (plan.profiler, plan.keep_capture, plan.native) == (Profiler.NONE, False, False)
    assert command.settings.out == tmp_path / "there"
    assert (
        program_plan(
            command.order, parsed("--threshold", "1KiB", "--line", "x", "cat").settings
        ).thresholds.bytes_per_iteration
        == 1024.0
    )


@given(parts=st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=9)), max_size=20))
def test_an_answer_is_what_was_said_since_it_was_asked_for(
    parts: list[tuple[int, bytes]],
) -> None:
    heard = Heard()
    heard.add(1, b"an older\nanswer\n")
    heard.ask()
    for stream, data in parts:
        heard.add(stream, data)
    said = {stream: b"".join(data for where, data in parts if where == stream) for stream in (1, 2)}

    assert [heard.lines(stream) for stream in (1, 2)] == [said[n].count(b"\n") for n in (1, 2)]
    assert heard.answer_bytes == sum(map(len, said.values()))
    assert not heard.matches(re.compile("older"))
    assert heard.matches(re.compile("a")) == any(b"a" in one for one in said.values())


def test_what_is_kept_of_an_endless_answer_is_bounded() -> None:
    heard = Heard()
    for _ in range(100):
        heard.add(2, b"x" * 65_536)
    heard.add(2, b"the end")

    assert heard.matches(re.compile("the end$"))
    assert len(heard.tail) < KEPT_BYTES
