"""A mistake in a value is one line that names who gave it, the value and what is allowed."""

from pathlib import Path

import pytest

from leakcheck.cli import main
from leakcheck.configuration.table import KINDS

SIZE = "a size above 0, such as 4B or 1KiB"
FILE = "cannot be written (No such file or directory), wanted a file in a folder that is there"
WHOLE, NUMBER, TEXT, TRUTH = "a whole number", "a number", "a text", "true or false"
ROWS = {
    "iterations": [("2.5", WHOLE), ("0", "1 or more"), ("-3", "1 or more")],
    "exact-iterations": [('"300"', WHOLE), ("0", "1 or more")],
    "time-limit": [
        ('"60s"', f"{WHOLE} or {NUMBER}"),
        ("-1", "more than 0 seconds, and an end"),
        ("inf", "more than 0 seconds, and an end"),
    ],
    "memory-limit": [
        ("1.5", f"{TEXT} or {WHOLE}"),
        ("0", "a size of 1B or more, such as 512MiB"),
        ('"a lot"', "a size of 1B or more, such as 512MiB"),
    ],
    "threshold": [("true", f"{TEXT} or {WHOLE} or {NUMBER}"), ('"4 apples"', SIZE), ("0", SIZE)],
    "count-threshold": [
        ('"1"', f"{WHOLE} or {NUMBER}"),
        ("-0.1", "more than 0 an iteration"),
        ("nan", "more than 0 an iteration"),
    ],
    "profiler": [("true", TEXT), ('"x"', "memray or none")],
    "python": [
        ("3.11", TEXT),
        ('"no-such-python"', "an interpreter"),
        ('"nowhere/python"', "an interpreter"),
        ('"/\\u0000"', "a text without NUL"),
    ],
    "out": [("1", TEXT), ('"a-file"', "a folder"), ('"a-file/below"', "a folder")],
    "json": [("true", TEXT), ('"nowhere/v.json"', FILE)],
    "junit": [("1", TEXT), ('"nowhere/v.xml"', FILE)],
    "sarif": [("1", TEXT), ('"nowhere/v.sarif"', FILE)],
    "code-quality": [("1", TEXT), ('"nowhere/v.json"', FILE)],
    "badge": [
        ("1", TEXT),
        ('"badge.png"', "a file that ends in .svg or .json"),
        ('"nowhere/badge.svg"', FILE),
    ],
    "github": [('"yes"', TRUTH)],
    "plot": [("1", TRUTH)],
    "html": [('"yes"', TRUTH)],
    "jobs": [('"2"', WHOLE), ("0", "1 or more")],
    "cluster": [
        ("8786", TEXT),
        ('"http://10.0.0.1"', "the address of a Dask scheduler, such as tcp://10.0.0.1:8786"),
    ],
    "keep-capture": [("0", TRUTH)],
    "native": [('"true"', TRUTH)],
    "allow-inconclusive": [("1", TRUTH)],
    "warn-only": [("[]", TRUTH)],
    "allow": [('"jobs.py:41"', "a list of texts"), ("true", "a list of texts")],
}
CONFIGURED = [(key, value, wanted) for key, rows in ROWS.items() for value, wanted in rows]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a-file").touch()
    (tmp_path / "jobs.py").write_text("def tick(): ...\n", encoding="utf-8")
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the one line with which the command refuses."""
    assert main([*arguments]) == 2
    shown = capsys.readouterr()
    assert not shown.out
    (line,) = shown.err.splitlines()
    return line


def test_every_key_of_the_configuration_has_its_mistakes() -> None:
    assert list(ROWS) == list(KINDS)


@pytest.mark.parametrize(("key", "value", "wanted"), CONFIGURED)
def test_a_mistake_in_the_configuration_names_file_key_value_and_what_is_allowed(
    key: str, value: str, wanted: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "pyproject.toml"
    file.write_text(f"[tool.leakcheck]\n{key} = {value}\n", encoding="utf-8")
    line = refused(capsys, "run", "jobs.py:tick")

    assert line.startswith(f"leakcheck: {file}: [tool.leakcheck] {key} = ")
    assert shown(value) in line
    assert wanted in line
    assert ", wanted " in line


def shown(value: str) -> str:
    """Return a value as an error shows it: as Python would write it."""
    words = {"true": "True", "[]": "[]"}
    return words.get(value, value.replace('"', "'").replace("\\u0000", "\\x00"))


RECORDS = ("judge", "why", "report", "compare", "verify-fix", "doctor")


@pytest.mark.parametrize("command", RECORDS)
def test_every_command_refuses_a_configuration_that_is_wrong(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "pyproject.toml"
    file.write_text("[tool.leakcheck]\njobs = 0\n", encoding="utf-8")
    records = {"doctor": [], "report": [], "compare": ["a", "b"]}.get(command, ["a"])

    assert f"{file}: [tool.leakcheck] jobs = 0" in refused(capsys, command, *records)


def test_completion_needs_no_configuration(
    folder: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (folder / "pyproject.toml").write_text("[tool.leakcheck]\njobs = 0\n", encoding="utf-8")

    assert main(["completion", "bash"]) == 0
    assert b"complete" in capsysbinary.readouterr().out


COMMANDED = {
    "run jobs.py:tick --iterations 0": "--iterations: found 0, wanted 1 or more",
    "run jobs.py:tick --exact-iterations -5": "--exact-iterations: found -5, wanted 1 or more",
    "run jobs.py:tick --cluster 10.0.0.1": "--cluster: found '10.0.0.1', wanted the address of a",
    "run jobs.py:tick --cluster tcp://a:1 --keep-capture": "--keep-capture: a capture stays on",
    "matrix jobs.py:tick --cluster a": "--cluster: found 'a', wanted the address of a Dask sched",
    "matrix jobs.py:tick --jobs 0": "--jobs: found 0, wanted 1 or more",
    "matrix jobs.py:tick --time-limit 0": "--time-limit: found 0.0, wanted more than 0 seconds",
    "matrix jobs.py:tick --profiler x": "--profiler: found 'x', wanted memray or none",
    "matrix jobs.py:tick --set 9=s3cret": "--set: found '9', wanted NAME=VALUE or NAME=VALUE,",
    "matrix jobs.py:tick --set A": "--set: found 'A', wanted NAME=VALUE or NAME=VALUE,VALUE,...",
    "matrix jobs.py:tick --set A=1 --set A=2": "--set: found A twice, wanted A=VALUE,VALUE,...",
    "matrix jobs.py:tick --python nope": "--python: found no 'nope' on PATH, wanted an interp",
    "matrix jobs.py:tick --json nowhere/v.json": f"--json: nowhere/v.json {FILE}",
    "matrix jobs.py:tick --junit nowhere/v.xml": f"--junit: nowhere/v.xml {FILE}",
    "matrix jobs.py:tick --out a-file": "a-file: cannot be used for run records (File exists), w",
    "run jobs.py:tick --jobs -1": "--jobs: found -1, wanted 1 or more",
    "run jobs.py:tick --time-limit nan": "--time-limit: found nan, wanted more than 0 seconds",
    "run jobs.py:tick --memory-limit 0": "--memory-limit: found '0', wanted a size of 1B or more",
    "run jobs.py:tick --python nope": "--python: found no 'nope' on PATH, wanted an interpreter",
    "run jobs.py:tick --python no/pe": "found no interpreter that answers (No such file",
    "run jobs.py:tick --out a-file": "a-file: cannot be used for run records (File exists), wanted",
    "run jobs.py:tick --junit nowhere/v.xml": f"--junit: nowhere/v.xml {FILE}",
    "exec --line x --iterations 0 -- cat": "--iterations: found 0, wanted 1 or more",
    "exec --line x --exact-iterations -1 cat": "--exact-iterations: found -1, wanted 1 or more",
    "exec --line x --time-limit inf cat": "--time-limit: found inf, wanted more than 0 seconds",
    "exec --line x --memory-limit 0 cat": "--memory-limit: found '0', wanted a size of 1B or more",
    "exec --line x --threshold 4apples cat": f"--threshold: found '4apples', wanted {SIZE}",
    "exec --line x --count-threshold 0 cat": "--count-threshold: found 0.0, wanted more than 0 an",
    "exec --line x --json nowhere/v.json cat": f"--json: nowhere/v.json {FILE}",
    "exec --line x --junit nowhere/v.xml cat": f"--junit: nowhere/v.xml {FILE}",
    "exec --line x --out a-file cat": "a-file: cannot be used for run records (File exists)",
    "exec --line x --until ( cat": "--until: found no regular expression (missing ), unterminated",
    "exec --signal NOPE cat": "--signal: found 'NOPE', wanted the name of a signal, such as USR1",
    "exec --signal KILL cat": "--signal: found 'KILL', wanted one that a program can handle",
    "exec --request /x cat": "--request: found no URL, wanted one such as 'GET http://127.0.0.1",
    "exec --request http://127.0.0.1:1/ --until x cat": "--until: found it with --request, wanted",
    "exec --line x --": "exec: found no command, wanted one after --: leakcheck exec ... --",
    "judge a --threshold 4apples": f"--threshold: found '4apples', wanted {SIZE}",
    "judge a --count-threshold 0": "--count-threshold: found 0.0, wanted more than 0 an iteration",
    "judge a --json nowhere/v.json": f"--json: nowhere/v.json {FILE}",
    "judge a --out nowhere": "'a': found no such record in nowhere and no such path",
    "why a --limit much": f"--limit: found 'much', wanted {SIZE}",
    "why a --rate 0": "--rate: found 0.0, wanted more than 0 iterations a second",
    "why a --json nowhere/v.json": f"--json: nowhere/v.json {FILE}",
    "why nothing": "'nothing': found no such record in .leakcheck and no such path",
    "report --out nowhere": "nowhere: found no run record there, wanted RECORD or a folder with",
    "report --format pdf": "--format: found 'pdf', wanted html or markdown or png or text",
    "compare a b --json nowhere/v.json": f"--json: nowhere/v.json {FILE}",
    "compare a b": "'a': found no such record in .leakcheck and no such path",
    "verify-fix a --python nope": "--python: found no 'nope' on PATH, wanted an interpreter",
    "verify-fix a --json nowhere/v.json": f"--json: nowhere/v.json {FILE}",
    "verify-fix a": "'a': found no such record in .leakcheck and no such path",
    "asgi web:app": "found no request, wanted --request 'GET /path', --requests FILE or --openapi",
    "asgi web --request /": "'web' is no application: wanted module:app, path/to/file.py:app or",
    "asgi web:app --request nope": "a request: found 'nope', wanted a method and a path, such as",
    "asgi web:app --request / --expect-status 99": "--expect-status: found 99, wanted a status of",
    "asgi web:app --request / --header Key": "a header: found no colon in it, wanted 'Name: value'",
    "asgi web:app --request / --server flask": "--server: found 'flask', wanted uvicorn",
    "asgi web:app --request / --jobs 0": "--jobs: found 0, wanted 1 or more",
    "asgi web:app --requests no.txt": "--requests: no.txt cannot be read (No such file or",
    "asgi web:app --openapi no.json": "--openapi: no.json cannot be read (No such file or",
    "wsgi web:app --request / --server uvicorn": "found 'uvicorn', wanted waitress or wsgiref",
    "wsgi web:app --request / --json nowhere/v.json": f"--json: nowhere/v.json {FILE}",
    "wsgi web:app --requests /dev/zero": "/dev/zero: found more than 1,048,576 B, wanted no more",
    "bisect jobs.py:tick --good v1 --iterations 0": "--iterations: found 0, wanted 1 or more",
    "bisect jobs.py:tick --good v1 --threshold much": f"--threshold: found 'much', wanted {SIZE}",
    "bisect jobs.py:tick --good v1 --time-limit -1": "--time-limit: found -1.0, wanted more than 0",
    "bisect jobs.py:tick --good v1 --python nope": "--python: found no 'nope' on PATH, wanted an",
    "bisect jobs.py:tick --good v1 --json nowhere/v.json": f"--json: nowhere/v.json {FILE}",
    "bisect jobs.py:tick --good v1 --repo nowhere": "found no git repository there",
    "bisect jobs.py:tick --package a --versions 1,-2 --good 1": "--versions: found '-2', wanted a",
    "bisect jobs.py:tick --package a --versions 1,2 --good 1 --cache a-file": "(File exists), wan",
    "watch": "watch: found nothing, wanted one of PID, --cgroup, --pidfile, --replay",
    "watch 1 --replay x": "watch: found PID and --replay, wanted one of PID, --cgroup",
    "watch shop": "watch: found 'shop', wanted the id of a process, a whole number above 0",
    "watch 0": "watch: found '0', wanted the id of a process",
    "watch 1 --interval 0": "--interval: found '0', wanted a time above 0, such as 30s, 10m, 2h",
    "watch 1 --for ever": "--for: found 'ever', wanted a time above 0, such as 30s, 10m, 2h or 7d",
    "watch 1 --cycle 5m": "--cycle: found '5m', wanted 0 or a time of 1h or more, such as 24h",
    "watch 1 --threshold 0/h": "--threshold: found '0', wanted a size above 0, such as 1MiB/h",
    "watch 1 --limit much": "--limit: found 'much', wanted a size above 0, such as 512MiB",
    "watch 1 --listen 9188": "--listen: found '9188', wanted ADDRESS:PORT, such as 127.0.0.1:9188",
    "watch 1 --webhook hooks": "--webhook: found no URL of http or https, wanted https://host/path",
    "watch 1 --json nowhere/v.json": f"--json: nowhere/v.json {FILE}",
    "watch 1 --record nowhere/w.jsonl": f"--record: nowhere/w.jsonl {FILE}",
    "watch --replay nowhere": "--replay: nowhere: cannot be read (No such file or directory), want",
    "watch --replay a-file": "--replay: a-file: found no reading, wanted one or more",
    "watch --replay jobs.py": "--replay: jobs.py:1: found 'def tick(): ...\\n', wanted {",
    "watch --cgroup nowhere": "--cgroup: found no memory.stat and cgroup.procs in nowhere, wanted",
    "doctor --python nope": "--python: found no 'nope' on PATH, wanted an interpreter",
    "doctor --python no/pe": "found no interpreter that answers (No such file",
    "doctor --json nowhere/v.json": f"--json: nowhere/v.json {FILE}",
}


@pytest.mark.parametrize(("typed", "said"), COMMANDED.items())
@pytest.mark.usefixtures("folder")
def test_a_mistake_on_the_command_line_names_option_value_and_what_is_allowed(
    typed: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in refused(capsys, *typed.split())
