"""A matrix as JUnit XML: each check is a test case, whatever became of it."""

from dataclasses import replace
from pathlib import PurePath
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.matrix.cells import Matrix
from leakcheck.matrix.junit import matrix_junit
from leakcheck.matrix.running import Standing
from leakcheck.model.verdict import Verdict
from tests.unit.test_matrix import ENTRY, marked


def suite_in(text: str) -> ET.Element:
    """Return the one suite of a text in JUnit XML."""
    (suite,) = ET.fromstring(text)  # noqa: S314 -- our own
    return suite


@settings(max_examples=30)
@given(
    verdicts=st.lists(st.sampled_from([*Verdict, None]), min_size=500, max_size=500),
    allow_inconclusive=st.booleans(),
)
def test_every_cell_is_a_test_case_that_ends_as_its_verdict_says(
    verdicts: list[Verdict | None], *, allow_inconclusive: bool
) -> None:
    standing = marked(lambda number: verdicts[number])
    suite = suite_in(matrix_junit(standing, allow_inconclusive=allow_inconclusive))
    outcomes = {
        Verdict.LEAK: "failure",
        Verdict.ERROR: "error",
        Verdict.CLEAN: None,
        Verdict.INCONCLUSIVE: "skipped" if allow_inconclusive else "failure",
        None: "skipped",
    }

    assert [case.get("name") for case in suite] == [cell.label for cell in standing.matrix.cells]
    found = [case[0].tag if len(case) else None for case in suite]
    assert found == [outcomes[verdict] for verdict in verdicts]
    assert suite.get("failures") == str(found.count("failure"))


def test_a_case_says_what_its_check_came_to_and_what_refused_it() -> None:
    matrix = Matrix(targets=("jobs.py:a", "jobs.py:b", "jobs.py:c"))
    leaking, allowed, refused = matrix.cells
    standing = Standing(
        matrix=matrix,
        entries={leaking.key: ENTRY, allowed.key: replace(ENTRY, counts=False)},
        refused={refused.key: "/srv/shop/jobs.py: found no 'c' in it"},
    )
    text = matrix_junit(standing, allow_inconclusive=False, project=PurePath("/srv/shop"))
    a, b, c = suite_in(text)

    assert (a[0].tag, a[0].get("message"), a.get("time")) == ("failure", "it grows", "2.000")
    assert a[0].text == f"jobs.py:3\nrecord {ENTRY.record}"
    assert (b[0].tag, b[0].get("message")) == ("skipped", "allowed: it grows")
    assert (c[0].tag, c[0].get("message")) == ("error", "jobs.py: found no 'c' in it")
