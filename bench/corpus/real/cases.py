"""The pairs: which releases leak, which do not, and where that was reported."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent


class Side(StrEnum):
    """One side of a pair."""

    LEAKY = "leaky"
    FIXED = "fixed"


class Kind(StrEnum):
    """What is kept, and by whom."""

    REGISTRY = "registry"  # a container of the package's own that is never pruned
    REFERENCE = "reference"  # a Python object counted once too often in C
    CYCLE = "cycle"  # a cycle that the collector cannot see
    NATIVE = "native"  # memory that no Python object stands for
    DESCRIPTORS = "descriptors"
    BACKLOG = "backlog"  # freed, but slower than it is made


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A leaky release and a fixed one of `package`, and a workload for both.

    `leaky` and `fixed` are requirements as pip takes them, `python` the version of the interpreter
    that has wheels for both, `file` a file of this folder with a function `workload`.
    `counted_iterations` are as many as brute force needs for a steady rate. `module` is the
    package's folder or file below site-packages, where it is not called as the package is.
    `holder` is what the package's source calls the container that keeps it all.
    """

    name: str
    package: str
    leaky: tuple[str, ...]
    fixed: tuple[str, ...]
    reference: str
    kind: Kind
    python: str = "3.11"
    counted_iterations: int = 4_000
    module: str = ""
    holder: str | None = None

    @property
    def file(self) -> Path:
        """Return the file of the workload."""
        return FOLDER / f"{self.name}.py"

    @property
    def target(self) -> str:
        """Return the target as the command line has it."""
        return f"{self.file}:workload"

    @property
    def files(self) -> str:
        """Return the package's folder or file below site-packages, a folder with its slash."""
        return self.module or f"{self.package}/"

    @property
    def has_line(self) -> bool:
        """Return whether memory is kept, which memray sees: os.pipe, say, is not reported."""
        return self.kind is not Kind.DESCRIPTORS

    def requirements(self, side: Side) -> tuple[str, ...]:
        """Return what has to be installed for a side."""
        return self.leaky if side == Side.LEAKY else self.fixed


CASES: Final = (
    Case(
        name="aiohttp_unmatched_requests",
        package="aiohttp",
        leaky=("aiohttp==3.10.10",),
        fixed=("aiohttp==3.10.11",),
        reference="aio-libs/aiohttp#9852, CVE-2024-52303",
        kind=Kind.REGISTRY,
        holder="_build_middlewares",
    ),
    Case(
        name="aioquic_http3_streams",
        package="aioquic",
        leaky=("aioquic==1.2.0",),
        fixed=("aioquic==1.3.0",),
        reference="aiortc/aioquic#590",
        kind=Kind.REGISTRY,
        holder="_stream",
    ),
    Case(
        name="awkward_from_records",
        package="awkward",
        leaky=("awkward==1.10.2", "numpy==1.23.5"),
        fixed=("awkward==1.10.3", "numpy==1.23.5"),
        reference="scikit-hep/awkward#2311",
        kind=Kind.REFERENCE,
    ),
    Case(
        name="babel_date_patterns",
        package="babel",
        leaky=("babel==2.11.0",),
        fixed=("babel==2.12.1",),
        reference="python-babel/babel#962, python-babel/babel#967",
        kind=Kind.REGISTRY,
        holder="_pattern_cache",
    ),
    Case(
        name="cbor2_bad_text",
        package="cbor2",
        leaky=("cbor2==5.9.0",),
        fixed=("cbor2==6.0.1",),
        reference="agronholm/cbor2#257",
        kind=Kind.REFERENCE,
    ),
    Case(
        name="hiredis_reader_cycle",
        package="hiredis",
        leaky=("hiredis==2.2.2",),
        fixed=("hiredis==2.2.3",),
        reference="redis/hiredis-py#163, redis/redis-py#2741",
        kind=Kind.CYCLE,
    ),
    Case(
        name="msgspec_struct_reference",
        package="msgspec",
        leaky=("msgspec==0.13.0",),
        fixed=("msgspec==0.13.1",),
        reference="msgspec/msgspec#311",
        kind=Kind.REFERENCE,
    ),
    Case(
        name="multidict_emptied",
        package="multidict",
        leaky=("multidict==6.6.3",),
        fixed=("multidict==6.6.4",),
        reference="aio-libs/multidict#1232",
        kind=Kind.NATIVE,
    ),
    Case(
        name="numpy_reduce_out",
        package="numpy",
        leaky=("numpy==2.3.1",),
        fixed=("numpy==2.3.2",),
        reference="numpy/numpy#29355",
        kind=Kind.REFERENCE,
    ),
    Case(
        name="opentelemetry_metric_readers",
        package="opentelemetry-sdk",
        leaky=("opentelemetry-sdk==1.27.0",),
        fixed=("opentelemetry-sdk==1.28.0",),
        reference="open-telemetry/opentelemetry-python#4220",
        kind=Kind.REGISTRY,
        holder="_all_metric_readers",
        module="opentelemetry/sdk/",
    ),
    Case(
        name="orjson_default_error",
        package="orjson",
        leaky=("orjson==3.9.0",),
        fixed=("orjson==3.9.1",),
        reference="the changelog of ijl/orjson, 3.9.1",
        kind=Kind.REFERENCE,
    ),
    Case(
        name="protobuf_unset_size",
        package="protobuf",
        leaky=("protobuf==4.22.1",),
        fixed=("protobuf==4.24.4",),
        reference="protocolbuffers/upb#1243",
        kind=Kind.NATIVE,
        module="google/",
    ),
    Case(
        name="pycares_channel_backlog",
        package="pycares",
        leaky=("pycares==4.9.0",),
        fixed=("pycares==4.10.0",),
        reference="saghul/pycares#248",
        kind=Kind.BACKLOG,
        counted_iterations=2_000,  # many machines allow a process 4,096 descriptors at most
    ),
    Case(
        name="pydantic_generic_models",
        package="pydantic",
        leaky=("pydantic==1.9.0",),
        fixed=("pydantic==1.9.1",),
        reference="pydantic/pydantic#4083",
        kind=Kind.REGISTRY,
        holder="_generic_types_cache",
    ),
    Case(
        name="pydantic_lazy_iterable",
        package="pydantic",
        leaky=("pydantic==2.7.0",),
        fixed=("pydantic==2.7.1",),
        reference="pydantic/pydantic#9243",
        kind=Kind.CYCLE,
    ),
    Case(
        name="rtree_abandoned_search",
        package="rtree",
        leaky=("rtree==1.0.1",),
        fixed=("rtree==1.1.0",),
        reference="Toblerity/rtree#266",
        kind=Kind.NATIVE,
    ),
    Case(
        name="selectolax_css_engine",
        package="selectolax",
        leaky=("selectolax==0.3.13",),
        fixed=("selectolax==0.3.14",),
        reference="rushter/selectolax#90",
        kind=Kind.NATIVE,
        counted_iterations=2_000,
    ),
    Case(
        name="sh_pipe_descriptor",
        package="sh",
        leaky=("sh==1.12.2",),
        fixed=("sh==1.12.3",),
        reference="amoffat/sh#336",
        kind=Kind.DESCRIPTORS,
        module="sh.py",
        counted_iterations=400,  # each starts a process
    ),
    Case(
        name="ujson_big_integers",
        package="ujson",
        leaky=("ujson==5.11.0",),
        fixed=("ujson==5.12.0",),
        reference="CVE-2026-32874, GHSA-wgvc-ghv9-3pmm",
        kind=Kind.NATIVE,
    ),
)
