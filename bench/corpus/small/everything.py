"""All cases: importing this imports every module of workloads."""

from typing import Final

from bench.corpus.small import clean, hard, held_out_clean, held_out_leaky, leaky
from bench.corpus.small.registry import REGISTERED, SmallCase

MODULES: Final = (leaky, clean, hard, held_out_leaky, held_out_clean)
CASES: Final[tuple[SmallCase, ...]] = tuple(REGISTERED)
