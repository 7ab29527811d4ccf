"""A peer as a tool: a module of this package, run in the interpreter that has its package."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.accuracy.answer import Answer, Word
from bench.accuracy.case import Case
from bench.accuracy.harness import source_of
from bench.accuracy.peers.environment import peer_python
from bench.accuracy.process import ROOT, Ended, Running
from bench.corpus.small.registry import SEED_VARIABLE

CALLS: Final = 20_000
"""As many as leakcheck makes at the most."""

SAME: Final = {"PYTHONHASHSEED": "0"}
"""Hashing is the same in every run, as it is under leakcheck."""

BESIDE: Final = """
import runpy, sys
module, packages = sys.argv.pop(1), sys.argv.pop(1)
sys.path.append(packages)
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""
"""Runs a module where the peers are found too, after what the interpreter has of its own."""

_LIMIT_S: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The tool that `module` asks; `variables` are what it wants in its environment."""

    running: Running
    name: str
    module: str
    variables: tuple[tuple[str, str], ...] = ()

    def prepare(self) -> None:
        """Install the peers, unless they are."""
        peer_python()

    def verdict(self, case: Case, seed: int, scratch: Path) -> Answer:
        """Return what the tool says of `case`."""
        path, calls = scratch / "answer.json", min(CALLS, case.most_calls or CALLS)
        ended = self.running.run(
            [*self._python(case), case.target, str(calls), str(path)],
            variables={**SAME, **dict(self.variables), SEED_VARIABLE: str(seed)},
            scratch=scratch,
            limit_s=_LIMIT_S,
        )
        return answer(ended, path, case)

    def _python(self, case: Case) -> tuple[str, ...]:
        """Return the start of the command: in the case's own interpreter if it has one."""
        python, module = peer_python(), f"bench.accuracy.peers.{self.module}"
        if case.interpreter is None:
            return (str(python), "-m", module)
        return (str(case.interpreter()), "-c", BESIDE, module, str(packages(python)))


def packages(python: Path) -> Path:
    """Return the folder of the packages that an environment's interpreter finds."""
    return next(python.parents[1].glob("lib/python*/site-packages"))


def answer(ended: Ended, path: Path, case: Case) -> Answer:
    """Return the answer in the peer's file, or ERROR where there is none."""
    said: dict[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {}
    reason = said.get("reason", f"exit code {ended.code}: {ended.out.strip()[-300:]}")
    return Answer(
        word=Word(said.get("word", Word.ERROR)),
        wall_s=ended.wall_s,
        cpu_s=ended.cpu_s,
        calls=said.get("calls"),
        growth_bytes_per_call=said.get("growth_bytes_per_call"),
        site=said.get("site", ""),
        blames_case=Path(source_of(case.target)).name in reason,
        reason=reason.replace(f"{ROOT}/", "")[:400],
    )


def peers(running: Running) -> tuple[Peer, ...]:
    """Return all peers."""
    malloc = (("PYTHONMALLOC", "malloc"), ("PYTHONUNBUFFERED", "1"))  # psleak refuses without
    return (
        Peer(running=running, name="psleak", module="ask_psleak", variables=malloc),
        Peer(running=running, name="pytest-memray", module="ask_memray"),
        Peer(running=running, name="python-leak-hunter", module="ask_leak_hunter"),
        Peer(running=running, name="rss-slope", module="ask_slope"),
    )
