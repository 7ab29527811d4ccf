"""A Redis of the service's own: fakeredis behind TCP, as a process. Run as a file, not imported.

Prints the port it listens on, on loopback, and ends when its standard input does: with its parent,
however the parent ended. Keys in it expire by real time, so nothing in the service expires.
"""

from __future__ import annotations

import os
import sys
import threading


def main() -> None:
    """Serve until standard input ends."""
    # fakeredis takes numpy in when it finds it, for vector sets: a third of a second for nothing.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    from fakeredis import TcpFakeServer  # noqa: PLC0415  after the line above, or it is no use

    server = TcpFakeServer(("127.0.0.1", 0))
    # It answers pipelined commands one by one: each answer would wait 40 ms for the one before.
    server.RequestHandlerClass.disable_nagle_algorithm = True  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # its threads, one a connection, are not daemons and would be waited for


if __name__ == "__main__":
    main()
