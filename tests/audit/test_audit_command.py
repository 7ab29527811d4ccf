"""The command: what it writes, and that it fails where a word on the page is no longer true."""

import re
import shutil
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.audit import __main__ as command
from bench.audit.bare import run_bare
from bench.audit.children import AuditError, answer_of
from bench.audit.claims import Finding, findings, words
from bench.audit.documents import PAGE, filled, words_on
from bench.audit.growth import run_growth
from bench.audit.once import compatibility
from bench.audit.plan import FIRST, FULL, Extent, Run, Workload
from bench.audit.results import Results, to_json
from bench.audit.rules import Word
from leakcheck.model.verdict import Verdict
from system.memory.policy import Step
from tests.audit.made import results

MEASURED = results(FULL)


def with_unknown(claims: Collection[str]) -> list[Finding]:
    return [
        replace(one, word=Word.UNKNOWN) if one.id in claims else one for one in findings(MEASURED)
    ]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a page that was written from made-up results."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "audit").mkdir()
    (folder / "audit" / "results.json").write_text(to_json(MEASURED))
    assert command.main(["--render", "--docs", str(folder)]) == 0
    return folder


@pytest.fixture
def docs(written: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to change."""
    return shutil.copytree(written, tmp_path / "docs")


@pytest.fixture(autouse=True)
def measured_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Results]]:
    """Have nothing run: a measurement comes to the made-up results."""
    asked: list[Results] = []

    def measure(_extent: object, earlier: Results, *_: object, **_more: object) -> Results:
        asked.append(earlier)
        return MEASURED

    with monkeypatch.context() as patch:
        patch.setattr(command, "measure", measure)
        yield asked


def test_the_page_the_documents_and_the_plots_are_written(docs: Path) -> None:
    assert {file.name for file in docs.iterdir() if file.is_file()} == set(filled(MEASURED))
    assert {file.name for file in (docs / "audit").iterdir()} == {
        "changes.svg",
        "collections.svg",
        "days.svg",
        "results.json",
    }


def test_writing_again_from_the_same_results_changes_no_file(docs: Path) -> None:
    before = {file: file.read_bytes() for file in docs.rglob("*.*")}
    command.main(["--render", "--docs", str(docs)])

    assert {file: file.read_bytes() for file in docs.rglob("*.*")} == before


def test_the_words_are_read_off_the_page_as_they_were_written(docs: Path) -> None:
    assert words_on((docs / PAGE).read_text()) == words(MEASURED)


def test_a_page_whose_words_are_what_is_measured_passes(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--quick", "--docs", str(docs)]) == 0
    assert "all 21 words on the page are what is measured" in capsys.readouterr().out


@pytest.mark.parametrize("claim", words(MEASURED))
def test_a_copy_of_the_page_with_one_word_changed_fails(
    docs: Path, capsys: pytest.CaptureFixture[str], claim: str
) -> None:
    other = "does not hold" if words(MEASURED)[claim] == "holds" else "holds"
    copy = docs / "copy.md"
    text = (docs / PAGE).read_text()
    copy.write_text(re.sub(rf"(\| `{claim}` \|.*\*\*)[a-z ]+(\*\*)", rf"\1{other}\2", text))

    assert command.main(["--quick", "--page", str(copy), "--docs", str(docs)]) == 1
    said = capsys.readouterr()
    assert said.out.startswith(f"{claim}: the page says {other}")
    measured = next(one.measured for one in findings(MEASURED) if one.id == claim)
    assert f"{claim}: {measured}\n" in said.err


def test_what_a_short_run_leaves_undecided_is_measured_in_more_rounds(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Extent] = []

    def measure(extent: Extent, *_: object, **_more: object) -> Results:
        asked.append(extent)
        return replace(MEASURED, growth=()) if len(asked) == 1 else MEASURED

    monkeypatch.setattr(command, "measure", measure)
    command.main(["--quick", "--docs", str(docs)])

    short, again = asked
    assert again.rounds > short.rounds
    assert again.growth[Workload.SAVED] == short.growth[Workload.SAVED]
    assert not any(again.cost.values())


def test_a_change_that_is_to_take_growth_away_and_is_not_seen_to_fails_and_no_other(
    docs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = {step: word for step, word in words(MEASURED).items() if step in list(Step)}
    taking = [step for step, word in steps.items() if word == "holds"]
    monkeypatch.setattr(command, "findings", lambda _: with_unknown(steps))

    assert command.main(["--quick", "--docs", str(docs)]) == 1
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == taking


def test_a_word_that_is_left_open_is_said_and_not_counted(
    docs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = next(step for step in Step if words(MEASURED)[step] == "does not hold")
    monkeypatch.setattr(command, "findings", lambda _: with_unknown([idle]))

    assert command.main(["--quick", "--docs", str(docs)]) == 0
    said = capsys.readouterr()
    assert f"{idle}: so little measuring does not decide it" in said.err
    assert "20 of 21 words on the page are what is measured" in said.out


def test_a_machine_on_which_everything_takes_four_times_as_long_comes_to_the_same_words(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slower(cpu_s: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(4 * seconds for seconds in cpu_s)

    slow = replace(
        MEASURED,
        costs=tuple(replace(one, cpu_s=slower(one.cpu_s)) for one in MEASURED.costs),
        collections=tuple(replace(one, cpu_s=slower(one.cpu_s)) for one in MEASURED.collections),
    )
    monkeypatch.setattr(command, "measure", lambda *_, **__: slow)

    assert words(slow)["collection"] != words(MEASURED)["collection"]
    assert command.main(["--quick", "--docs", str(docs)]) == 0


def test_collections_alone_that_take_four_times_as_long_change_their_word(
    docs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = replace(
        MEASURED,
        collections=tuple(
            replace(one, cpu_s=tuple(4 * s for s in one.cpu_s)) for one in MEASURED.collections
        ),
    )
    monkeypatch.setattr(command, "measure", lambda *_, **__: slow)

    assert command.main(["--quick", "--docs", str(docs)]) == 1
    assert capsys.readouterr().out.startswith("collection: the page says holds")


def test_a_claim_that_is_missing_from_the_page_fails(docs: Path) -> None:
    page = docs / PAGE
    lines = page.read_text().splitlines(keepends=True)
    page.write_text("".join(line for line in lines if not line.startswith("| `same-api`")))

    assert command.main(["--quick", "--docs", str(docs)]) == 1


def test_what_was_measured_on_servers_is_noted_on_the_page(docs: Path) -> None:
    assert "not measured on real servers" in (docs / PAGE).read_text()

    assert command.main(["--quick", "--servers", "--docs", str(docs)]) == 0
    assert "came to the same word for every claim" in (docs / PAGE).read_text()


def test_a_part_is_measured_again_and_the_rest_is_kept(
    docs: Path, measured_at_once: list[Results]
) -> None:
    assert command.main(["--again", "costs", "--docs", str(docs)]) == 0
    (earlier,) = measured_at_once
    assert earlier.costs == ()
    assert earlier.growth == MEASURED.growth


def test_a_child_that_fails_says_what_it_said() -> None:
    with pytest.raises(AuditError, match="No module named"):
        answer_of("bench.audit.bare_child", ["no.such:workload", 0, 1, 1, 1])


def test_a_bare_run_has_a_value_for_each_block() -> None:
    found = run_bare(Run(variant=FIRST, workload=Workload.FAILING), 16)

    assert found.iterations == found.wanted == 16
    assert len(found.cpu_s) == len(found.most_descriptors) == len(found.rss_bytes) == 8
    assert min(found.cpu_s) > 0
    assert min(found.most_descriptors) > 3
    assert found.peak_rss_bytes >= max(found.rss_bytes)


def test_leakcheck_says_what_the_first_release_keeps_of_a_report_that_fails(
    tmp_path: Path,
) -> None:
    found = run_growth(Run(variant=FIRST, workload=Workload.FAILING), 128, tmp_path)

    assert found.verdict is not Verdict.CLEAN
    assert found.heap.low > 10_000
    assert len(found.marks) == len(found.heap_levels) == 16


# At 1.0.0 nothing closes the connections: Python says so when the collector does.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_two_releases_read_each_others_reports() -> None:
    found = compatibility()

    assert found.same_api
    assert found.same_schema
    assert found.carried == found.written == 6
