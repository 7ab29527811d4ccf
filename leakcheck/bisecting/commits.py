"""The commits of a main line, the oldest first."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.bisecting.git import Git
from leakcheck.bisecting.names import require_revision
from leakcheck.bisecting.programs import Tick
from leakcheck.bisecting.steps import Candidate, UntestableError
from leakcheck.bisecting.versions import Span
from leakcheck.model.errors import UsageError
from leakcheck.model.text import printable

_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT: Final = 9
_LONGEST_SUBJECT: Final = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A repository's main line between two commits: `top` is its folder, `keys` are ids."""

    top: Path
    keys: tuple[str, ...]

    def candidates(self) -> tuple[Candidate, ...]:
        """Return them by short ids; `described` has their subjects."""
        return tuple(Candidate(key=key, name=key[:_SHORT]) for key in self.keys)


def history_of(git: Git, span: Span, tick: Tick) -> History:
    """Return the commits from the old end to the new one, both included.

    Those are the commits of the new end's first-parent line that the old end does not contain: each
    of them was the state of the main line once, and a merge is one step.

    Raises:
        UsageError: if there is no repository or no such commit, or the old end is none of the new
            one's ancestors.
    """
    try:
        top = Path(git.out("rev-parse", "--show-toplevel", tick=tick)).resolve()
    except UntestableError as error:
        msg = f"{git.folder}: found no git repository there ({error}), wanted one: --repo DIR"
        raise UsageError(msg) from error
    old, new = (_commit(git, one, tick) for one in (span.old, span.new or "HEAD"))
    _require_order(git, span, (old, new), tick)
    listed = git.out("rev-list", "--first-parent", "--reverse", f"{old}..{new}", tick=tick)
    return History(top=top, keys=(old, *_shas(listed)))


def described(git: Git, candidate: Candidate, tick: Tick) -> Candidate:
    """Return a commit with its subject and its parents.

    Raises:
        UntestableError: if git does not tell.
    """
    form = ["--no-show-signature", "--no-color", "--no-patch", "--format=%H %P%n%s"]
    parents, _, subject = git.out("log", "-1", *form, candidate.key, tick=tick).partition("\n")
    return Candidate(
        key=candidate.key,
        name=candidate.name,
        subject=subject_shown(subject),
        parents=_shas(parents)[1:],
    )


def subject_shown(subject: str) -> str:
    r"""Return a commit's subject in printable characters and not too long.

    >>> subject_shown("Keep\x1b[2J all"), len(subject_shown("x" * 500))
    ('Keep?[2J all', 72)
    """
    shown = printable(subject.encode(errors="replace").decode(errors="replace")).strip()
    return shown if len(shown) <= _LONGEST_SUBJECT else f"{shown[: _LONGEST_SUBJECT - 3]}..."


def _commit(git: Git, named: str, tick: Tick) -> str:
    require_revision("commit", named)
    wanted = ["--verify", "--quiet", "--end-of-options", f"{named}^{{commit}}"]
    ended = git.ended("rev-parse", *wanted, tick=tick)
    shas = _shas(ended.out.decode(errors="replace"))
    if ended.code != 0 or len(shas) != 1:
        msg = (
            f"{named!r}: found no such commit in {git.folder}, wanted one, such as v1.0 or HEAD~20"
        )
        raise UsageError(msg)
    return shas[0]


def _require_order(git: Git, span: Span, ends: tuple[str, str], tick: Tick) -> None:
    old, new = ends
    named = f"{span.old} and {span.new or 'HEAD'}"
    if old == new:
        msg = f"{named}: found one commit, wanted an older one and a newer one"
        raise UsageError(msg)
    if git.ended("merge-base", "--is-ancestor", old, new, tick=tick).code != 0:
        msg = f"{named}: wanted an ancestor and its descendant; --fixed has --bad as the older one"
        if git.out("rev-parse", "--is-shallow-repository", tick=tick) == "true":
            msg += " (the history here is shallow: git fetch --unshallow)"
        raise UsageError(msg)


def _shas(text: str) -> tuple[str, ...]:
    return tuple(one for one in text.split() if _SHA.fullmatch(one))
