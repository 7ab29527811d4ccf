"""How a page is read, and what is said of an example that fails."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.docs.fences import BadPage, Command, File, Skipped, Step, steps_of, why_slow
from tests.docs.reader import Reader

PAGE = """\
# A page

<!-- file: shop/jobs.py -->
```python
print("jobs")
```

```console
$ python shop/jobs.py
jobs
$ python -c 'raise SystemExit(3)'  # exits with 3
$ echo a \\
>   b
a b
```

<!-- not run: needs a network -->
```console
$ pip install it
```

- In a list too:

  ```console
  $ true
  ```

```python
only_shown()
```
"""


def page(folder: Path, text: str) -> Path:
    file = folder / "page.md"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_page_is_its_files_and_its_commands_in_order(tmp_path: Path) -> None:
    assert steps_of(page(tmp_path, PAGE)) == [
        File(line=4, name="shop/jobs.py", text='print("jobs")\n'),
        Command(line=9, text="python shop/jobs.py", output="jobs\n"),
        Command(line=11, text="python -c 'raise SystemExit(3)'", code=3),
        Command(line=12, text="echo a \\\n  b", output="a b\n"),
        Skipped(line=18, reason="needs a network"),
        Command(line=25, text="true"),
    ]


def test_a_page_that_is_right_is_followed_to_its_end(tmp_path: Path) -> None:
    Reader(page="page.md", folder=tmp_path).follow(steps_of(page(tmp_path, PAGE)))


@pytest.mark.parametrize("comment", ["not run", "not run:", "file:", "file", "slow"])
def test_a_comment_without_its_name_or_reason_is_refused(comment: str, tmp_path: Path) -> None:
    with pytest.raises(BadPage, match=r"page\.md:1: found <!-- .* -->, wanted <!-- "):
        steps_of(page(tmp_path, f"<!-- {comment} -->\n```console\n$ true\n```\n"))


def test_a_console_without_a_command_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPage, match=r"page\.md:2: found \['true'\], wanted a line that begins"):
        steps_of(page(tmp_path, "```console\ntrue\n```\n"))


def test_a_page_says_that_it_is_slow(tmp_path: Path) -> None:
    assert why_slow(page(tmp_path, PAGE)) is None
    assert why_slow(page(tmp_path, f"<!-- slow: ten runs -->\n\n{PAGE}")) == "ten runs"


FAILURES = {
    Command(line=7, text="echo no; exit 2"): "page.md:7: $ echo no; exit 2\n"
    "found exit code 2, wanted 0\nit printed:\n    no",
    Command(line=7, text="true", code=1): "page.md:7: $ true\n"
    "found exit code 0, wanted 1\nit printed:\n    nothing",
    Command(line=7, text="echo a; echo b >&2", output="c\n"): "page.md:7: $ echo a; echo b >&2\n"
    "found:\n    a\n    b\nwanted:\n    c",
}


@pytest.mark.parametrize(
    ("step", "said"), FAILURES.items(), ids=lambda one: getattr(one, "text", "")
)
def test_an_example_that_fails_says_where_what_it_found_and_what_it_wanted(
    step: Step, said: str, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError) as failed:
        Reader(page="page.md", folder=tmp_path).follow([step])

    assert str(failed.value).startswith(said)


def test_a_command_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.docs.reader.LONGEST_S", 0.2)

    with pytest.raises(AssertionError, match=r"found no end in 0\.2 s, wanted exit code 0"):
        Reader(page="page.md", folder=tmp_path).follow([Command(line=1, text="sleep 60; true")])


def test_an_output_may_leave_out_and_be_spaced_otherwise(tmp_path: Path) -> None:
    step = Command(
        line=1, text="echo 'LEAK   in 0.3 s'; echo more >&2", output="LEAK in ... s\nmore\n"
    )

    Reader(page="page.md", folder=tmp_path).follow([step])


VARIES = "+185 B/iteration (184 B .. 187 B) for 46 min, record 20261125T071427Z-tick-c116b7"


@pytest.mark.parametrize(
    ("printed", "is_right"),
    [
        (
            "+1.2 KiB/iteration (-3 B .. 1,080.3 B) for 2 h, record 20270101T000000Z-tick-aaaaaa",
            True,
        ),
        (
            "+1.2 KiB/iteration (-3 B .. 1,080.3 B) for ever, record 20270101T000000Z-tick-aaaaaa",
            False,
        ),
        (
            "+185 B/iteration (184 B .. 187 B) for 46 min, record 20261125T071427Z-tock-c116b7",
            False,
        ),
    ],
)
def test_figures_that_vary_may_be_others_and_words_may_not(
    printed: str, *, is_right: bool, tmp_path: Path
) -> None:
    step = Command(line=1, text=f"echo '{printed}'", output=f"{VARIES}\n", figures_vary=True)
    reader = Reader(page="page.md", folder=tmp_path)

    with nullcontext() if is_right else pytest.raises(AssertionError):
        reader.follow([step])


def test_commands_see_nothing_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    step = Command(line=1, text='echo "[$GITHUB_ACTIONS] $COLUMNS"', output="[] 80\n")

    Reader(page="page.md", folder=tmp_path).follow([step])
