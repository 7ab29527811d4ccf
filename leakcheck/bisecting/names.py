"""Names that a user typed or an index answered with: none of them may be taken for an option."""

import re
from dataclasses import dataclass
from typing import Final

from leakcheck.model.errors import UsageError

_LONGEST: Final = 100
_NAME: Final = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?)"
    r"(?P<extras>\[[A-Za-z0-9][A-Za-z0-9._,-]{0,98}\])?"
)
_VERSION: Final = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z.!+_-]{0,98}[0-9A-Za-z])?")
_REVISION: Final = re.compile(r"[^-\s\x00-\x1f\x7f][^\x00-\x1f\x7f]{0,199}")
_REQUIREMENT: Final = re.compile(r"[^-\s\x00-\x1f\x7f][^\x00-\x1f\x7f]{0,499}")
_ZEROS: Final = re.compile(r"(?:\.0)+(?=$|[^0-9.])")


@dataclass(frozen=True, slots=True)
class Package:
    """A package as it is required: `name` without, `extras` with its brackets or empty."""

    name: str
    extras: str

    def at(self, version: str) -> str:
        """Return the requirement of one version.

        >>> Package("uvicorn", "[standard]").at("0.30.0")
        'uvicorn[standard]==0.30.0'
        """
        return f"{self.name}{self.extras}=={version}"


def package_named(text: str) -> Package:
    """Return the package that a text names.

    Raises:
        UsageError: if it is no name of a package (PEP 508), with or without extras.

    >>> package_named("uvicorn[standard]")
    Package(name='uvicorn', extras='[standard]')
    """
    found = _NAME.fullmatch(text)
    if found is None:
        option = "--package"
        raise _refused(option, text, "a package's name, such as tenacity")
    return Package(found["name"], found["extras"] or "")


def require_version(option: str, text: str) -> str:
    """Return `text`, if it may be a version (PEP 440).

    Raises:
        UsageError: if it may not; `option` says who gave it.
    """
    return _required(_VERSION, option, text, "a version, such as 8.1.0")


def is_version(text: str) -> bool:
    """Return whether `text` may be a version.

    >>> is_version("8.1.0rc1"), is_version("--pre"), is_version("1.0 2.0")
    (True, False, False)
    """
    return _VERSION.fullmatch(text) is not None


def require_revision(option: str, text: str) -> str:
    """Return `text`, if it may name a commit.

    Raises:
        UsageError: if it may not, as what looks like an option.
    """
    return _required(_REVISION, option, text, "a commit, such as v1.0 or HEAD~20")


def require_requirement(text: str) -> str:
    """Return `text`, if it may be a requirement of an installer.

    Raises:
        UsageError: if it may not, as what looks like an option.
    """
    return _required(_REQUIREMENT, "--with", text, "a requirement, such as numpy<2")


def same_version(text: str) -> str:
    """Return what is the same for two ways to write one version (PEP 440, 'normalization').

    >>> same_version("v8.1.0") == same_version("8.1"), same_version("1.0RC1")
    (True, '1rc1')
    """
    return _ZEROS.sub("", text.lower().removeprefix("v"))


def _required(form: re.Pattern[str], option: str, text: str, wanted: str) -> str:
    if form.fullmatch(text) is None:
        raise _refused(option, text, wanted)
    return text


def _refused(option: str, text: str, wanted: str) -> UsageError:
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return UsageError(f"{option}: found {shown!r}, wanted {wanted}")
