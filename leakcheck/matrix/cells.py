"""The cells of a matrix: each workload in each interpreter with each value of each variable."""

import hashlib
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Final

from leakcheck.analysis.masking import MASK, masked
from leakcheck.model.errors import UsageError
from leakcheck.model.options import Options
from leakcheck.model.text import printable

MOST_CELLS: Final = 100_000
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET: Final = re.compile(
    r"secret|token|passw|pwd|credential|auth|key|dsn|cookie|private", re.IGNORECASE
)
_LONGEST_VALUE: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One interpreter with one value of each variable; `label` is how it may be shown."""

    python: str
    variables: tuple[tuple[str, str], ...]
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One check of a matrix; `key` tells it from every other, and holds nothing of its values."""

    target: str
    column: Column
    key: str

    @property
    def label(self) -> str:
        """Return how the check may be called: its workload, and its column if there are more."""
        return f"{self.target} [{self.column.label}]" if self.column.label else self.target


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Workloads by interpreters by values of environment variables, all of one set of options.

    >>> matrix = Matrix(targets=("jobs.py:tick",), variables={"R": ("1", "2")})
    >>> [cell.label for cell in matrix.cells]
    ['jobs.py:tick [R=1]', 'jobs.py:tick [R=2]']
    """

    targets: tuple[str, ...]
    pythons: tuple[str, ...] = ("",)
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Options = field(default_factory=Options)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns: the last variable changes fastest."""
        names = tuple(self.variables)
        return tuple(
            Column(
                python=python,
                variables=tuple(zip(names, values, strict=True)),
                label=self._label(python, values),
            )
            for python, *values in itertools.product(self.pythons, *self.variables.values())
        )

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Return every cell, workload by workload."""
        return tuple(
            Cell(target=target, column=column, key=self._key(target, column))
            for target in self.targets
            for column in self.columns
        )

    def _label(self, python: str, values: Sequence[str]) -> str:
        """Return what tells a column from the others; what they have in common is left out."""
        words = [printable(python)] if len(self.pythons) > 1 else []
        words += [
            f"{name}={shown_value(name, value, self.variables[name])}"
            for name, value in zip(self.variables, values, strict=True)
            if len(self.variables[name]) > 1
        ]
        return " ".join(words)

    def _key(self, target: str, column: Column) -> str:
        told = [target, column.python, column.variables, asdict(self.options)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def shown_value(name: str, value: str, values: Sequence[str]) -> str:
    """Return `value` as it may be shown: by its number among `values` where it may be a secret.

    >>> shown_value("RELEASE", "1.0.0", ["1.0.0"]), shown_value("TOKEN", "s3cret", ["", "s3cret"])
    ('1.0.0', '***2')
    """
    if _SECRET.search(name) or masked([value]) != (value,):
        return f"{MASK}{list(values).index(value) + 1}"
    return printable(value)[:_LONGEST_VALUE]


def variables_of(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the variables that texts such as ``RELEASE=1.0.0,current`` give, and their values.

    Raises:
        UsageError: if one is none, or names a variable again.

    >>> variables_of(["RELEASE=1.0.0,current"])
    {'RELEASE': ('1.0.0', 'current')}
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not equals or not _NAME.fullmatch(name) or "\0" in values:
            # The value is not repeated: it may be a secret.
            msg = f"--set: found {printable(name)!r}, wanted NAME=VALUE or NAME=VALUE,VALUE,..."
            raise UsageError(msg)
        if name in found:
            msg = f"--set: found {name} twice, wanted {name}=VALUE,VALUE,..."
            raise UsageError(msg)
        found[name] = tuple(dict.fromkeys(values.split(",")))
    return found


def require_possible(matrix: Matrix) -> Matrix:
    """Return `matrix`, if it has not too many cells to be meant.

    Raises:
        UsageError: if it has.
    """
    number = len(matrix.targets) * len(matrix.pythons)
    for values in matrix.variables.values():
        number *= len(values)
    if number > MOST_CELLS:
        msg = f"matrix: found {number:,} checks, wanted {MOST_CELLS:,} at most"
        raise UsageError(msg)
    return matrix
