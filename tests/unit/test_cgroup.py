"""The memory limit of a container, read from folders that look like the kernel's."""

from pathlib import Path

import pytest

from leakcheck.model.health import ContainerLimit
from leakcheck.probes.allocator import mapped_allocators, preloaded
from leakcheck.probes.cgroup import container_limit

UNLIMITED_V1 = 9223372036854771712
GIB = 1 << 30


def kernel(folder: Path, groups: str, *mounts: str) -> Path:
    """Write what a process' own folder in /proc says, and return that folder."""
    (folder / "proc").mkdir()
    lines = [f"{number} 1 0:{number} {mount}" for number, mount in enumerate(mounts, 30)]
    (folder / "proc" / "mountinfo").write_text("\n".join(lines) + "\n")
    (folder / "proc" / "cgroup").write_text(groups)
    return folder / "proc"


def allow(folder: Path, limit: int | str, name: str = "memory.max") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"{limit}\n")


def v2(folder: Path, root: str = "/") -> str:
    return f"{root} {folder} rw,relatime shared:4 - cgroup2 cgroup2 rw"


def v1(folder: Path, root: str = "/", controllers: str = "memory") -> str:
    return f"{root} {folder} rw,relatime - cgroup cgroup rw,{controllers}"


def test_version_2_says_its_limit(tmp_path: Path) -> None:
    allow(tmp_path / "fs/app", 2 * GIB)
    proc = kernel(tmp_path, "0::/app\n", v2(tmp_path / "fs"))

    assert container_limit(proc) == ContainerLimit(limit_bytes=2 * GIB, version=2)


def test_the_least_limit_on_the_way_up_is_what_holds(tmp_path: Path) -> None:
    allow(tmp_path / "fs/pod", GIB)
    allow(tmp_path / "fs/pod/app", "max")
    allow(tmp_path / "fs/pod/app/deep", 2 * GIB)
    allow(tmp_path, 1)  # above what is mounted: no group at all
    proc = kernel(tmp_path, "0::/pod/app/deep\n", v2(tmp_path / "fs"))

    assert container_limit(proc) == ContainerLimit(limit_bytes=GIB, version=2)


def test_version_1_says_its_limit_for_the_part_that_is_mounted(tmp_path: Path) -> None:
    name = "memory.limit_in_bytes"
    allow(tmp_path / "fs", 3 * GIB, name)
    allow(tmp_path / "other", 1, name)
    proc = kernel(
        tmp_path,
        "9:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n0::/\n",
        v1(tmp_path / "other", controllers="cpu"),
        v1(tmp_path / "fs", root="/docker/1"),
    )

    assert container_limit(proc) == ContainerLimit(limit_bytes=3 * GIB, version=1)


def test_a_group_of_another_namespace_is_looked_for_at_the_top(tmp_path: Path) -> None:
    allow(tmp_path / "fs", GIB)
    proc = kernel(tmp_path, "0::/../../elsewhere\n", v2(tmp_path / "fs", root="/mine"))

    assert container_limit(proc) == ContainerLimit(limit_bytes=GIB, version=2)


def test_of_two_versions_at_once_the_lower_limit_holds(tmp_path: Path) -> None:
    allow(tmp_path / "one/app", GIB, "memory.limit_in_bytes")
    allow(tmp_path / "two/app", 2 * GIB)
    mounts = (v1(tmp_path / "one"), v2(tmp_path / "two"))
    proc = kernel(tmp_path, "4:memory:/app\n0::/app\n", *mounts)

    assert container_limit(proc) == ContainerLimit(limit_bytes=GIB, version=1)


@pytest.mark.parametrize("said", ["max", UNLIMITED_V1, "", "much", -1])
def test_what_is_no_limit_is_none(tmp_path: Path, said: int | str) -> None:
    allow(tmp_path / "fs/app", said)
    proc = kernel(tmp_path, "0::/app\n", v2(tmp_path / "fs"))

    assert container_limit(proc) is None


def test_a_folder_with_a_space_is_read_as_the_kernel_writes_it(tmp_path: Path) -> None:
    allow(tmp_path / "a b/app", GIB)
    proc = kernel(tmp_path, "0::/app\n", v2(tmp_path / r"a\040b"))

    assert container_limit(proc) == ContainerLimit(limit_bytes=GIB, version=2)


@pytest.mark.parametrize("groups", ["", "nonsense", "::", "0:", "0::/app"])
def test_what_the_kernel_does_not_say_is_no_limit(tmp_path: Path, groups: str) -> None:
    assert container_limit(kernel(tmp_path, groups, "", "/", "x y - cgroup2")) is None


def test_where_there_is_no_proc_there_is_no_limit(tmp_path: Path) -> None:
    assert container_limit(tmp_path) is None
    assert mapped_allocators(0) == frozenset()


def test_what_is_preloaded_is_named_without_its_folder() -> None:
    assert preloaded({}) == preloaded({"LD_PRELOAD": ""}) == ()
    assert preloaded({"LD_PRELOAD": " /a/libx.so  liby.so:/b/libz.so.1"}) == (
        "libx.so",
        "liby.so",
        "libz.so.1",
    )
