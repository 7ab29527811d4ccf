"""Strict reading of JSON that anybody may have written: every refusal names its field."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final, NoReturn, TypeGuard, TypeVar

from leakcheck.model.errors import RecordError

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

LARGEST: Final = 1 << 63
"""No whole number of a record is this large, nor this far below zero."""
_SHOWN: Final = 60
"""How many characters of a wrong value an error repeats."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a JSON document and where it stands in it.

    >>> Field("record", {"plan": {"iterations": "many"}}).members()["plan"].name
    'record.plan'
    """

    name: str
    value: object

    def refuse(self, wanted: str) -> NoReturn:
        """Raise the error that says what was found here and what was wanted."""
        msg = f"{self.name}: found {shown(self.value)}, wanted {wanted}"
        raise RecordError(msg)

    def members(self, *names: str) -> dict[str, "Field"]:
        """Return the members of an object; with `names`, which must be just those.

        Raises:
            RecordError: if this is no object, or one with other members.
        """
        if not isinstance(self.value, dict):
            self.refuse("an object")
        for name in names:
            if name not in self.value:
                msg = f"{self.name}.{name}: found nothing, wanted a value"
                raise RecordError(msg)
        if names and len(self.value) != len(names):
            extra = next(name for name in self.value if name not in names)
            msg = f"{self.name}: found {shown(extra)}, wanted only {', '.join(names)}"
            raise RecordError(msg)
        return {name: Field(f"{self.name}.{name}", value) for name, value in self.value.items()}

    def members_and(
        self, names: Collection[str], optional: Collection[str]
    ) -> tuple[dict[str, "Field"], dict[str, "Field"]]:
        """Return the members of an object that must be there, and those that may be missing.

        >>> Field("plan", {"exact": True}).members_and(["exact"], ["native"])[1]["native"].value
        """
        found = self.members()
        later = {name: found.pop(name, Field(f"{self.name}.{name}", None)) for name in optional}
        others = {name: member.value for name, member in found.items()}
        return Field(self.name, others).members(*names), later

    def items(self) -> tuple["Field", ...]:
        """Return the items of an array, each as a field."""
        return tuple(
            Field(f"{self.name}[{index}]", item) for index, item in enumerate(self._array())
        )

    def text(self) -> str:
        """Return the string that stands here."""
        if not isinstance(self.value, str):
            self.refuse("a string")
        return self.value

    def flag(self) -> bool:
        """Return the bool that stands here."""
        if not isinstance(self.value, bool):
            self.refuse("true or false")
        return self.value

    def integer(self) -> int:
        """Return the whole number that stands here, within 63 bits and never a bool."""
        if not _is_integer(self.value):
            self.refuse("a whole number of at most 63 bits")
        return self.value

    def count(self) -> int:
        """Return the whole number that stands here, 0 or more."""
        number = self.integer()
        if number < 0:
            self.refuse("0 or more")
        return number

    def number(self) -> float:
        """Return the finite number that stands here."""
        number = self.value
        if _is_integer(number):
            return float(number)
        if not isinstance(number, float) or not math.isfinite(number):
            self.refuse("a finite number")
        return number

    def member_of(self, kind: type[E]) -> E:
        """Return the member of an enumeration whose value stands here."""
        text = self.text()
        if text not in kind.__members__.values():
            self.refuse(" or ".join(kind))
        return kind(text)

    def integers(self) -> tuple[int, ...]:
        """Return an array of whole numbers."""
        numbers = self._array()
        if not all(map(_is_integer, numbers)):
            for item in self.items():
                item.integer()
        return tuple(numbers)  # type: ignore[arg-type]

    def numbers(self) -> tuple[float, ...]:
        """Return an array of finite numbers."""
        return tuple(item.number() for item in self.items())

    def texts(self) -> tuple[str, ...]:
        """Return an array of strings."""
        return tuple(item.text() for item in self.items())

    def optional(self, read: Callable[["Field"], T]) -> T | None:
        """Return None for null, else what `read` makes of this field."""
        return None if self.value is None else read(self)

    def _array(self) -> list[object]:
        if not isinstance(self.value, list):
            self.refuse("an array")
        return self.value


def shown(value: object) -> str:
    r"""Return `value` as an error repeats it: one short line, whatever it is.

    >>> shown(["a"] * 1000), shown("one\ntwo"), shown(None)
    ('an array of 1000', "'one\\ntwo'", 'null')
    """
    if isinstance(value, dict):
        keys = ", ".join(repr(str(key)[:_SHOWN]) for key in islice(value, 3))
        return f"an object with {keys or 'no members'}"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if isinstance(value, int) and not isinstance(value, bool) and not _is_integer(value):
        return f"a whole number of {value.bit_length()} bits"
    words = {"None": "null", "True": "true", "False": "false"}
    text = value if isinstance(value, str) else words.get(repr(value), repr(value))
    short = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return repr(short) if isinstance(value, str) else short


def _is_integer(value: object) -> TypeGuard[int]:
    return type(value) is int and -LARGEST < value < LARGEST
