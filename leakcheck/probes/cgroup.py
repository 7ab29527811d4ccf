"""The memory that a container allows, as the kernel's control groups say it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from leakcheck.model.health import ContainerLimit

_UNLIMITED: Final = 1 << 62
"""Version 1 has no word for no limit: it says the largest multiple of a page."""
_LIMIT_FILES: Final = ("memory.max", "memory.limit_in_bytes")
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mount:
    """A hierarchy of control groups: what of it is mounted, and where."""

    version: int
    root: PurePosixPath
    point: Path

    @property
    def file_name(self) -> str:
        return "memory.max" if self.version == 2 else "memory.limit_in_bytes"  # noqa: PLR2004


def container_limit(proc: Path = Path("/proc/self")) -> ContainerLimit | None:
    """Return the least memory limit of this process' control groups, None where there is none.

    `proc` is the process' own folder in /proc. A limit of any group above counts as well. What
    cannot be read says nothing.
    """
    try:
        mounts = (proc / "mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
        groups = (proc / "cgroup").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    paths = dict(_memory_groups(groups))
    found = [
        limit
        for mount in map(_mount, mounts.splitlines())
        if mount is not None and mount.version in paths
        for limit in _limits(mount, paths[mount.version])
    ]
    return min(found, key=lambda limit: limit.limit_bytes, default=None)


def _memory_groups(text: str) -> Iterator[tuple[int, PurePosixPath]]:
    """Yield the cgroup version and path of each group that may limit memory."""
    for line in text.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            yield 2, PurePosixPath(path)
        elif "memory" in controllers.split(","):
            yield 1, PurePosixPath(path)


def _mount(line: str) -> _Mount | None:
    """Return what a line of mountinfo mounts, None if it can say nothing about memory."""
    fields, _, filesystem = line.partition(" - ")
    root, point = (*fields.split(), "", "", "", "", "")[3:5]
    kind, _, options = (*filesystem.split(), "", "", "")[:3]
    is_memory = kind == "cgroup" and "memory" in options.split(",")
    if kind != "cgroup2" and not is_memory:
        return None
    return _Mount(
        version=1 if is_memory else 2,
        root=PurePosixPath(_unescaped(root)),
        point=Path(_unescaped(point)),
    )


def _limits(mount: _Mount, group: PurePosixPath) -> Iterator[ContainerLimit]:
    """Yield the limits of a group and of all above it, as far up as is mounted."""
    inside = group.relative_to(mount.root) if group.is_relative_to(mount.root) else None
    folder = mount.point / (inside or "")  # a group of another namespace: only the top is seen
    for place in (folder, *folder.parents):
        if not place.is_relative_to(mount.point):
            return
        limit = _number(place / mount.file_name)
        if limit is not None:
            yield ContainerLimit(limit_bytes=limit, version=mount.version)


def group_limit_bytes(folder: Path) -> int | None:
    """Return the least memory limit of a control group and of those above it, None without one.

    `folder` is where the group is mounted.
    """
    found = []
    for place in (folder, *folder.parents):
        names = [name for name in _LIMIT_FILES if (place / name).exists()]
        if not names and not (place / "cgroup.procs").exists():
            break
        found += [limit for name in names if (limit := _number(place / name)) is not None]
    return min(found, default=None)


def _number(file: Path) -> int | None:
    try:
        number = int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):  # not there (the root has none), or the word max
        return None
    return number if 0 < number < _UNLIMITED else None


def _unescaped(path: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), path)
