"""The test that pytest-memray judges; the workload and its calls are in the environment."""

import os
from collections.abc import Callable, Iterator

import pytest

from bench.accuracy.peers.steps import opened

WARM_UP = 200


@pytest.fixture
def step(request: pytest.FixtureRequest) -> Iterator[Callable[[], None]]:
    """Return one iteration, after a warm-up that the plugin does not see.

    The marker is set here because only the interpreter that this runs in knows it.
    """
    request.node.add_marker(pytest.mark.limit_leaks(os.environ["PEER_LIMIT"]))
    with opened(os.environ["PEER_TARGET"]) as steps:
        for _ in range(WARM_UP):
            steps.step()
        yield steps.step


def test_no_location_keeps_more_than_its_limit(step: Callable[[], None]) -> None:
    """Call the iteration as often as it was said."""
    for _ in range(int(os.environ["PEER_CALLS"]) - WARM_UP):
        step()
