"""The command line: arguments, printing and exit codes, and the only place for them."""

from leakcheck.cli.main import main

__all__ = ["main"]
