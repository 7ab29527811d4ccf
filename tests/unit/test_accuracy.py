"""The accuracy runner: what it counts, what it shows and how it is interrupted."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.accuracy import markdown, results_json, truth, work
from bench.accuracy.answer import Answer, Result, Word
from bench.accuracy.arguments import parse
from bench.accuracy.case import Case, chosen, clean_verdicts, real_cases, small_cases
from bench.accuracy.confusion import Share, confusion, in_order, table
from bench.accuracy.culprit import Culprit, marked_lines
from bench.accuracy.explained import Explained, explained
from bench.accuracy.explanations import explanations, wrong
from bench.accuracy.harness import Leakcheck
from bench.accuracy.process import Running
from bench.corpus.small import registry
from bench.corpus.small.everything import CASES

LEAKY = Case(name="leaky", group="core", leaks=True, target="m:leaky", order=1)
CLEAN = Case(name="clean", group="core", leaks=False, target="m:clean", order=2)


SEEN = Culprit(file="jobs.py", lines=(12,), holder="SEEN")
UNSEEN = Culprit(file="jobs.py", lines=(12,), has_line=False)


def verdict(*lines: str, no_line: str = "", held_by: tuple[str, ...] = ()) -> dict[str, object]:
    """Return what the file of verdicts says of a leak whose causes are at these lines."""
    places = [line.split(":") for line in lines]
    causes = [{"file": file, "line": int(number)} for file, number in places]
    explanation = {"causes": causes, "no_line": no_line or None}
    return {"explanation": explanation, "sites": causes[::-1], "held_by": list(held_by)}


judgements = st.builds(
    explained,
    st.builds(
        verdict,
        st.sampled_from(["jobs.py:12", "jobs.py:13"]),
        held_by=st.sampled_from([(), ("jobs.SEEN (module global) -> set of 9",)]),
    ),
    st.sampled_from([SEEN, UNSEEN]),
)


def said(
    case: Case,
    word: Word,
    *,
    seed: int = 1,
    calls: int | None = 10,
    why: Explained | None = None,
) -> Result:
    answer = Answer(word=word, wall_s=1.0, cpu_s=0.5, calls=calls, reason="because", explained=why)
    return Result(tool="tool", case=case, seed=seed, answer=answer)


results = st.lists(
    st.builds(
        said,
        st.sampled_from([LEAKY, CLEAN]),
        st.sampled_from(list(Word)),
        seed=st.integers(1, 5),
        why=st.none() | judgements,
    )
)


@dataclass(frozen=True, kw_only=True)
class Oracle:
    """A tool that knows the truth; `before` is called first."""

    name: str = "oracle"
    before: Callable[[], object] = field(default=lambda: None)

    def prepare(self) -> None: ...

    def verdict(self, case: Case, seed: int, scratch: Path) -> Answer:
        assert seed > 0
        assert list(scratch.iterdir()) == []
        self.before()
        return Answer(word=Word.LEAK if case.leaks else Word.CLEAN, wall_s=0.0, cpu_s=0.0)


@given(results)
def test_every_answer_is_counted_exactly_once(found: list[Result]) -> None:
    row = confusion("tool", "core", found)
    leaky = (row.caught, row.leaky_called_clean, row.leaky_inconclusive)
    clean = (row.false_alarms, row.called_clean, row.clean_inconclusive)
    counted = sum(share.count for share in (*leaky, *clean, row.errors))

    assert counted == len(found)
    assert row.errors.of == len(found)


@given(results)
def test_a_miss_is_listed_for_every_answer_that_is_not_the_truth(found: list[Result]) -> None:
    assert len(markdown.misses(found)) == sum(not one.is_right for one in found)


@given(results)
def test_results_come_back_from_json_as_they_were_shown(found: list[Result]) -> None:
    again = results_json.results_of(results_json.document(found, about=[]))

    assert table(again) == table(found)
    assert markdown.misses(again) == markdown.misses(found)
    assert explanations(again) == explanations(found)
    assert wrong(again) == wrong(found)


@given(results)
def test_whatever_was_asked_of_an_explanation_and_is_not_right_is_listed(
    found: list[Result],
) -> None:
    rows = [row for row in explanations(found) if row.group == "core"]
    shares = [s for r in rows for s in (r.right_line, r.right_sentence, r.right_holder)]

    assert len(wrong(found)) == sum(share.of - share.count for share in shares)


@pytest.mark.parametrize(
    ("shown", "right"),
    [
        (verdict("jobs.py:12", "jobs.py:13"), True),
        (verdict("jobs.py:13", "jobs.py:12"), False),
        (verdict("other.py:12"), False),
        (verdict(no_line="memray did not record this run"), False),
    ],
)
def test_a_line_is_right_only_where_it_stands_first(shown: dict[str, object], right: bool) -> None:  # noqa: FBT001 -- what a case of the test expects
    found = explained(shown, SEEN)

    assert (found.line, found.sentence) == (right, None)


@pytest.mark.parametrize(
    ("shown", "right"),
    [
        (verdict(no_line="nothing that memray sees"), True),
        (verdict("jobs.py:12"), True),
        (verdict("jobs.py:13"), False),
        (verdict(), False),
    ],
)
def test_what_memray_cannot_see_wants_a_sentence_and_no_wrong_line(
    shown: dict[str, object],
    right: bool,  # noqa: FBT001 -- what a case of the test expects
) -> None:
    found = explained(shown, UNSEEN)

    assert (found.line, found.sentence) == (None, right)


def test_a_verdict_without_an_explanation_shows_its_first_call_site() -> None:
    older = {"sites": [{"file": "jobs.py", "line": 12}], "held_by": []}

    assert explained(older, SEEN).shown == "jobs.py:12"


def test_a_holder_is_asked_only_where_there_is_one_to_name() -> None:
    held = ("jobs.SEEN (module global) -> set of 9",)

    assert explained(verdict("jobs.py:12", held_by=held), SEEN).holder is True
    assert explained(verdict("jobs.py:12"), SEEN).holder is False
    assert explained(verdict(no_line="why"), UNSEEN).holder is None


def test_what_is_wrong_says_what_was_found_and_wanted() -> None:
    found = explained(verdict("jobs.py:13", held_by=("jobs.OTHER (module global)",)), SEEN)

    assert found.wrong == (
        "line: found jobs.py:13, wanted jobs.py:12",
        "holder: found jobs.OTHER (module global), wanted SEEN",
    )


def test_a_mark_elsewhere_in_a_file_belongs_to_the_workload_it_names() -> None:
    source = (
        "KEPT.add(1)  # leaks here: other\n"
        "KEPT.add(2)  # leaks here: tick\n"
        "def tick():\n"
        "    KEPT.add(3)  # leaks here\n"
        "def other():\n"
        "    KEPT.add(4)  # leaks here\n"
    )

    assert marked_lines(source, "tick") == (2, 4)
    assert marked_lines(source, "other") == (1, 6)


def test_marks_of_a_function_that_is_not_there_are_refused() -> None:
    with pytest.raises(LookupError, match="found no function tick"):
        marked_lines("", "tick")


def test_every_leaky_case_says_who_is_to_blame_and_no_clean_one_does() -> None:
    for case in (*small_cases(), *real_cases()):
        assert bool(case.culprit and case.culprit.lines) == case.leaks, case.name


def test_a_page_tells_whether_the_explanation_was_right() -> None:
    why = [explained(verdict("jobs.py:12"), SEEN), explained(verdict("jobs.py:13"), UNSEEN)]
    found = [said(LEAKY, Word.LEAK, seed=n, why=one) for n, one in enumerate(why, 1)]
    page = markdown.page(found, title="Accuracy", about=["How."])

    assert explanations(found)[0].right_line == Share(count=1, of=1)
    assert "| core | tool | 1/1 | 0/1 | 0/1 |" in page
    assert "- tool: core/leaky seed 1: holder: found none, wanted SEEN\n" in page


def test_an_answer_that_is_opposite_to_the_truth_is_listed_first() -> None:
    lines = markdown.misses([said(LEAKY, Word.INCONCLUSIVE), said(CLEAN, Word.LEAK)])

    assert [line.split(":")[2].split()[0] for line in lines] == ["LEAK", "INCONCLUSIVE"]


def test_a_page_shows_each_case_with_a_letter_for_every_seed() -> None:
    found = [said(CLEAN, Word.CLEAN), said(LEAKY, Word.LEAK), said(LEAKY, Word.ERROR, seed=2)]
    page = markdown.page(in_order(found), title="Accuracy", about=["How."])

    assert "| core | leaky | leaky | L E | 10 .. 10 |\n| core | clean | clean | C |" in page
    assert "| core | tool | 1/2 | 0/2 | 0/2 | 0/1 | 1/1 | 0/1 | 1/3 |" in page


def test_a_page_names_no_folder_of_this_machine() -> None:
    library = Path(sys.prefix) / "lib" / "python3.11" / "site-packages" / "yarl.py"

    assert markdown.portable(f"at {library}:3 and {Path.home()}/x") == "at yarl.py:3 and ~/x"


def test_the_cases_are_those_that_were_asked_for_and_remember_their_place() -> None:
    found = chosen(small_cases(), ["hard"], ["descriptor", "queue"])

    assert [case.name for case in found] == [
        "descriptor_every_tenth",
        "thread_with_a_bounded_queue",
    ]
    assert found[0].order < found[1].order


def test_clean_verdicts_are_of_clean_cases_only_and_no_two_are_the_same() -> None:
    cases = tuple(small_cases())
    drawn = list(clean_verdicts(cases, 100))

    assert len({(case.name, seed) for case, seed in drawn}) == len(drawn) == 100
    assert not any(case.leaks for case, _ in drawn)
    assert drawn == list(clean_verdicts(cases, 100))


def test_clean_verdicts_without_a_clean_case_are_none() -> None:
    assert list(clean_verdicts([LEAKY], 10)) == []


@pytest.mark.parametrize(
    ("given_arguments", "seeds"),
    [([], (1, 2, 3, 4, 5)), (["--quick"], (1,)), (["--seeds", "test"], (3, 4, 5))],
)
def test_seeds_are_all_unless_it_is_said_otherwise(
    given_arguments: list[str], seeds: tuple[int, ...]
) -> None:
    assert parse(given_arguments, ["a", "b"]).seeds == seeds


@pytest.mark.parametrize("wrong", [["--jobs", "0"], ["--groups", "soft"], ["--seeds", "x"]])
def test_wrong_arguments_end_with_2(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(wrong, ["a"])

    assert ended.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_every_tool_is_asked_about_every_case_with_every_seed() -> None:
    found: list[Result] = []
    asked = list(work.everything([Oracle(), Oracle(name="other")], [LEAKY, CLEAN], [1, 2]))
    complete = work.ask_all(
        asked, running=Running(), jobs=2, progress=lambda one, _done, _of: found.append(one)
    )

    assert complete
    assert len({(one.tool, one.case, one.seed) for one in found}) == len(found) == 8
    assert all(one.is_right for one in found)


def test_a_case_without_seeds_is_asked_once() -> None:
    once = Case(name="pair", group="real", leaks=True, target="m:f", seeded=False)

    assert len(list(work.everything([Oracle()], [once], [3, 4, 5]))) == 1


def test_a_tool_that_raises_is_an_error_of_one_case() -> None:
    def fail() -> None:
        msg = "no index"
        raise OSError(msg)

    found: list[Result] = []
    asked = [(Oracle(before=fail), CLEAN, 1), (Oracle(), CLEAN, 2)]
    work.ask_all(
        asked, running=Running(), jobs=1, progress=lambda one, _done, _of: found.append(one)
    )

    assert [one.answer.word for one in found] == [Word.ERROR, Word.CLEAN]
    assert found[0].answer.reason == "OSError: no index"


def test_an_interruption_keeps_what_there_is_and_asks_no_more() -> None:
    may_go_on = threading.Event()
    asked = [(Oracle(), CLEAN, 1), *((Oracle(before=may_go_on.wait), CLEAN, n) for n in (2, 3))]
    found: list[Result] = []

    def interrupt(one: Result, _done: int, _of: int) -> None:
        found.append(one)
        may_go_on.set()
        raise KeyboardInterrupt

    assert not work.ask_all(asked, running=Running(), jobs=1, progress=interrupt)
    assert len(found) == 1


def test_a_command_is_measured_with_the_processes_it_waited_for(tmp_path: Path) -> None:
    spin = "import time\nwhile time.process_time() < 0.3: pass"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {spin!r}]); print(5)"
    ended = Running().run([sys.executable, "-c", outer], variables={}, scratch=tmp_path, limit_s=60)

    assert (ended.code, ended.out, ended.timed_out) == (0, "5\n", False)
    assert ended.cpu_s >= 0.3


def test_a_command_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    ended = Running().run(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        variables={},
        scratch=tmp_path,
        limit_s=0.0,
    )

    assert ended.timed_out
    assert ended.code != 0


def test_nothing_is_started_after_an_interruption(tmp_path: Path) -> None:
    running = Running()
    running.interrupt()

    with pytest.raises(KeyboardInterrupt):
        running.run([sys.executable, "-c", ""], variables={}, scratch=tmp_path, limit_s=1)


def test_a_target_that_cannot_be_loaded_is_an_error_with_its_text(tmp_path: Path) -> None:
    missing = Case(name="missing", group="core", leaks=False, target="no.such.module:f")
    found = Leakcheck(running=Running()).verdict(missing, 1, tmp_path)

    assert found.word is Word.ERROR
    assert "no module" in found.reason


@pytest.mark.parametrize("group", list(registry.Group))
def test_every_group_has_leaky_and_clean_cases(group: registry.Group) -> None:
    assert {case.leaks for case in CASES if case.group is group} == {True, False}


def test_a_seed_changes_a_case_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(registry.SEED_VARIABLE, "1")
    first, same, other_case = (registry.dice(name).random() for name in ("a", "a", "b"))
    monkeypatch.setenv(registry.SEED_VARIABLE, "2")

    assert first == same
    assert len({first, other_case, registry.dice("a").random()}) == 3


@given(
    st.integers(8, 10_000),
    st.lists(st.integers(0, 10**6), min_size=60, max_size=60),
)
def test_growth_is_what_is_planted_on_any_noise_that_repeats(rate: int, noise: list[int]) -> None:
    repeating = noise[:20] * 3
    values = [rate * place * 100 + level for place, level in enumerate(repeating)]

    assert truth.growth_per_call(values, calls=6_000) == pytest.approx(rate)
    assert truth.growth_per_call(repeating, calls=6_000) == 0
