"""python-leak-hunter: `python -m bench.accuracy.peers.ask_leak_hunter TARGET CALLS ANSWER`.

Its three warm-up calls, then two windows that share the calls; the rest are its defaults.
"""

import importlib
import sys
from typing import Final

from bench.accuracy.peers.steps import answer, opened

WARM_UP: Final = 3

if __name__ == "__main__":
    leak_hunter = importlib.import_module("leak_hunter")  # only this interpreter has it
    with opened(sys.argv[1]) as steps:
        window = (int(sys.argv[2]) - WARM_UP) // 2
        report = leak_hunter.measure_growth(steps.step, iterations=window, warmup=WARM_UP)
        answer(
            sys.argv[3],
            word="LEAK" if report.leaked else "CLEAN",
            calls=steps.calls[0],
            site=str(report.suspect or ""),
            reason=report.format()[:300] if report.leaked else "",
        )
