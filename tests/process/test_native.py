"""`--native`: a leak in native code is run again, and what that run shows is told and kept."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from leakcheck.cli import main
from leakcheck.model.native import NativeFrame
from leakcheck.model.verdict import Verdict
from tests.process.command import Desk, Ran
from tests.process.test_interruption import await_under_way
from tests.process.test_pages import nodes
from tests.process.workloads import UNDER_WAY

pytestmark = pytest.mark.slow  # each runs a leak twice, and reads the stacks of native code

PAGE = "growth-native.html"
COMPRESSORS = """
import zlib

KEPT = []

def tick():
    KEPT.append(zlib.compressobj())
"""
COPIES = """
import ctypes

libc = ctypes.CDLL(None)

def strdup():
    libc.strdup(b"x" * 70)

def malloc():
    libc.malloc(100)
"""
PURE = """
KEPT = []

def tick():
    KEPT.append(bytearray(100))
"""
SECOND_RUN = """
import os, pathlib, time, zlib

KEPT, MARK = [], pathlib.Path("ran-once")
IS_SECOND = MARK.exists()
MARK.touch()
{at_import}

def tick():
    if IS_SECOND and len(KEPT) == 5:
        {at_five}
    KEPT.append(zlib.compressobj())
"""
NODES = """
#include <stdlib.h>

static void *new_node(size_t size) { return calloc(1, size); }
void *(*volatile make)(size_t) = new_node;
int parse(void) { return make(80) != 0; }
"""
COMPILED = """
import ctypes

library = ctypes.CDLL("./libnodes.so")

def tick():
    library.parse()
"""
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")


def native_run(desk: Desk, text: str, name: str = "tick", *options: str) -> Ran:
    desk.write("jobs.py", text)
    return desk.run(f"jobs.py:{name}", "--native", *options)


def second_run(at_import: str = "", at_five: str = "pass") -> str:
    """Return a workload that leaks at once, and does something else when it is run again."""
    return SECOND_RUN.format(at_import=at_import, at_five=at_five)


def frames_of(ran: Ran) -> list[NativeFrame]:
    native = ran.record.measurement.native
    assert native is not None
    return [frame for site in native.sites for frame in site.native]


def pages_of(desk: Desk, ran: Ran) -> set[str]:
    return {file.name for file in (desk.store.out / ran.record.id).iterdir()}


def test_the_functions_that_allocate_stand_below_the_line_and_in_the_json(desk: Desk) -> None:
    ran = native_run(desk, COMPRESSORS, "tick", "--json", "verdicts.json")
    (verdict,) = desk.json()["verdicts"]
    (cause,) = verdict["explanation"]["causes"]
    line = next(line for line in ran.out.splitlines() if "  inside " in line)

    assert (ran.code, verdict["verdict"]) == (1, "LEAK")
    assert line.strip().endswith("-> malloc")
    assert cause["native"][0]["allocator"] == "malloc"
    assert cause["native"][0]["frames"][-1]["function"] in line
    assert cause["native"][0]["bytes_per_iteration"] == pytest.approx(268_000, rel=0.02)
    assert "next: run again" not in ran.out
    assert "0x" not in ran.out + json.dumps(cause)


def test_a_page_of_the_growth_with_native_stacks_is_drawn_and_the_capture_goes(desk: Desk) -> None:
    ran = native_run(desk, COMPRESSORS)
    there = pages_of(desk, ran)
    page = (desk.store.out / ran.record.id / PAGE).read_text(encoding="utf-8")
    functions = {bar["function"] for bar in nodes(page)}

    assert {"growth.html", PAGE} <= there
    assert PAGE in ran.out
    assert "tick" in functions
    assert functions & {frame.function for frame in frames_of(ran)}
    assert not [name for name in there if name.endswith(".bin") or "sites" in name]


def test_why_tells_it_again_from_the_record(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = native_run(desk, COMPRESSORS)
    monkeypatch.chdir(desk.folder)

    assert main(["why", ran.record.id, "--out", "records"]) == 1
    told = [line for line in capsys.readouterr().out.splitlines() if "inside" in line]
    assert told == [line for line in ran.out.splitlines() if "inside" in line] != []


def test_without_it_there_is_no_second_run_and_no_native_frame_but_a_hint(desk: Desk) -> None:
    desk.write("jobs.py", COMPRESSORS)
    ran = desk.run("jobs.py:tick")
    page = (desk.store.out / ran.record.id / "growth.html").read_text(encoding="utf-8")

    assert "next: run again with --native to see which native function allocates" in ran.out
    assert "inside" not in ran.out
    assert frames_of(ran) == []
    assert PAGE not in pages_of(desk, ran)
    assert {Path(bar["file"]).name for bar in nodes(page)[1:]} == {"jobs.py"}


def test_a_configuration_may_ask_for_it(desk: Desk) -> None:
    desk.write("pyproject.toml", "[tool.leakcheck]\nnative = true\n")
    desk.write("jobs.py", COMPRESSORS)
    ran = desk.run("jobs.py:tick")

    assert ran.record.plan.native
    assert frames_of(ran) != []


def test_a_copy_made_by_the_c_library_is_traced_to_it(desk: Desk) -> None:
    ran = native_run(desk, COPIES, "strdup")

    assert ran.record.judgement.verdict is Verdict.LEAK
    assert [(Path(frame.library).name[:4], "strdup" in frame.function) for frame in frames_of(ran)][
        :1
    ] == [("libc", True)]
    assert "inside libc" in ran.out


def test_what_memray_does_not_see_is_not_run_again_and_a_line_says_so(desk: Desk) -> None:
    ran = native_run(desk, COPIES, "malloc")

    assert ran.record.judgement.verdict is Verdict.LEAK
    assert "no native stacks: not run again" in ran.out
    assert "next: run again" not in ran.out
    assert frames_of(ran) == []


def test_a_leak_of_plain_python_objects_is_not_run_again_and_nothing_is_said(desk: Desk) -> None:
    ran = native_run(desk, PURE)

    assert ran.code == 1
    assert ran.record.measurement.native is None
    said = [line for line in ran.out.splitlines() if "leakcheck run" not in line]
    assert "native" not in "".join(said)
    assert PAGE not in pages_of(desk, ran)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (second_run(at_five="os.abort()"), "the second run was killed by SIGABRT at iteration 6"),
        (second_run(at_five="raise ValueError"), "the second run raised ValueError at iteration 6"),
        (second_run(at_import="assert not IS_SECOND"), "the second run failed (jobs.py:tick: "),
        (second_run(at_five="KEPT.pop()"), "nothing grew steadily in the second run"),
    ],
)
def test_a_second_run_that_fails_costs_the_native_stacks_only(
    desk: Desk, text: str, said: str
) -> None:
    ran = native_run(desk, text)

    assert ran.code == 1
    assert ran.record.judgement.verdict is Verdict.LEAK
    assert f"no native stacks: {said}" in ran.out
    assert "inside" not in ran.out


def test_an_interrupt_in_the_second_run_keeps_the_record_of_the_first(desk: Desk) -> None:
    slow = f"open({UNDER_WAY!r}, 'w').close(); time.sleep(600)"
    desk.write("jobs.py", second_run(at_five=slow))
    running = desk.start("jobs.py:tick", "--native")
    await_under_way(running)
    running.popen.send_signal(signal.SIGINT)
    ran = running.end()

    assert ran.code == 130
    assert (ran.left, ran.temporary) == ([], [])
    assert ran.record.judgement.verdict is Verdict.LEAK
    assert "no native stacks: the second run was interrupted" in ran.out


@needs_compiler
@pytest.mark.parametrize(
    ("options", "inner"), [(("-g",), "new_node (nodes.c:4)"), (("-s",), "(no symbol)")]
)
def test_a_library_shows_what_its_symbols_and_debug_information_tell(
    desk: Desk, options: tuple[str, ...], inner: str
) -> None:
    source = desk.write("nodes.c", NODES)
    flags = ["-O1", "-fno-optimize-sibling-calls", "-fPIC", "-shared", *options]
    subprocess.run(["cc", *flags, "-o", "libnodes.so", source], cwd=desk.folder, check=True)
    ran = native_run(desk, COMPILED)

    assert f"inside libnodes.so: parse -> {inner} -> calloc" in ran.out
