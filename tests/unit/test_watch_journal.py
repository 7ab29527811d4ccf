"""A journal keeps what was read, is bounded, and nothing in it is trusted."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.model.errors import RecordError
from leakcheck.watch.journal import Journal, before, history_of, readings_of
from leakcheck.watch.journal_lines import HEADER, line_of, reading_in
from leakcheck.watch.reading import Reading

COUNTS = st.none() | st.integers(0, 1 << 31)
READINGS = st.builds(
    Reading,
    at_s=st.floats(0, 1e11).map(lambda at_s: round(at_s, 3)),
    memory_bytes=st.integers(0, 1 << 62),
    descriptors=COUNTS,
    threads=COUNTS,
    children=COUNTS,
    life=st.text(max_size=80),
)


@given(READINGS)
@settings(max_examples=40)
def test_a_reading_comes_back_as_it_was_written(reading: Reading) -> None:
    assert reading_in(line_of(reading)) == reading


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_any_line_is_a_reading_or_refused(line: str) -> None:
    said = ""
    try:
        reading_in(line)
    except RecordError as error:
        said = str(error)

    assert not said or ("found" in said and "wanted" in said)


BAD = {
    "[]": "wanted a JSON object",
    "nonsense": "wanted a reading as JSON",
    "[" * 900: "wanted a reading as JSON",
    '{"at": NaN, "memory": 1}': "at: found 'nan', wanted a number",
    '{"at": 1, "memory": 1.5}': "memory: found '1.5', wanted a whole number",
    '{"at": 1, "memory": -1}': "memory: found '-1'",
    '{"at": true, "memory": 1}': "at: found 'True'",
    '{"memory": 1}': "at: found 'None'",
    '{"at": 1, "memory": 1, "threads": "x"}': "threads: found 'x'",
    '{"at": 1, "memory": 1, "life": 7}': "life: found '7', wanted a text",
    f'{{"at": 1, "memory": 1, "life": "{"x" * 81}"}}': "wanted a text of 80 characters at most",
    '{"at": 1, "memory": 99999999999999999999}': "memory: found '99999999999999999999'",
}


@pytest.mark.parametrize(("line", "said"), BAD.items(), ids=lambda text: text[:30])
def test_a_bad_line_is_refused_with_file_and_number(line: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "w.jsonl"
    file.write_text(f'{HEADER}\n{{"at": 0, "memory": 1}}\n{line}\n', encoding="utf-8")

    with pytest.raises(RecordError) as refused:
        list(readings_of(file))
    assert str(refused.value).startswith(f"{file}:3: ")
    assert said in str(refused.value)


def test_readings_out_of_order_and_lines_without_an_end_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "w.jsonl"
    file.write_text(f'{HEADER}\n{{"at": 9, "memory": 1}}\n{{"at": 8, "memory": 1}}\n')
    with pytest.raises(RecordError, match="found a reading from before the last one"):
        list(readings_of(file))

    file.write_text(f"{HEADER}\n{'9' * 5000}\n", encoding="utf-8")
    with pytest.raises(RecordError, match="wanted lines of 1024 bytes at most"):
        list(readings_of(file))


def test_what_is_no_journal_is_neither_read_nor_appended_to(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    file.write_text("root:x:0:0\n", encoding="utf-8")

    with pytest.raises(RecordError, match=r"wanted .* a journal of leakcheck watch"):
        list(history_of(file))
    with pytest.raises(RecordError, match="cannot be read"):
        list(readings_of(tmp_path / "nowhere"))
    file.write_text('{"leakcheck_watch": 2}\n', encoding="utf-8")
    with pytest.raises(RecordError, match="found version '2' of a journal, wanted 1"):
        list(readings_of(file))


def test_a_journal_goes_on_where_it_stopped_even_in_the_middle_of_a_line(tmp_path: Path) -> None:
    file = tmp_path / "w.jsonl"
    journal = Journal(file)
    journal.write(Reading(at_s=1.0, memory_bytes=5))
    journal.close()
    with file.open("a", encoding="utf-8") as cut:
        cut.write('{"at": 2.0, "mem')

    assert [one.at_s for one in history_of(file)] == [1.0]
    journal = Journal(file)
    journal.write(Reading(at_s=3.0, memory_bytes=6))
    journal.close()
    assert [one.at_s for one in history_of(file)] == [1.0, 3.0]


def test_a_journal_is_bounded_and_loses_the_oldest_half(tmp_path: Path) -> None:
    file = tmp_path / "w.jsonl"
    journal = Journal(file, most_bytes=2_000)
    for number in range(500):
        journal.write(Reading(at_s=float(number), memory_bytes=number, life="1:2:0"))
    journal.close()
    kept = [one.memory_bytes for one in history_of(file)]

    assert file.stat().st_size + before(file).stat().st_size < 4_500
    assert kept == list(range(kept[0], 500))
    assert len(kept) > 25


def test_a_new_journal_has_no_history(tmp_path: Path) -> None:
    assert list(history_of(tmp_path / "new.jsonl")) == []
