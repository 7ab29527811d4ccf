"""The names that a pytest session and the child of one of its tests agree on."""

from typing import Final

MARK: Final = "leakcheck"
"""The mark of a test that is one iteration, and the fixture that loops a function."""
LOOPER: Final = "leakcheck-looper"
"""The plugin that loops, in a child; where there is none, a function is called once."""
CHILD: Final = "leakcheck-child"
"""The plugin that a child has from its start: there, no test is handed on any more."""
VERDICT: Final = "leakcheck_verdict"
"""The property of a report that says a test was looped, and what came of it."""
MARK_LINE: Final = (
    "leakcheck(threshold, iterations, exact_iterations, time_limit): the test is one iteration, "
    "and fails if it leaks"
)
