"""A program that was seen from outside only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FromOutside:
    """What is known of a program into which nothing was put: whether Python runs in it."""

    is_python: bool = False
