"""Proving the probes: what the child kept and freed must show in what was read."""

from collections.abc import Mapping, Sequence
from typing import Final

from leakcheck.model.measurement import Probes
from leakcheck.model.signals import PROVEN_SIGNALS, Signal
from leakcheck.run.child.slots import KEPT_BYTES

LOOKS: Final = 3
"""Before, while and after known things are kept."""
_SEEN_SHARE: Final = 0.9

Reading = Mapping[Signal, int]


def prove(looks: Sequence[Reading]) -> Probes:
    """Return which signals saw what was kept (4 MiB, a descriptor, a thread, a task).

    `looks` are three readings: before, while kept and after. Bytes must rise by 90 % of
    what was kept; counts must rise by one and fall back.
    """
    verified = tuple(signal for signal in PROVEN_SIGNALS if _saw(signal, looks))
    missed = tuple(signal for signal in PROVEN_SIGNALS if signal not in verified)
    return Probes(verified=verified, unavailable=missed)


def _saw(signal: Signal, looks: Sequence[Reading]) -> bool:
    if len(looks) != LOOKS or any(signal not in look for look in looks):
        return False
    before, kept, after = (look[signal] for look in looks)
    if signal.unit == "bytes":
        return kept - before >= _SEEN_SHARE * KEPT_BYTES and after < kept
    return kept - before == 1 and after == before
