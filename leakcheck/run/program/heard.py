"""What a program says: as much of it as tells whether an answer is complete."""

import re
from typing import Final

KEPT_BYTES: Final = 65_536
"""Of an answer, on each stream: a pattern is looked for in no more than that."""
_TAIL_BYTES: Final = 8_192


class Heard:
    """The newest output of a program, on standard output (1) and on standard error (2)."""

    def __init__(self) -> None:
        self._answers: dict[int, bytearray] = {1: bytearray(), 2: bytearray()}
        self._lines = {1: 0, 2: 0}
        self._tail = bytearray()
        self.answer_bytes = 0

    @property
    def tail(self) -> str:
        """Return the last 8 KiB of all that was said, as text."""
        return self._tail.decode(errors="replace")

    def add(self, stream: int, data: bytes) -> None:
        """Take in what came on a stream."""
        self.answer_bytes += len(data)
        self._lines[stream] += data.count(b"\n")
        _add(self._answers[stream], data, KEPT_BYTES)
        _add(self._tail, data, _TAIL_BYTES)

    def ask(self) -> None:
        """Begin a new answer: what was said so far is none of it."""
        self.answer_bytes = 0
        for stream, answer in self._answers.items():
            answer.clear()
            self._lines[stream] = 0

    def lines(self, stream: int) -> int:
        """Return how many lines of the answer have ended on a stream."""
        return self._lines[stream]

    def matches(self, pattern: re.Pattern[str]) -> bool:
        """Return whether the answer has what the pattern looks for, on either stream."""
        texts = (answer.decode(errors="replace") for answer in self._answers.values() if answer)
        return any(pattern.search(text) for text in texts)


def _add(kept: bytearray, data: bytes, most_bytes: int) -> None:
    kept += data
    del kept[:-most_bytes]
