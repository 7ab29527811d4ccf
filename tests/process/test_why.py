"""`leakcheck why`: the explanation once more, from a record alone."""

import json
from pathlib import Path

import pytest

from leakcheck.cli import main
from leakcheck.record.store import RecordStore
from tests.unit.records import leak_record


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the id of a leak's record in the default folder, where this test stands."""
    monkeypatch.chdir(tmp_path)
    store = RecordStore(Path(".leakcheck"))
    store.prepare()
    record = leak_record()
    store.folder(record.id).mkdir(exist_ok=True)
    store.save(record)
    return record.id


def test_it_says_line_share_holder_outlook_and_what_to_do_next(
    stored: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", stored]) == 1

    said = capsys.readouterr().out
    for part in ("LEAK", "jobs.py:12  tick()", "100 % of the growth", "held by", "until:", "next:"):
        assert part in said
    assert len(said.splitlines()) <= 25


def test_it_says_how_to_run_the_workload_again_in_text_and_json(
    stored: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", stored, "--json", "why.json"]) == 1

    (verdict,) = json.loads(Path("why.json").read_bytes())["verdicts"]
    repeat = verdict["explanation"]["repeat"]
    assert repeat == "leakcheck run jobs.py:tick --python /usr/bin/python3"
    assert f"repeat: {repeat}\n" in capsys.readouterr().out


def test_a_limit_and_a_pace_of_ones_own_change_the_outlook_in_text_and_json(
    stored: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", stored, "--limit", "1GB", "--rate", "8", "--json", "why.json"]) == 1

    assert "left of the limit in" in capsys.readouterr().out
    (verdict,) = json.loads(Path("why.json").read_bytes())["verdicts"]
    outlook = verdict["explanation"]["outlook"]
    assert (outlook["limit_bytes"], outlook["iterations_per_second"]) == (1e9, 8.0)
    assert outlook["seconds"] == pytest.approx(outlook["room_bytes"] / (108 * 8), rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--rate", "0"], "--rate: found 0.0, wanted more than 0"),
        (["--limit", "much"], "--limit: found 'much', wanted a size above 0"),
        (["--json", "no/such/folder.json"], "--json: no/such/folder.json cannot be written"),
    ],
)
def test_what_is_no_pace_limit_or_file_is_refused(
    stored: str, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert main(["why", stored, *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_a_record_that_is_not_there_is_refused(
    stored: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", stored.replace("tick", "tock")]) == 2
    assert "leakcheck: " in capsys.readouterr().err
