"""`leakcheck`: from arguments to an exit code."""

import io
import os
import sys
import traceback

from leakcheck.cli.arguments import parse
from leakcheck.cli.exit_codes import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_USAGE
from leakcheck.cli.screen import say, screen_on
from leakcheck.model.errors import LeakcheckError, UsageError


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal cannot show costs that name, not the verdict.
        sys.stdout.reconfigure(errors="backslashreplace")
    console, errors = (screen_on(file, os.environ) for file in (sys.stdout, sys.stderr))
    try:
        return parse(arguments).do(console, errors)
    except UsageError as error:
        say(errors, f"leakcheck: {error}")
        return EXIT_USAGE
    except LeakcheckError as error:
        say(errors, f"leakcheck: {error}")
        return EXIT_ERROR
    except KeyboardInterrupt:
        say(errors, "leakcheck: interrupted")
        return EXIT_INTERRUPTED
    except OSError as error:
        # A full or forbidden temporary folder, too many open files, a working folder that is gone.
        say(errors, f"leakcheck: the machine refused ({error})")
        return EXIT_ERROR
    except Exception:  # noqa: BLE001 -- a bug: Python's own exit code for it is 1, which means LEAK
        traceback.print_exc()
        return EXIT_ERROR
