"""The colours of a plot: told apart by the colour-blind, and in grey."""

from typing import Final

CURVE: Final = "#2b6ca3"
TREND: Final = "#c8501e"
BAND: Final = "#f2b392"
WARM_UP: Final = "#efefef"
LOOK: Final = "#7a7a7a"
GRID: Final = "#e6e6e6"
GREY: Final = "#6b6b6b"
VERDICTS: Final = {
    "LEAK": "#b3261e",
    "CLEAN": "#1f7a3a",
    "INCONCLUSIVE": "#9a6700",
    "ERROR": "#6e2fa0",
}
