"""A bisection from what is asked to its answer: who knows the candidates, and where they run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from leakcheck.bisecting.bisection import Bisection
from leakcheck.bisecting.cache import Cache
from leakcheck.bisecting.commits import history_of
from leakcheck.bisecting.environments import Environments, Index, Wanted
from leakcheck.bisecting.git import Git
from leakcheck.bisecting.interpreters import facts_of, loan_for, pip_of
from leakcheck.bisecting.kept import Kept
from leakcheck.bisecting.measuring import Measuring
from leakcheck.bisecting.names import Package
from leakcheck.bisecting.places import CommitPlaces, Origin, Places, VersionPlaces
from leakcheck.bisecting.programs import Tick
from leakcheck.bisecting.steps import Candidate, Finding, Step
from leakcheck.bisecting.targets import Target
from leakcheck.bisecting.trees import Trees
from leakcheck.bisecting.versions import Span, between, versions_of
from leakcheck.check import Settings
from leakcheck.model.plan import Profiler
from leakcheck.run.outcome import Observer, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The two ends as they were named, and whether the old one is the one that leaks.

    `new` is None for the newest there is.
    """

    old: str
    new: str | None
    is_fix: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A bisection that was asked for.

    `package` is None for commits, of the repository at `repository`; `versions` are those to ask,
    None for all that there are; `more` is what is installed beside the candidate.
    """

    target: Target
    ends: Ends
    package: Package | None
    versions: tuple[str, ...] | None
    pre: bool
    repository: Path
    origin: Origin
    more: Wanted
    installs: bool
    index: Index
    cache: Path
    again: bool
    uv: str | None
    settings: Settings


def bisected(asked: Asked, *, observe: Observer, told: Callable[[Step], None]) -> Finding:
    """Return the answer; `observe` is shown the progress and `told` each step when it is done.

    Raises:
        UsageError: if something that is named is not there: then nothing was run.
        KeyboardInterrupt: if it was interrupted.
    """
    cache = Cache(asked.cache)
    cache.prepare()

    def tick() -> None:
        observe(Progress(target=asked.target.text, phase="looking up what there is"))

    candidates, places = _sources(asked, cache, tick)
    measuring = Measuring(
        places=places,
        settings=asked.settings,
        kept=Kept(cache=cache),
        observe=observe,
        again=asked.again,
    )
    return Bisection(
        candidates=candidates,
        target=asked.target.text,
        subject=asked.package.name if asked.package is not None else "",
        is_fix=asked.ends.is_fix,
        measure=measuring.measure,
        told=told,
    ).run()


def _sources(asked: Asked, cache: Cache, tick: Tick) -> tuple[tuple[Candidate, ...], Places]:
    span = Span(old=asked.ends.old, new=asked.ends.new)
    environments = _environments(asked, cache, tick)
    if asked.package is not None:
        return _versions(asked, asked.package, span, environments, tick)
    git = Git(folder=asked.repository.absolute(), variables=asked.settings.variables)
    history = history_of(git, span, tick)
    places = CommitPlaces(
        trees=Trees(cache=cache, git=git, top=history.top),
        target=asked.target,
        origin=asked.origin,
        python=asked.settings.python,
        more=asked.more,
        installs=asked.installs,
        environments=environments,
        here=Path.cwd(),
    )
    return history.candidates(), places


def _versions(
    asked: Asked, package: Package, span: Span, environments: Environments, tick: Tick
) -> tuple[tuple[Candidate, ...], Places]:
    versions = asked.versions or versions_of(
        package,
        python=asked.settings.python,
        environments=environments,
        pre=asked.pre,
        tick=tick,
    )
    places = VersionPlaces(
        package=package, target=asked.target, more=asked.more, environments=environments
    )
    return between(package, versions, span), places


def _environments(asked: Asked, cache: Cache, tick: Tick) -> Environments:
    variables = asked.settings.variables
    facts = facts_of(asked.settings.python, variables, tick)
    options = asked.settings.commanded.over(asked.settings.configured)
    has_memray = options.profiler is not Profiler.NONE
    return Environments(
        cache=cache,
        facts=facts,
        index=asked.index,
        variables=variables,
        loan=loan_for(facts, cache) if has_memray else None,
        has_memray=has_memray,
        uv=asked.uv,
        pip=None if asked.uv else pip_of(facts, asked.settings.python, variables, tick),
    )
