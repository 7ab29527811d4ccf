"""The programs, and asking of each whether it leaks."""

import os
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from leakcheck.check import Settings
from leakcheck.check_program import check_program
from leakcheck.model.options import Options
from leakcheck.model.verdict import Verdict
from leakcheck.run.program.order import Line, Order, Signal, request_of, signal_named

ONE = str(Path(__file__).with_name("one.py"))
PATIENCE_S = 600.0
"""What ends a run is to be its answer, and not how busy the machine is."""
PING = Line(text="ping")
AWK = ("awk", "-W", "interactive")
"""mawk waits for a full buffer otherwise; others take no notice."""
CLEAN = {
    "cat": ("lines", "cat"),
    "awk": ("lines", *AWK, "{ print; fflush() }"),
    "sed": ("lines", "sed", "-u", "s/i/o/"),
    "sh": ("lines", "sh", "-c", "while read x; do y=$x$x; echo $y; done"),
    "sh, a command each": ("lines", "sh", "-c", "while read x; do echo $x | tr a-z A-Z; done"),
    **{
        f"Python lines, {way}": ("lines", sys.executable, ONE, "lines", way)
        for way in (
            "nothing",
            "churn",
            "large",
            "cache",
            "in_a_thread",
            "in_a_fork",
            "in_a_command",
        )
    },
    "Python signals, churn": ("signals", sys.executable, ONE, "signals", "churn"),
    "Python server, nothing": ("serve", sys.executable, ONE, "serve", "nothing"),
    "Python server, churn": ("serve", sys.executable, ONE, "serve", "churn"),
    "Python pool, churn": ("serve", sys.executable, ONE, "pool", "churn"),
}
LEAK = {
    "awk, an array": ("lines", *AWK, '{ a[NR] = sprintf("%1000s", $0); print; fflush() }'),
    "sh, a variable": (
        "lines",
        *(
            "sh",
            "-c",
            'k=$(head -c 1000 /dev/zero | tr "\\0" x); while read x; do a=$a$k; echo $x; done',
        ),
    ),
    **{
        f"Python lines, {way}": ("lines", sys.executable, ONE, "lines", way)
        for way in (
            "leak_1000",
            "leak_1000_and_churn",
            "leak_rarely",
            "leak_descriptor",
            "leak_descriptor_rarely",
            "leak_thread",
            "leak_child",
            "leak_zombie",
            "leak_orphan",
        )
    },
    "Python signals, leak_1000": ("signals", sys.executable, ONE, "signals", "leak_1000"),
    "Python server, leak_1000": ("serve", sys.executable, ONE, "serve", "leak_1000"),
    "Python pool, leak_1000": ("serve", sys.executable, ONE, "pool", "leak_1000"),
}


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def order_of(kind: str, *words: str) -> Order:
    """Return what is asked of a program."""
    if kind == "serve":
        port = free_port()
        request = request_of(f"GET http://127.0.0.1:{port}/")
        return Order(words=(*words, str(port)), trigger=request)
    signal = Signal(number=signal_named("USR1"))
    return Order(words=words, trigger=PING if kind == "lines" else signal)


def asked(times: int, out: Path) -> Iterator[str]:
    """Yield a line about each program, and one on them all."""
    total: Counter[tuple[str, Verdict]] = Counter()
    settings = Settings(out=out, variables=os.environ, commanded=Options(time_limit_s=PATIENCE_S))
    for truth, programs in (("clean", CLEAN), ("leak", LEAK)):
        for name, words in programs.items():
            for _ in range(times):
                began = time.monotonic()
                (checked,) = check_program(
                    order_of(*words),
                    settings,
                    observe=lambda _: None,
                    done=lambda _: None,
                    interrupted=threading.Event(),
                )
                found = checked.record.judgement
                total[truth, found.verdict] += 1
                bound = found.smallest_detectable_bytes_per_iteration or float("nan")
                rate = found.growth.estimate if found.growth else float("nan")
                yield (
                    f"{truth:6} {name:36} {found.verdict:13} {rate:10.1f} B bound {bound:8.1f} B "
                    f"{found.iterations:6,} in {time.monotonic() - began:5.1f} s"
                )
    yield ", ".join(f"{truth}: {verdict} {n}" for (truth, verdict), n in sorted(total.items()))
