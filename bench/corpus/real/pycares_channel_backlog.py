"""pycares 4.9.0: channels are taken down at one a second, however fast they are made.

A channel that is dropped goes to a background thread, which sleeps a second before each one it
destroys. Under any real load the queue grows, and with it the descriptors (one a channel) until
there are no more. It would drain, once nothing new came. 4.10.0 destroys them at once.

Reference: saghul/pycares#248.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

import pycares

import leakcheck


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """One channel, made and dropped."""

    def resolve_nothing() -> None:
        pycares.Channel()  # leaks here

    yield resolve_nothing
