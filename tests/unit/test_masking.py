"""No secret that a user typed survives where others may read it."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.analysis.masking import MASK, masked

# A secret is never a part of what stands around it: that is in small letters and signs.
SIGNS = "!%+,:;=?@#&/~.^-_ü"
secrets = st.text(string.ascii_uppercase + string.digits + SIGNS, min_size=1, max_size=12).map(
    lambda text: f"S3CRET{text}Z"
)
names = st.text(string.ascii_lowercase, min_size=1, max_size=5)
schemes = st.sampled_from(["postgresql", "redis", "https", "mysql+pymysql", "amqp", "HTTPS"])


@st.composite
def spoken(draw: st.DrawFn, secret: str) -> list[str]:
    """Draw words that hold a secret where commands have one."""
    name, scheme = draw(names), draw(schemes)
    options = st.sampled_from([f"--{name}", f"-{name[0]}", f"--{name}-{name}"])
    option = draw(options.filter(lambda one: one != "-m"))  # that is python's own: a module
    return draw(
        st.sampled_from(
            [
                [f"{scheme}://{name}:{secret}@host/db"],
                [f"{scheme}://{secret.replace(':', '')}@host:80/db"],  # else a user has one
                [f"{scheme}://host/db?{name}={secret}&b=c"],
                [f"{scheme}://host/db#{secret}"],
                [f"{name}@{scheme}://{name}:{secret}@host"],
                [f"{name}:{secret}@host"],
                [f"{name.upper()}={secret}"],
                [option, secret],
                [f"{option}={secret}"],
                [f"-{name[0]}{secret}"],
                [f"{name} {option} {secret}"],
                [f"host=h {name}={secret} port=1"],
            ]
        )
    )


@given(st.data(), st.lists(names), secrets, st.lists(names))
def test_no_secret_survives_wherever_a_command_has_it(
    data: st.DataObject, before: list[str], secret: str, after: list[str]
) -> None:
    words = data.draw(spoken(secret))

    assert "S3CRET" not in " ".join(masked([*before, *words, *after]))


@given(st.lists(st.text()))
def test_masking_keeps_the_number_of_words_and_masks_nothing_twice(words: list[str]) -> None:
    once = masked(words)

    assert len(once) == len(words)
    assert masked(once) == once


@pytest.mark.parametrize(
    "word",
    [
        "jobs.py:tick",
        "shop.jobs:tick",
        "a folder/jobs.py:tick",
        "/opt/python@3.12/bin/python3.12",
        "-m",
        "me@host",
        "--",
        "-1",
        "https://host:8080/path",
        "",
    ],
)
def test_a_word_that_holds_no_secret_stays_as_it_is(word: str) -> None:
    assert masked([word]) == (word,)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["postgresql://user:pw@host/db"], ["postgresql://user:***@host/db"]),
        (["redis://:pw@host:6379/0"], ["redis://:***@host:6379/0"]),
        (["https://token:x-oauth-basic@host/x"], ["https://***@host/x"]),
        (["HTTPS://token:@host/x"], ["HTTPS://***@host/x"]),
        (["https://host/x?token=1&y=2"], ["https://host/x?***"]),
        (["python", "-m", "jobs", "--fast", "--token", "x"], None),
        (["URL=redis://h", "-p5", "-p=5"], ["URL=***", "-p***", "-p=***"]),
        (["sh -c 'run --token x'"], ["sh -c *** --token ***"]),
    ],
)
def test_what_is_masked_keeps_what_it_is_of(words: list[str], shown: list[str] | None) -> None:
    wanted = shown or ["python", "-m", "jobs", "--fast", "--token", MASK]

    assert list(masked(words)) == wanted
