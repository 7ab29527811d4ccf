"""The badge: the worst verdict, legible to everybody."""

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.model.reported import Reported
from leakcheck.model.verdict import Verdict
from leakcheck.record.badge import badge_json, badge_of, badge_svg
from tests.unit.ci import KNOWN, told, told_as

CLEAN, OPEN, ERROR = (told_as(one) for one in (Verdict.CLEAN, Verdict.INCONCLUSIVE, Verdict.ERROR))
LEAK, ALLOWED = told(), told(None, KNOWN)


@pytest.mark.parametrize(
    ("runs", "word"),
    [
        ([CLEAN], "clean"),
        ([CLEAN, ALLOWED], "1 known leak"),
        ([ALLOWED, ALLOWED], "2 known leaks"),
        ([ALLOWED, OPEN], "inconclusive"),
        ([OPEN, ERROR], "error"),
        ([ERROR, LEAK, CLEAN], "leak"),
        ([], "nothing checked"),
    ],
)
def test_the_worst_verdict_that_counts_gives_the_word(runs: list[Reported], word: str) -> None:
    assert badge_of(runs).word == word


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    "run", [CLEAN, OPEN, ERROR, LEAK, ALLOWED], ids=["clean", "open", "error", "leak", "allowed"]
)
def test_white_is_read_on_every_colour(run: Reported) -> None:
    assert 1.05 / (luminance(badge_of([run]).colour) + 0.05) >= 4.5


@given(st.lists(st.sampled_from([CLEAN, OPEN, ERROR, LEAK, ALLOWED]), max_size=4))
def test_both_forms_parse_and_say_the_same(runs: list[Reported]) -> None:
    badge = badge_of(runs)
    image = ET.fromstring(badge_svg(badge))  # noqa: S314 -- our own text
    document = json.loads(badge_json(badge))

    assert image.get("role") == "img"
    assert image.get("aria-label") == f"leakcheck: {document['message']}"
    assert image.findtext("{http://www.w3.org/2000/svg}title") == image.get("aria-label")
    assert (document["schemaVersion"], document["label"]) == (1, "leakcheck")
    assert document["color"] in badge_svg(badge)
