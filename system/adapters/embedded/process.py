"""Starting and ending the embedded servers, each a process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import IO

from system.errors import EmbeddedServerError

__all__ = ["QUOTES_SERVER", "REDIS_SERVER", "EmbeddedServer"]

_HERE = Path(__file__).parent
REDIS_SERVER = _HERE / "redis_server.py"
QUOTES_SERVER = _HERE / "quotes_server.py"

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0


class EmbeddedServer:
    """A server in a process of its own, started at once and ready when it has said its port."""

    def __init__(self, program: Path) -> None:
        """Start that program. It lives until :meth:`stop`, or until this process is gone."""
        self._name = program.stem
        # -P: the program's own folder must not come before the installed packages it imports.
        # asyncio's own subprocesses would cost a waiting thread each on Python 3.11.
        self._process = subprocess.Popen(  # noqa: S603  our own files, no shell
            [sys.executable, "-P", str(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the service, which then stops its servers
        )

    @property
    def pid(self) -> int:
        """The id of the server's process."""
        return self._process.pid

    async def port(self) -> int:
        """Return the port the server listens on, as soon as it does; to be asked once.

        Raises:
            EmbeddedServerError: it ended, or said nothing for 30 seconds.
        """
        if self._process.stdout is None:  # it is a pipe: this tells the type checker
            raise EmbeddedServerError(self._name)
        try:
            async with asyncio.timeout(_START_SECONDS):
                line = await _first_line(self._process.stdout)
        except TimeoutError as error:
            msg = f"{self._name}: no port after {_START_SECONDS:.0f} s, want one"
            raise EmbeddedServerError(msg) from error
        if not line.strip().isdigit():
            msg = f"{self._name}: said {line!r}, want a port"
            raise EmbeddedServerError(msg)
        return int(line)

    def stop(self) -> None:
        """End the server and return once it is gone: milliseconds, since it has nothing to save."""
        self._process.kill()
        self._process.wait(_STOP_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


async def _first_line(pipe: IO[bytes]) -> bytes:
    reader = asyncio.StreamReader()
    transport, _protocol = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    try:
        return await reader.readline()
    finally:
        transport.close()
