"""How a verdict was reached, in words, and a record as others may read it."""

from dataclasses import replace
from pathlib import PurePath

import pytest
from hypothesis import given

from leakcheck.analysis.account import account
from leakcheck.analysis.shown import as_shown, record_as_shown
from leakcheck.model.measurement import Ending
from leakcheck.model.run_record import RunRecord
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Judgement, Verdict
from tests.unit.records import leak_record, records

PROJECT = PurePath("/project")


def test_it_tells_length_end_probes_warm_up_looks_threshold_and_sites() -> None:
    text = " ".join(account(leak_record()))

    for part in (
        "ran 4,000 iterations in 12.5 s, of at most 20,000 and 60 s",
        "the answer was sure",
        "proved were heap, rss, descriptors, threads, tasks",
        "settled after 500 iterations",
        "looked at after 2,000 and 4,000 iterations",
        "The threshold was 4.0 B an iteration",
        "one call site was followed",
        "gave back 216 B of heap in use",
    ):
        assert part in text


@pytest.mark.parametrize("ending", Ending)
def test_every_end_of_a_run_has_its_sentence(ending: Ending) -> None:
    record = leak_record()
    ended = replace(record, measurement=replace(record.measurement, ending=ending))

    assert account(ended)[0].count(".") >= 2


def test_what_was_not_measured_has_no_looks() -> None:
    failed = Judgement(verdict=Verdict.ERROR, reason="it raised", looks=(500,))

    assert "looked at" not in " ".join(account(replace(leak_record(), judgement=failed)))


def test_a_run_without_call_sites_and_without_collector_says_so() -> None:
    record = leak_record()
    bare = replace(record.measurement, sites=None, gc_enabled=False)
    stopped = replace(record.measurement, capture_stopped="the disk is full")

    assert "the totals alone decided" in " ".join(account(replace(record, measurement=bare)))
    assert "switched off" in " ".join(account(replace(record, measurement=bare)))
    assert "the disk is full." in " ".join(account(replace(record, measurement=stopped)))


@given(records)
def test_of_any_record_the_verdict_is_the_last_word(record: RunRecord) -> None:
    sentences = account(record)

    assert sentences[-1].startswith(f"So the verdict is {record.judgement.verdict}: ")
    assert all(sentence.endswith((".", "!", "?")) for sentence in sentences)


def test_a_call_site_is_shown_under_the_users_own_line() -> None:
    record = leak_record()
    (site,) = record.judgement.sites
    inner = Frame(file="/usr/lib/python3.11/json/decoder.py", line=353, function="decode")
    sites = (replace(site, file=inner.file, line=353, stack=(inner, *site.stack)),)
    judgement = replace(record.judgement, sites=sites)
    (shown,) = record_as_shown(replace(record, judgement=judgement), PROJECT).judgement.sites

    assert (shown.file, shown.line) == ("jobs.py", 12)
    assert shown.stack[0].file == ".../json/decoder.py"


def test_a_home_directory_is_shown_of_no_frame_and_in_no_sentence() -> None:
    record = leak_record()
    home = str(PurePath("/home") / "somebody" / "app.py")
    judgement = replace(record.judgement, reason=f"it grows at {home}:3", held_by=(home,))
    plan = replace(record.plan, target=f"{home}:tick")
    shown = record_as_shown(replace(record, judgement=judgement, plan=plan), PROJECT)

    assert shown.judgement.reason == "it grows at ~/app.py:3"
    assert shown.judgement.held_by == ("~/app.py",)
    assert shown.plan.target == "~/app.py:tick"
    assert as_shown(Frame(file=home, line=1, function="f"), PROJECT).file == "~/app.py"


@given(records)
def test_no_number_of_a_record_changes_when_it_is_shown(record: RunRecord) -> None:
    shown = record_as_shown(record, PROJECT)

    assert shown.measurement.series == record.measurement.series
    assert shown.measurement.iterations == record.measurement.iterations
    assert shown.judgement.growth == record.judgement.growth
    assert shown.judgement.verdict is record.judgement.verdict
    assert len(shown.judgement.sites) == len(record.judgement.sites)
