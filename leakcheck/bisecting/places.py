"""Where a candidate is run: its interpreter, its folder, and the workload as it is found there."""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from leakcheck.bisecting.commits import described
from leakcheck.bisecting.environments import Environments, Wanted, modules_of
from leakcheck.bisecting.names import Package
from leakcheck.bisecting.programs import Tick
from leakcheck.bisecting.steps import Candidate, UntestableError
from leakcheck.bisecting.targets import Target, content_of
from leakcheck.bisecting.trees import Trees, is_project, put, put_back
from leakcheck.model.run_record import RunRecord


class Origin(StrEnum):
    """Whose file of the workload is run, where it is one of the repository."""

    HERE = "here"  # the present checkout's: a new workload is put to old code
    COMMIT = "commit"  # each commit's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one candidate is run.

    `folder` is the one that its process starts in, `root` the one that its files are shown from.
    `state` is another once anything here is another.
    """

    python: Path
    target: str
    folder: Path
    root: Path
    variables: Mapping[str, str]
    state: tuple[str, ...]


class Places(Protocol):
    """What knows of each candidate where it is run."""

    def describe(self, candidate: Candidate, tick: Tick) -> Candidate:
        """Return the candidate with what a reader is to be told of it."""
        ...

    def place(self, candidate: Candidate, tick: Tick) -> AbstractContextManager[Place]:
        """Return where it is run, once all is there that it needs.

        Raises:
            UntestableError: if that cannot be had.
        """
        ...

    def require_own(self, record: RunRecord, place: Place) -> None:
        """Do nothing if what ran was the candidate.

        Raises:
            UntestableError: if something else was.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPlaces:
    """The workload as it is here, with one version of a package after another."""

    package: Package
    target: Target
    more: Wanted
    environments: Environments

    def describe(self, candidate: Candidate, tick: Tick) -> Candidate:  # noqa: ARG002 -- as for commits
        """Return the candidate: a version says all."""
        return candidate

    @contextmanager
    def place(self, candidate: Candidate, tick: Tick) -> Iterator[Place]:
        """Yield the environment of a version."""
        wanted = Wanted(
            requirements=(self.package.at(candidate.key), *self.more.requirements),
            files=self.more.files,
        )
        python = self.environments.get(wanted, tick)
        self._require_seen(python)
        yield Place(
            python=python,
            target=self.target.text,
            folder=Path.cwd(),
            root=Path.cwd(),
            variables=self.environments.variables,
            state=(self.environments.key(wanted), self.target.state(), str(Path.cwd())),
        )

    def require_own(self, record: RunRecord, place: Place) -> None:
        """Do nothing: an environment has no other version than its own."""

    def _require_seen(self, python: Path) -> None:
        """Do nothing if no module here is imported in place of the package's.

        Raises:
            UntestableError: if one is: then each version would be the same.
        """
        named = self.environments.variables.get("PYTHONPATH", "").split(os.pathsep)
        folders = [Path.cwd(), *(Path(one) for one in named if one)]
        if self.target.file is not None:
            folders.append(self.target.file.parent)
        for module in modules_of(self.package.name, python):
            for folder in folders:
                if (folder / module).exists():
                    msg = (
                        f"{folder / module} would be imported instead of {self.package.name}'s own"
                    )
                    raise UntestableError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitPlaces:
    """One commit after another, and the workload put to each.

    `python` is the interpreter where nothing is installed; `here` the folder that the user stands
    in, `extras` those of the project itself.
    """

    trees: Trees
    target: Target
    origin: Origin
    python: Path
    more: Wanted
    installs: bool
    environments: Environments
    here: Path

    def describe(self, candidate: Candidate, tick: Tick) -> Candidate:
        """Return the commit with its subject."""
        return described(self.trees.git, candidate, tick)

    @contextmanager
    def place(self, candidate: Candidate, tick: Tick) -> Iterator[Place]:
        """Yield the checkout of a commit, and an environment where it is a project."""
        with self.trees.checked_out(candidate, tick) as tree:
            put_back(tree, self.trees.git, tick)  # what an earlier workload was put to
            target, workload = self._put_target(tree)
            python, variables, kind = self._interpreter(tree, tick)
            yield Place(
                python=python,
                target=target,
                folder=self._folder(tree),
                root=tree,
                variables=variables,
                state=(candidate.key, str(tree), kind, workload),
            )

    def require_own(self, record: RunRecord, place: Place) -> None:
        """Do nothing if no line of the user's own checkout was run.

        Raises:
            UntestableError: if one was, because that is what the interpreter has installed.
        """
        table = record.measurement.sites
        for site in table.sites if table is not None else ():
            for frame in site.stack:
                if self._is_of_checkout(frame.file, place.root):
                    file = os.path.relpath(frame.file, self.trees.top)
                    msg = f"it ran {file} of the checkout here, not of the commit"
                    raise UntestableError(msg)

    def _is_of_checkout(self, file: str, tree: Path) -> bool:
        path = Path(file)
        own = (
            tree,
            self.trees.cache.folder,
            self.environments.cache.folder,
            self.python.parent.parent,
        )
        if not path.is_relative_to(self.trees.top) or any(map(path.is_relative_to, own)):
            return False
        return path != self.target.file

    def _put_target(self, tree: Path) -> tuple[str, str]:
        """Return the target as it is found from the folder, and what tells its content."""
        file = self.target.file
        if file is None:
            return self.target.text, ""
        inside = self._inside()
        if inside is None:
            return self.target.at(str(file)), self.target.state()
        there = tree / inside
        if self.origin is Origin.HERE:
            put(content_of(self.target), there, tree)
        if not there.is_file():
            msg = f"{inside} is not in it"
            raise UntestableError(msg)
        state = self.target.state() if self.origin is Origin.HERE else ""
        return self.target.at(os.path.relpath(there, self._folder(tree))), state

    def _inside(self) -> Path | None:
        """Return where the target's file lies in the repository, None where it lies elsewhere."""
        file = self.target.file
        if file is None:
            return None
        real = file.parent.resolve() / file.name
        top = self.trees.top
        return real.relative_to(top) if real.is_relative_to(top) else None

    def _folder(self, tree: Path) -> Path:
        """Return the folder of a checkout that is the one the user stands in, or else its top."""
        here, top = self.here.resolve(), self.trees.top
        folder = tree / here.relative_to(top) if here.is_relative_to(top) else tree
        return folder if folder.is_dir() else tree

    def _interpreter(self, tree: Path, tick: Tick) -> tuple[Path, Mapping[str, str], str]:
        """Return the interpreter, its variables, and what tells it from others."""
        project = tree if self.installs and is_project(tree) else None
        wanted = Wanted(
            requirements=self.more.requirements,
            files=self.more.files,
            project=project,
            extras=self.more.extras,
        )
        first = () if project is not None else (tree / "src", tree)
        variables = self._with_path(tree, first)
        if wanted == Wanted():
            facts = self.environments.facts
            kind = f"{self.python} {facts.version} {facts.site}"
            return self.python, variables, kind
        return self.environments.get(wanted, tick), variables, self.environments.key(wanted)

    def _with_path(self, tree: Path, first: tuple[Path, ...]) -> dict[str, str]:
        """Return the environment in which modules are looked for in some folders first."""
        variables = dict(self.environments.variables)
        named = [one for one in variables.get("PYTHONPATH", "").split(os.pathsep) if one]
        folders = [str(folder) for folder in first if folder.is_dir()]
        others = [self._moved(Path(one), tree) for one in named]
        variables["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([*folders, *others]))
        return variables

    def _moved(self, folder: Path, tree: Path) -> str:
        """Return a folder of the repository as it is in the checkout, any other as it is."""
        real, top = (self.here / folder).resolve(), self.trees.top
        return str(tree / real.relative_to(top) if real.is_relative_to(top) else folder)
