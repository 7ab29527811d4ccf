"""A package of the index whose leaky range is known from both ends; needs an index."""

import json
from pathlib import Path

import pytest

from bench.corpus.real.cases import CASES
from leakcheck.cli import main

CASE = next(case for case in CASES if case.name == "multidict_emptied")
QUIET = ("--profiler", "none", "--exact-iterations", "2000", "--time-limit", "900")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ends", "last", "first"),
    [
        # the hash table came with 6.5, of which 6.5.0 was withdrawn
        (("--good", "6.0.2", "--bad", "6.6.3"), "6.4.4", "6.5.1"),
        (("--bad", "6.5.1", "--good", "6.7.0", "--fixed"), "6.6.3", "6.6.4"),
    ],
)
def test_both_ends_of_a_leak_in_multidict_are_found(
    ends: tuple[str, ...],
    last: str,
    first: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.chdir(tmp_path)
    given = ("--package", CASE.package, *ends, *QUIET, "--json", "found.json")
    code = main(["bisect", CASE.target, *given])
    shown = capsys.readouterr()
    if code == 2 and "found no versions" in shown.err:
        pytest.skip("no index answers")

    assert code == 0, shown.out + shown.err
    document = json.loads((tmp_path / "found.json").read_bytes())
    assert (document["last"]["key"], document["first"]["key"]) == (last, first)
    assert len(document["steps"]) <= 6
