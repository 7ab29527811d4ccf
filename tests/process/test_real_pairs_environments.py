"""One pair of releases in environments of its own, as a user's --python has it; needs an index."""

from pathlib import Path

import pytest

from bench.corpus.real.cases import CASES, Side
from bench.corpus.real.environments import EnvironmentUnavailableError, environment
from bench.corpus.real.verify import count, problems


@pytest.mark.slow
def test_a_pair_is_installed_from_the_index_and_counted_as_a_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    case = next(case for case in CASES if case.name == "ujson_big_integers")
    try:
        for side in Side:
            environment(case, side)
    except EnvironmentUnavailableError as error:
        pytest.skip(str(error))

    assert problems(case, count(case, Side.LEAKY), count(case, Side.FIXED)) == ()
