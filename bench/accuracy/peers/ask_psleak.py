"""psleak, with its defaults: `python -m bench.accuracy.peers.ask_psleak TARGET CALLS ANSWER`.

How often it calls is its own affair: 22,663 times at the most, in ten growing rounds.
"""

import importlib
import sys
from collections.abc import Callable

from bench.accuracy.peers.steps import answer, opened


def complaint(step: Callable[[], None]) -> str:
    """Return what psleak complains of, or nothing."""
    psleak = importlib.import_module("psleak")  # only the interpreter that this runs in has it
    errors = tuple(
        getattr(psleak, name)
        for name in dir(psleak)
        if name.endswith("Error") and issubclass(getattr(psleak, name), AssertionError)
    )
    try:
        psleak.MemoryLeakTestCase().execute(step)
    except errors as error:
        return f"{type(error).__name__}: {str(error)[:300]}"
    return ""


if __name__ == "__main__":
    with opened(sys.argv[1]) as steps:
        found = complaint(steps.step)
        answer(
            sys.argv[3],
            word="LEAK" if found else "CLEAN",
            calls=steps.calls[0],
            reason=found,
        )
