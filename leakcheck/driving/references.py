"""A document whose parts refer to one another: followed a bounded number of times."""

from typing import Any, Final

_MOST_HOPS: Final = 16
_MOST_STEPS: Final = 100_000
_BYTES_A_STEP: Final = 100


class BadDocumentError(Exception):
    """A part of a document that says nothing usable; the text says what was found."""


class Document:
    """A parsed JSON document; following its references and filling it is bounded in all."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self._steps = 0

    def step(self, n_bytes: int = 0) -> None:
        """Count one step of work on the document, that made so many bytes.

        Raises:
            BadDocumentError: if there were too many: a small document may describe a huge one.
        """
        self._steps += 1 + n_bytes // _BYTES_A_STEP
        if self._steps > _MOST_STEPS:
            msg = f"it takes more than {_MOST_STEPS:,} steps to fill it in"
            raise BadDocumentError(msg)

    def resolved(self, part: object) -> dict[str, Any]:
        """Return an object of the document, after any references have been followed.

        Raises:
            BadDocumentError: if it is none, or references lead nowhere, elsewhere or in circles.
        """
        for _ in range(_MOST_HOPS):
            self.step()
            if not isinstance(part, dict):
                msg = f"found {type(part).__name__}, wanted an object"
                raise BadDocumentError(msg)
            reference = part.get("$ref")
            if not isinstance(reference, str):
                return part
            part = self._followed(reference)
        msg = "its references lead in a circle"
        raise BadDocumentError(msg)

    def _followed(self, reference: str) -> object:
        if not reference.startswith("#/"):
            msg = "it refers to another document"
            raise BadDocumentError(msg)
        part: object = self.content
        for name in reference.removeprefix("#/").split("/"):
            key = name.replace("~1", "/").replace("~0", "~")  # RFC 6901
            part = part.get(key) if isinstance(part, dict) else None
        return part
