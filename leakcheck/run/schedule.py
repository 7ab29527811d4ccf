"""When to take the next sample."""

from typing import Final

_FEWEST_BITS: Final = 7
_MOST_BITS: Final = 10
_RATIOS: Final = (1, 4, 16)
"""Iterations that take as long as so many samples are sampled twice as often, each time."""


def next_sample(
    completed: int, *, until: int, samples_worth: float = 0.0, undecided_looks: int = 0
) -> int:
    """Return after how many iterations to sample next, at most `until`.

    Each octave of iterations gets 128 samples: every iteration up to 256, then every second
    up to 512, and so on. A run of any length is then seen with the same relative detail, and
    taking samples costs no more in a long one than in a short one. Where an iteration takes
    as long as `samples_worth` samples or more, it is sampled up to eight times as often, which
    finds the floor of a sawtooth more exactly, and so is a run that `undecided_looks` have left
    open. A busy machine slows iterations and samples down alike.

    >>> next_sample(10, until=500), next_sample(256, until=500), next_sample(498, until=499)
    (11, 258, 499)
    >>> [next_sample(1024, until=2000, samples_worth=worth) for worth in (0.1, 4, 100)]
    [1032, 1026, 1025]
    """
    closer = sum(samples_worth >= ratio for ratio in _RATIOS)
    bits = min(_FEWEST_BITS + max(closer, undecided_looks), _MOST_BITS)
    spacing = 1 << max(0, completed.bit_length() - 1 - bits)
    return min(completed + spacing - completed % spacing, until)
