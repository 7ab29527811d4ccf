"""A program in one of many ways: `python one.py WAY [PORT]`; it leaks where the way says so."""

import http.server
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

KEPT: list[object] = []
CACHE: "OrderedDict[int, bytes]" = OrderedDict()
CHANCE = random.Random(7)  # noqa: S311 -- sizes, not secrets


def nothing(_: int) -> None:
    """Keep nothing."""


def churn(_: int) -> None:
    """Make and drop lists and texts of random sizes."""
    for _ in range(20):
        json.loads(json.dumps(["x" * CHANCE.randrange(200)] * CHANCE.randrange(50)))


def large(_: int) -> None:
    """Make and drop up to 4 MB at once."""
    bytearray(CHANCE.randrange(4_000_000))


def cache(number: int) -> None:
    """Keep the newest thousand, which are full long before the first verdict."""
    CACHE[number] = bytes(CHANCE.randrange(1000, 3000))
    if len(CACHE) > 500:
        CACHE.popitem(last=False)


def in_a_thread(number: int) -> None:
    """Work in a thread that ends: each may have an arena of malloc's."""
    worker = threading.Thread(target=churn, args=(number,))
    worker.start()
    worker.join()


def in_a_fork(number: int) -> None:
    """Work in a process that ends."""
    pid = os.fork()
    if not pid:
        churn(number)
        os._exit(0)
    os.waitpid(pid, 0)


def in_a_command(_: int) -> None:
    """Start a command, and wait for it."""
    subprocess.run(["true"], check=True)


def leak_1000(_: int) -> None:
    """Keep 1,000 bytes."""
    KEPT.append(bytearray(1000))


def leak_10000(_: int) -> None:
    """Keep 10,000 bytes."""
    KEPT.append(bytearray(10_000))


def leak_100000(_: int) -> None:
    """Keep 100,000 bytes."""
    KEPT.append(bytearray(b"x") * 100_000)


def leak_1000_and_churn(number: int) -> None:
    """Keep 1,000 bytes among temporaries."""
    churn(number)
    KEPT.append(bytearray(1000))


def leak_rarely(number: int) -> None:
    """Keep 200 kB, once in a hundred."""
    if number % 100 == 99:
        KEPT.append(bytearray(os.urandom(200_000)))


def leak_descriptor(_: int) -> None:
    """Keep a descriptor."""
    KEPT.append(os.open(os.devnull, os.O_RDONLY))


def leak_descriptor_rarely(number: int) -> None:
    """Keep a descriptor, once in fifty."""
    if number % 50 == 0:
        KEPT.append(os.open(os.devnull, os.O_RDONLY))


def leak_thread(number: int) -> None:
    """Keep a thread, once in ten."""
    if number % 10 == 0:
        threading.Thread(target=time.sleep, args=(10_000,), daemon=True).start()


def leak_child(number: int) -> None:
    """Keep a process, once in twenty."""
    if number % 20 == 0:
        KEPT.append(subprocess.Popen(["sleep", "10000"]))


def leak_zombie(number: int) -> None:
    """Keep a process that has ended, once in twenty."""
    if number % 20 == 0 and not os.fork():
        os._exit(0)


def leak_orphan(number: int) -> None:
    """Start a daemon that nobody ends, once in twenty."""
    if number % 20 == 0:
        subprocess.run(["sh", "-c", "setsid sleep 10000 <&- >&- 2>&- &"], check=True)


def lines(work: Callable[[int], None]) -> None:
    """Answer each line with one."""
    for number, _ in enumerate(sys.stdin):
        work(number)
        print("done", flush=True)


def signals(work: Callable[[int], None]) -> None:
    """Work at each SIGUSR1."""
    numbers = iter(range(10**9))
    signal.signal(signal.SIGUSR1, lambda *_: work(next(numbers)))
    while True:
        signal.pause()


def serve(work: Callable[[int], None], *, workers: int = 0) -> None:
    """Answer each request, in a thread; in one of so many processes, if there are any."""
    numbers = iter(range(10**9))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            work(next(numbers))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[3])), Handler)
    for _ in range(workers):
        if not os.fork():
            break
    server.serve_forever()


if __name__ == "__main__":
    kind, way = sys.argv[1:3]
    if kind == "pool":
        serve(globals()[way], workers=3)
    {"lines": lines, "signals": signals, "serve": serve}[kind](globals()[way])
