"""How other tools are asked: the workload in their process, their answer in ours."""

import json
import sys
from pathlib import Path

import pytest

from bench.accuracy.answer import Word
from bench.accuracy.case import Case
from bench.accuracy.peers import environment, peer
from bench.accuracy.peers.steps import opened
from bench.accuracy.process import Ended, Running

CASE = Case(name="log", group="core", leaks=False, target="bench.corpus.small.clean:rotating_log")
WORKLOAD = """
from leakcheck import workload
SEEN = []
@workload
def plain():
    SEEN.append("up")
    yield lambda: SEEN.append("step")
    SEEN.append("down")
@workload
async def waiting():
    import asyncio
    SEEN.append("up")
    async def step():
        await asyncio.sleep(0)
        SEEN.append("step")
    yield step
    SEEN.append("down")
"""


@pytest.mark.parametrize("name", ["plain", "waiting"])
def test_a_workload_is_set_up_called_and_torn_down(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / f"peer_workload_{name}.py"
    file.write_text(WORKLOAD, encoding="utf-8")
    monkeypatch.setattr(sys, "path", list(sys.path))

    with opened(f"{file}:{name}") as steps:
        steps.step()
        steps.step()

    assert sys.modules.pop(file.stem).SEEN == ["up", "step", "step", "down"]
    assert steps.calls == [2]


def test_a_tool_in_a_process_of_its_own_answers_after_as_many_calls_as_it_was_given(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "bench.accuracy.peers.ask_slope", CASE.target, "2000"]
    path = tmp_path / "answer.json"
    ended = Running().run([*command, str(path)], variables={}, scratch=tmp_path, limit_s=120)
    found = peer.answer(ended, path, CASE)

    assert found.word in {Word.LEAK, Word.CLEAN}
    assert found.calls == 2_000
    assert found.growth_bytes_per_call is not None


def test_a_tool_that_writes_no_answer_is_an_error_with_what_it_printed(tmp_path: Path) -> None:
    ended = Ended(code=1, out="it broke", wall_s=1.0, cpu_s=1.0, timed_out=False)
    found = peer.answer(ended, tmp_path / "none.json", CASE)

    assert found.word is Word.ERROR
    assert found.reason == "exit code 1: it broke"


def test_a_tool_blames_the_case_when_it_names_its_file(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"word": "LEAK", "calls": 5, "reason": "log:clean.py:9"}))
    ended = Ended(code=0, out="", wall_s=1.0, cpu_s=1.0, timed_out=False)

    assert peer.answer(ended, path, CASE).blames_case


def test_environments_are_kept_in_the_cache_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")

    assert environment.cache_folder() == Path("/cache/leakcheck-corpus")


def test_what_cannot_be_installed_is_said() -> None:
    failing = "import sys; sys.exit('no such package')"
    with pytest.raises(environment.NoEnvironmentError, match="no such package"):
        environment._run(sys.executable, "-c", failing)


def test_an_interrupted_installation_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(environment, "_run", lambda *command: done.append(command[2]))

    first, again = environment.peer_python(), environment.peer_python()
    assert done == ["venv", "pip"]
    assert first == again

    (first.parents[1] / "complete").unlink()
    environment.peer_python()
    assert done == ["venv", "pip", "venv", "pip"]
