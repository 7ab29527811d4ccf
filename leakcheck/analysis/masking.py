"""What a user typed, without the secrets in it: for lines that others may read.

What may be one is masked: rather a harmless value too many than a password.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

MASK: Final = "***"
_MODULE: Final = "-m"
"""The one option of other programs whose value is a name: an interpreter's."""
_SPACE: Final = re.compile(r"(\s+)")
_OPTION: Final = re.compile(r"(--[^\W\d][\w.-]*|-[^\W\d])(.*)", re.DOTALL)
_ASSIGNED: Final = re.compile(r"([A-Za-z_][\w.-]*)=.*", re.DOTALL)
_URL: Final = re.compile(r"(.*?[A-Za-z][A-Za-z0-9+.-]*://)(.*)", re.DOTALL)
_LOGIN: Final = re.compile(r"([^:/@]*)(:?).*@(.*)", re.DOTALL)
_WEB: Final = ("http://", "https://")
"""Where a token may stand in the place of a user's name."""
_AFTER_PATH: Final = re.compile(r"[?#&;=].*", re.DOTALL)


def masked(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a command without passwords in URLs and without values of options.

    Kept are the words that stand by themselves: programs, files, targets, hosts, user names.

    >>> masked(["serve.py", "--token", "s3cret", "postgresql://me:s3cret@host/db"])
    ('serve.py', '--token', '***', 'postgresql://me:***@host/db')
    """
    return tuple(_masked(words))


def _masked(words: Sequence[str]) -> Iterator[str]:
    is_value = False
    for word in words:
        option = _OPTION.fullmatch(word)
        if word == _MODULE:
            yield word
            is_value = False
        elif option is None:
            yield MASK if is_value else _plain(word)
            is_value = False
        else:
            name, value = option.groups()
            yield f"{name}{'=' if value.startswith('=') else ''}{MASK}" if value else name
            is_value = not value


def _plain(word: str) -> str:
    """Return a word that stands by itself; one with spaces may be a command of its own."""
    parts = _SPACE.split(word)
    if len(parts) > 1:
        return "".join(_with_spaces(parts[::2], parts[1::2]))
    if assigned := _ASSIGNED.fullmatch(word):
        return f"{assigned[1]}={MASK}"
    if url := _URL.fullmatch(word):
        return f"{url[1]}{_location(url[2], is_web=url[1].lower().endswith(_WEB))}"
    login = _LOGIN.fullmatch(word)
    return f"{login[1]}:{MASK}@{login[3]}" if login and login[2] else word


def _with_spaces(words: Sequence[str], spaces: Sequence[str]) -> Iterator[str]:
    for word, space in zip(masked(words), [*spaces, ""], strict=True):
        yield word
        yield space


def _location(text: str, *, is_web: bool) -> str:
    """Return what follows on ``://`` without its password; without a colon all may be one."""
    if login := _LOGIN.fullmatch(text):
        user = f"{login[1]}:" if login[2] and not is_web else ""
        text = f"{user}{MASK}@{login[3]}"
    return _AFTER_PATH.sub(f"?{MASK}", text)
