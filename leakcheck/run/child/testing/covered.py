"""The coverage of a test that runs in a child: its fixtures and the first pass of its body."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any


class Covered:
    """Coverage as the parent measures it; none where it measures none.

    Its file lies beside the parent's, which takes it in. Nothing of it is left once the test is
    looped: tracing would be measured.
    """

    def __init__(self, given: dict[str, Any] | None) -> None:
        self._given = given
        self._measured: Any = None

    @property
    def is_on(self) -> bool:
        """Return whether coverage is being measured."""
        return self._measured is not None

    def begin(self) -> None:
        """Begin, if the parent measures coverage."""
        if self._given is None:
            return
        import coverage  # noqa: PLC0415 -- the parent measures with it: it is there

        with _unsaid():
            self._measured = coverage.Coverage(data_suffix=True, **self._given)
            self._measured.start()

    def end(self) -> None:
        """End, and write what was covered."""
        if self._measured is not None:
            with _unsaid():
                self._measured.stop()
                self._measured.save()
            self._measured = None


@contextlib.contextmanager
def _unsaid() -> Iterator[None]:
    """Have what coverage warns of neither fail the test nor be among its warnings.

    The modules that are covered may have been imported before, as the parent's were.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
