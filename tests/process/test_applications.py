"""An application under its own server: each route has a verdict, and only what leaks is a LEAK."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from leakcheck.analysis.explanation import explain_record
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import Signal
from leakcheck.model.verdict import Verdict
from tests.process.command import QUICK, Desk, Ran
from tests.process.shop import FAST, FLASK, SHOP

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def asgi(desk: Desk) -> Desk:
    desk.write("shop.py", SHOP)
    return replace(desk, command="asgi")


@pytest.fixture
def wsgi(asgi: Desk) -> Desk:
    return replace(asgi, command="wsgi")


def line_of(route: str) -> int:
    lines = SHOP.splitlines()
    return next(number for number, line in enumerate(lines, 1) if f"# grows: {route}" in line)


def of_routes(ran: Ran) -> dict[str, RunRecord]:
    return {record.plan.target: record for record in ran.records}


def growing_lines(record: RunRecord) -> set[tuple[str, int]]:
    causes = explain_record(record).causes
    return {(Path(cause.line.file).name, cause.line.line) for cause in causes}


@pytest.mark.slow
def test_of_two_routes_only_the_one_that_leaks_is_a_leak_and_has_its_line(asgi: Desk) -> None:
    ran = asgi.run("shop.py:app", "--request", "GET /health", "--request", "/list", "--jobs", "2")
    found = of_routes(ran)

    assert ran.code == 1
    assert found["asgi shop.py:app GET /health"].judgement.verdict is Verdict.CLEAN
    leak = found["asgi shop.py:app GET /list"]
    assert leak.judgement.verdict is Verdict.LEAK
    assert growing_lines(leak) == {("shop.py", line_of("/list"))}
    assert "driven over loopback: uvicorn " in leak.measurement.notes[-1]
    assert "answered each request with 200" in leak.measurement.notes[-1]
    assert "leakcheck asgi shop.py:app --request 'GET /list'" in ran.out
    assert (asgi.folder / "shut-down").exists()


@pytest.mark.slow
def test_a_cache_grows_where_each_request_asks_for_something_else(asgi: Desk) -> None:
    ran = asgi.run("shop.py:make_app()", "--request", "/cache?q={n}", "--exact-iterations", "400")

    assert ran.record.plan.target == "asgi shop.py:make_app() GET /cache?q={n}"
    assert ran.record.judgement.verdict is Verdict.LEAK
    assert ("shop.py", line_of("/cache")) in growing_lines(ran.record)


@pytest.mark.parametrize("server", ["waitress", pytest.param("wsgiref", marks=pytest.mark.slow)])
def test_a_leak_behind_wsgi_has_its_line_too(server: str, wsgi: Desk) -> None:
    ran = wsgi.run(
        *("shop.py:old", "--request", "/list", "--server", server, "--exact-iterations", "400")
    )

    assert ran.code == 1
    assert ran.record.plan.target == "wsgi shop.py:old GET /list"
    assert growing_lines(ran.record) == {("shop.py", line_of("/list"))}
    assert f"driven over loopback: {server} " in ran.record.measurement.notes[-1]


@pytest.mark.parametrize(
    ("route", "signal_"),
    [
        ("/file", Signal.DESCRIPTORS),
        ("/task", Signal.TASKS),
        ("/thread", Signal.THREADS),
        pytest.param("/spawn", Signal.CHILDREN, marks=pytest.mark.slow),
    ],
)
def test_what_is_left_behind_by_each_request_is_counted(
    route: str, signal_: Signal, asgi: Desk
) -> None:
    # Processes that are forked share what they hold, and it counts for each of them.
    ran = asgi.run("shop.py:app", "--request", route, *QUICK, "--memory-limit", "64GiB")

    assert ran.code == 1
    assert ran.record.judgement.trends[signal_].verdict is Verdict.LEAK
    assert round(ran.record.judgement.trends[signal_].growth.estimate, 1) == 1


def test_memory_that_grows_in_a_worker_is_a_leak_and_said_to_be_there(asgi: Desk) -> None:
    ran = asgi.run("shop.py:app", "--request", "/worker", *QUICK)

    assert ran.code == 1
    assert ran.record.judgement.trends[Signal.RSS].growth.estimate == pytest.approx(40_000, rel=0.2)
    assert "most is in processes that it started" in ran.out


@pytest.mark.parametrize(
    ("route", "options", "wanted"),
    [
        (
            "/missing",
            (),
            "answered with 404, wanted less than 400, or --expect-status 404 (request 1)",
        ),
        ("/twice", (), "answered with 404, wanted 200 (request 5)"),
        ("/health", ("--expect-status", "204"), "answered with 200, wanted 204 (request 1)"),
        ("/endless", (), "the response is longer than 67,108,864 B, and was given up (request 1)"),
    ],
)
def test_a_response_that_is_not_as_expected_is_an_error(
    route: str, options: tuple[str, ...], wanted: str, asgi: Desk
) -> None:
    ran = asgi.run("shop.py:app", "--request", route, *options, *QUICK)

    assert ran.code == 4
    assert ran.record.judgement.verdict is Verdict.ERROR
    assert f"GET {route}: {wanted}" in ran.out


@pytest.mark.parametrize(("command", "application"), [("asgi", "app"), ("wsgi", "old")])
def test_what_an_application_says_of_its_failure_is_shown(
    command: str, application: str, asgi: Desk
) -> None:
    desk = replace(asgi, command=command)
    ran = desk.start(f"shop.py:{application}", "--request", "/bad", *QUICK).end()

    assert ran.code == 4
    assert "answered with 500, wanted less than 400, or --expect-status 500" in ran.out
    assert "ValueError: it went wrong" in ran.err
    assert "it went wrong" not in repr(ran.record)


def test_an_error_that_is_wanted_is_measured(asgi: Desk) -> None:
    ran = asgi.run("shop.py:app", "--request", "/missing", "--expect-status", "404", *QUICK)

    assert ran.record.measurement.iterations == 300
    assert "answered each request with 404" in ran.out


def test_a_handler_that_never_answers_is_ended_by_the_time_limit(asgi: Desk) -> None:
    ran = asgi.run("shop.py:app", "--request", "/never", *QUICK, "--time-limit", "1")

    assert ran.code == 4
    assert "iteration 1 was still running 5 s past the time limit of 1 s" in ran.out


def test_an_application_that_ends_its_process_is_told_as_any_workload(asgi: Desk) -> None:
    ran = asgi.run("shop.py:app", "--request", "/exit", *QUICK)

    assert ran.code == 4
    assert "ended its own process at iteration 1, with exit code 7" in ran.out


def test_a_start_up_that_fails_is_an_error_with_what_was_said(asgi: Desk) -> None:
    ran = asgi.run("shop.py:fails_to_start", "--request", "/", *QUICK)

    assert ran.code == 4
    assert "the application's start-up failed (lifespan)" in ran.out
    assert "no database" in ran.err


REFUSED = {
    "shop.py:nothing": "shop.py: found no 'nothing' in it, wanted",
    "elsewhere.web:app": "elsewhere.web: found no module 'elsewhere', wanted one importable",
    "shop.py:NOT_ONE": "shop.py:NOT_ONE: found int, wanted a function",
    "shop.py:make_app": "shop.py:make_app: found a function without arguments, wanted an "
    "application: shop.py:make_app() calls it",
    "shop.py:old": "shop.py:old: found no ASGI application, wanted one: `leakcheck wsgi` drives",
    "shop.py": "'shop.py' is no application: wanted module:app, path/to/file.py:app or module:",
}


@pytest.mark.parametrize(("application", "wanted"), REFUSED.items(), ids=REFUSED)
def test_what_is_no_application_is_refused(application: str, wanted: str, asgi: Desk) -> None:
    ran = asgi.run(application, "--request", "/")

    assert ran.code == 2
    assert wanted in ran.complaint
    assert ran.records == []


def test_an_asgi_application_is_refused_by_the_other_command(wsgi: Desk) -> None:
    ran = wsgi.run("shop.py:app", "--request", "/")

    assert ran.code == 2
    assert "found no WSGI application, wanted one: `leakcheck asgi` drives" in ran.complaint


def test_a_server_that_is_not_installed_is_asked_for(asgi: Desk) -> None:
    site = asgi.folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(name, *_):\n"
        "        if name == 'uvicorn': raise ModuleNotFoundError(name)\n"
        "import importlib.util as found\n"
        "before = found.find_spec\n"
        "found.find_spec = lambda name, *a: None if name == 'uvicorn' else before(name, *a)\n"
    )
    ran = asgi.run("shop.py:app", "--request", "/", variables={"PYTHONPATH": str(site)})

    assert ran.code == 2
    assert f"uvicorn is not installed in {sys.executable}: {sys.executable} -m pip" in ran.complaint


def test_no_secret_is_in_anything_that_is_written_or_printed(asgi: Desk) -> None:
    options = (
        "--json",
        "verdicts.json",
        "--junit",
        "junit.xml",
        "--html",
        "--expect-status",
        "200",
    )
    ran = asgi.run(
        *("shop.py:app", "--request", "GET /secret?token=s3cret-2"),
        *("--header", "Authorization: Bearer s3cret-1", *QUICK, *options),
    )
    files = [file for file in asgi.folder.rglob("*") if file.is_file()]
    written = [file for file in files if file.name != "shop.py" and file.suffix != ".pyc"]

    assert ran.record.measurement.iterations == 300
    assert ran.record.plan.target == "asgi shop.py:app GET /secret?token=***"
    assert len(written) > 4
    assert [file for file in written if b"s3cret-" in file.read_bytes()] == []
    assert "s3cret-" not in ran.out + ran.err


def test_a_path_leads_out_of_no_folder_and_changes_no_terminal(asgi: Desk) -> None:
    before = {path.name for path in asgi.folder.parent.iterdir()}
    ran = asgi.run("shop.py:app", "--request", "GET /../../a\x1b[31m;b:c/..%00", *QUICK)

    assert ran.record.measurement.iterations == 300
    assert "\x1b" not in ran.out + ran.err
    assert {path.name for path in asgi.folder.parent.iterdir()} == before
    assert {path.parent for path in asgi.folder.rglob("record.json")} == {
        asgi.folder / "records" / ran.record.id
    }


def test_interrupting_ends_the_application_and_its_workers(asgi: Desk) -> None:
    running = asgi.start("shop.py:app", "--request", "/worker", "--iterations", "1000000")
    while len(running.processes()) < 2:
        time.sleep(0.05)
    running.popen.send_signal(signal.SIGTERM)
    ran = running.end()

    assert ran.code == 130
    assert ran.left == []
    assert ran.temporary == []


@pytest.mark.slow
def test_an_application_is_asked_for_its_own_routes(asgi: Desk) -> None:
    asgi.write("fast.py", FAST)
    ran = asgi.run("fast.py:app", "--openapi", "--all-methods", *QUICK)

    assert "asking fast.py:app for /openapi.json" in ran.err
    assert set(of_routes(ran)) == {
        "asgi fast.py:app GET /health",
        "asgi fast.py:app GET /items/1?page=***",
        "asgi fast.py:app POST /items ***",
    }
    leaks = [r.plan.target for r in ran.records if r.judgement.verdict is Verdict.LEAK]
    assert leaks == ["asgi fast.py:app GET /items/1?page=***"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "name", "text"), [("asgi", "fast.py", FAST), ("wsgi", "flasks.py", FLASK)]
)
def test_what_a_framework_does_for_a_request_is_no_leak(
    command: str, name: str, text: str, desk: Desk
) -> None:
    desk.write(name, text)
    desk = replace(desk, command=command)
    ran = desk.run(f"{name}:app", "--request", "/health", "--threshold", "64B")

    assert ran.record.judgement.verdict is Verdict.CLEAN


@pytest.mark.slow
def test_the_route_that_makes_reports_leaks_in_the_first_release_and_not_in_the_current_one(
    desk: Desk,
) -> None:
    desk = replace(desk, command="asgi", variables={"PYTHONPATH": str(PROJECT)})
    asked = ("bench.workloads.service.application:create()", "--request", "POST /api/reports")
    short = ("--profiler", "none", "--exact-iterations", "256", "--threshold", "512B")
    first, current = (
        desk.run(*asked, *short, variables={"SYSTEM_RELEASE": release})
        for release in ("1.0.0", "current")
    )

    assert first.code == 1
    assert "Service.registry -> RunRegistry" in first.out
    growth = current.records[-1].judgement.growth
    assert growth is not None
    assert growth.high < 512


def test_an_application_without_a_document_is_an_error(asgi: Desk) -> None:
    ran = asgi.run("shop.py:app", "--openapi", "/missing")

    assert ran.code == 4
    assert "asgi shop.py:app GET /missing: GET /missing: answered with 404" in ran.err


def test_what_is_no_document_is_refused(asgi: Desk) -> None:
    ran = asgi.run("shop.py:app", "--openapi", "/health")

    assert ran.code == 2
    assert "shop.py:app /health: found no JSON" in ran.err


def test_a_file_of_requests_is_read_with_its_bodies(asgi: Desk) -> None:
    asgi.write("item.json", "[1]")
    asgi.write("shop.txt", "# the shop\n/health\nPUT /list\n  X-Key: 1\n  @item.json\n")
    ran = asgi.run("shop.py:app", "--requests", "shop.txt", *QUICK)

    assert set(of_routes(ran)) == {"asgi shop.py:app GET /health", "asgi shop.py:app PUT /list ***"}


def test_a_route_is_not_verified_without_its_headers_but_said_how_to_be(asgi: Desk) -> None:
    ran = asgi.run("shop.py:app", "--request", "/list", *QUICK)
    found = subprocess.run(
        [sys.executable, "-m", "leakcheck", "verify-fix", f"records/{ran.record.id}"],
        cwd=asgi.folder,
        check=False,
        capture_output=True,
        text=True,
    )

    assert found.returncode == 2
    again = "leakcheck asgi shop.py:app --request 'GET /list' --exact-iterations 300"
    assert again in found.stderr
    assert f"then leakcheck compare {ran.record.id} NEW" in found.stderr


@pytest.mark.parametrize("command", ["judge", "why"])
def test_the_record_of_a_route_is_read_again_as_any_other(asgi: Desk, command: str) -> None:
    ran = asgi.run("shop.py:app", "--request", "/list", *QUICK)
    found = subprocess.run(
        [sys.executable, "-m", "leakcheck", command, f"records/{ran.record.id}"],
        cwd=asgi.folder,
        check=False,
        capture_output=True,
        text=True,
    )

    assert found.returncode == ran.code
    assert found.stdout.startswith(f"{ran.record.judgement.verdict}")
    assert "asgi shop.py:app GET /list" in found.stdout


def test_a_route_is_no_target_of_run(desk: Desk) -> None:
    ran = desk.run("wsgi shop.py:app GET /a?b=***")

    assert ran.code == 2
    assert "`leakcheck wsgi shop.py:app --request 'GET /a?b=***'`, with what ***" in ran.complaint
