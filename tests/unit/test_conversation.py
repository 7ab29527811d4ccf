"""Hearing a child: whatever comes in whatever pieces, and whatever is no message."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leakcheck.run.child.slots import HEADER, SAMPLE
from leakcheck.run.conversation import GARBLED, ChildEndedError, Conversation, Message
from leakcheck.run.process import ChildProcess


@dataclass
class Talker:
    """A child that says what a test has it say."""

    pid: int = field(default_factory=os.getpid)
    ended: int | None = None

    def __post_init__(self) -> None:
        self.messages, self.up = os.pipe()
        self.output, self.out = os.pipe()
        os.set_blocking(self.messages, False)
        os.set_blocking(self.output, False)

    def exit_code(self) -> int | None:
        """Return how it ended."""
        return self.ended

    def hang_up(self) -> None:
        """Close what it speaks into."""
        os.close(self.up)
        os.close(self.out)

    def listener(self) -> Conversation:
        """Return a conversation with it."""
        return Conversation(cast("ChildProcess", self))


@pytest.fixture
def talker() -> Iterator[Talker]:
    one = Talker()
    yield one
    os.close(one.messages)
    os.close(one.output)


def packed(kind: bytes, content: dict[str, Any]) -> bytes:
    text = json.dumps(content).encode()
    return HEADER.pack(kind, len(text)) + text


def all_of(talk: Conversation) -> list[Message]:
    """Return all messages until the child has ended."""
    heard: list[Message] = []
    while True:
        try:
            message = talk.next(0.01)
        except ChildEndedError:
            return heard
        if message is not None:
            heard.append(message)


contents = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=50), max_size=3)
messages = st.lists(st.tuples(st.sampled_from([b"s", b"l", b"e"]), contents), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(said=messages, cuts=st.lists(st.integers(min_value=0, max_value=400), max_size=5))
def test_messages_are_heard_whole_however_they_are_cut(
    said: list[tuple[bytes, dict[str, Any]]], cuts: list[int]
) -> None:
    talker = Talker()
    talk = talker.listener()
    stream = b"".join(packed(kind, content) for kind, content in said)
    places = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    heard = []
    for start, end in pairwise(places):
        os.write(talker.up, stream[start:end])
        while (message := talk.next(0)) is not None:
            heard.append(message)
    talker.hang_up()
    talker.ended = 0
    heard += all_of(talk)
    talk.close()
    os.close(talker.messages)
    os.close(talker.output)

    assert [(one.kind, one.content) for one in heard] == said


def test_nothing_said_within_the_time_is_none(talker: Talker) -> None:
    talk = talker.listener()

    assert talk.next(0.01) is None
    talk.close()
    talker.hang_up()


def test_what_was_said_before_the_end_is_heard_before_the_end_is_told(talker: Talker) -> None:
    talk = talker.listener()
    os.write(talker.up, packed(SAMPLE, {}) * 3)
    os.write(talker.out, b"last words")
    talker.hang_up()
    talker.ended = -9

    assert [one.kind for one in all_of(talk)] == [SAMPLE] * 3
    assert talk.output_tail == "last words"
    talk.close()


def test_half_a_message_is_no_message(talker: Talker) -> None:
    talk = talker.listener()
    os.write(talker.up, packed(SAMPLE, {"long": "x" * 100})[:-1])
    talker.hang_up()
    talker.ended = 1

    assert all_of(talk) == []
    talk.close()


@pytest.mark.parametrize(
    "noise",
    [HEADER.pack(b"e", 1 << 31), HEADER.pack(b"e", 4) + b"\xff{[x", packed(b"e", {})[:5] + b"[]"],
)
def test_what_is_no_message_is_told_as_such(talker: Talker, noise: bytes) -> None:
    talk = talker.listener()
    os.write(talker.up, noise)

    assert talk.next(1) == GARBLED
    talk.close()
    talker.hang_up()


def test_only_the_end_of_much_output_is_kept(talker: Talker) -> None:
    talk = talker.listener()
    for number in range(50):
        os.write(talker.out, f"{number:>10}".encode() * 400)
        talk.next(0)

    assert len(talk.output_tail) == 8_192
    assert talk.output_tail.endswith("49")
    talk.close()
    talker.hang_up()


def test_output_that_is_no_text_is_shown_as_well_as_it_can_be(talker: Talker) -> None:
    talk = talker.listener()
    os.write(talker.out, b"\xff\xfe words")
    talk.next(0.1)

    assert talk.output_tail == "\ufffd\ufffd words"
    talk.close()
    talker.hang_up()


def test_one_that_outlives_the_child_and_talks_on_does_not_keep_the_run(talker: Talker) -> None:
    talk = talker.listener()
    talker.ended = 0
    os.write(talker.out, b"still here " * 1000)

    assert all_of(talk) == []
    talk.close()
    talker.hang_up()
