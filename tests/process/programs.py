"""What the tests of `leakcheck exec` start, and how."""

import socket
import sys
from pathlib import Path

ONE = Path(__file__).parents[2] / "bench" / "outside" / "one.py"
SHORT = ("--exact-iterations", "400")
PING = ("--line", "ping")


def one(*words: str) -> tuple[str, ...]:
    """Return the words of a program of bench/outside/one.py."""
    return ("--", sys.executable, str(ONE), *words)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def get(port: int, more: str = "") -> tuple[str, str]:
    """Return the options that ask for a request to a port."""
    return ("--request", f"GET http://127.0.0.1:{port}/{more}")
