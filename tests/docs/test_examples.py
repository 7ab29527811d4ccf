"""What a page has its reader do works, and prints what the page says."""

from pathlib import Path

import pytest

from tests.docs.fences import Skipped, steps_of, why_slow
from tests.docs.pages import ROOT, pages
from tests.docs.reader import Reader

MARKED = [
    pytest.param(page, marks=[pytest.mark.slow] if why_slow(ROOT / page) else [], id=page)
    for page in pages()
]


@pytest.mark.parametrize("page", MARKED)
def test_a_reader_who_follows_the_page_sees_what_it_shows(page: str, tmp_path: Path) -> None:
    Reader(page=page, folder=tmp_path).follow(steps_of(ROOT / page))


def test_few_examples_are_not_run() -> None:
    steps = {page: steps_of(ROOT / page) for page in pages()}
    skipped = [
        f"{page}:{step.line}: {step.reason}"
        for page, found in steps.items()
        for step in found
        if isinstance(step, Skipped)
    ]

    assert len(skipped) * 4 <= sum(map(len, steps.values())), "\n".join(skipped)
