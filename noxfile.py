"""The sessions: every check that a change has to pass, and the leak check of the service.

nox                                      lint, types, imports, tests
nox -s leakcheck                         the service's workloads, verdict words last
nox -s leakcheck -- --release 1.0.0      the same at an older release of the service
nox -s leakcheck -- jobs.py:tick         anything that `leakcheck run` takes
nox -s slow                              the slow tests, and the pages in a browser
nox -s docs                              the documentation as a site, in reports/out/docs
nox -s outages                           the service while something that it stands on is away
nox -s report                            a page about the newest record, or about those given
nox -s soak -- --quick                   the whole service, with faults or without, for two minutes
nox -s controls                          known leaks are found, an empty workload is clean
nox -s bench -- --quick                  the benchmarks, roughly; every run goes into the history
nox -s trend                             what changed, and at which commit; fails on a regression
nox -s dashboard                         runs, trends and flamegraphs as one static site
nox -s calibration -- --quick            how often the decision is wrong, on simulated series
nox -s accuracy -- --quick               how often the verdict is right, on a part of the corpus
nox -s watching -- --quick               how often a watch is right, on simulated and recorded days
nox -s audit -- --quick                  what release 1.1.0 claimed: the words of docs/AUDIT.md
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nox
from nox.command import CommandFailed

HERE = Path(__file__).parent
OUT = HERE / "reports" / "out"
"""What sessions write, beside run records; git ignores it."""

PROJECT = nox.project.load_toml(HERE / "pyproject.toml")
VERSIONS = ("3.11", "3.12", "3.13")
RELEASES = ("1.0.0", "1.1.0", "current")
WORKLOADS = tuple(
    f"bench.workloads.service:{name}"
    for name in (
        "market_tick",
        "api_request",
        "manual_report_failing",
        "report_cycle",
        "save_database",
        "service_day",
    )
)
OUTAGES = tuple(
    f"bench.workloads.service:{name}"
    for name in (
        "redis_restarted",
        "redis_refusing",
        "database_lost_between_saves",
        "database_lost_in_a_save",
        "commit_unanswered",
        "disk_full",
        "quotes_slow",
        "quotes_garbage",
        "quotes_failing",
        "quotes_silent",
        "manual_report_erring",
        "manual_report_retried",
    )
)
SOAKS = tuple(
    f"bench.workloads.service:{name}" for name in ("service_soak", "service_soak_with_faults")
)
UNPROFILED = ("--profiler", "none")
"""Where call sites would fill a capture before the end: every signal is followed without."""
QUICK_SOAK = ("--time-limit", "50", "--allow-inconclusive")
"""Two minutes for both: too short to be sure of CLEAN on a slow machine."""
DEFAULTS = {"--jobs": "2", "--json": str(OUT / "verdicts.json")}
FLAGS = (
    "--allow-inconclusive",
    "--warn-only",
    "--plot",
    "--html",
    "--keep-capture",
    "--native",
    "--github",
    "--no-github",
)
"""The options of `leakcheck run` that take no value."""
READS_OBJECTS = "holders inventory marks origins surroundings task_origins"
"""The process tests of what reads an interpreter's own objects and events."""
IN_A_CHILD = "applications evidence failures interpreters interruption leaves_nothing targets"
"""Those of the rest that runs inside a child, and of what is read from it."""
INSIDE = ("leakcheck.probes", "leakcheck.run", "leakcheck.testing")
"""The packages whose unit tests are of the same."""
AT_ONCE = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile")
"""A file of tests on each core at a time: most of them wait for processes that they measure."""


def real_interpreters_first() -> None:
    """Put pyenv's interpreters on PATH before its shims, which exist but refuse to start."""
    root = os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))
    found = sorted(Path(root).glob("versions/3.1[123].*/bin"), reverse=True)
    os.environ["PATH"] = os.pathsep.join([*map(str, found), os.environ.get("PATH", "")])


def starts(version: str) -> bool:
    """Return whether an interpreter of this version is on PATH and starts."""
    python = shutil.which(f"python{version}")
    command = [python or "", "-c", ""]
    return python is not None and subprocess.run(command, check=False).returncode == 0  # noqa: S603


def keep_bytecode() -> None:
    """Let interpreters keep what they compiled, which images of containers often forbid.

    Sessions start thousands of processes; each would compile the whole of its libraries again,
    which takes a workload over the service five to ten seconds.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


real_interpreters_first()
keep_bytecode()
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
PYTHONS = sorted({RUNNING, *filter(starts, VERSIONS)}, key=lambda name: int(name.split(".")[1]))

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "types", "imports", "tests"]


def install(session: nox.Session, *groups: str) -> None:
    """Install the project as it stands here, with its plots, and these dependency groups."""
    session.install("-e", ".[reports]", *nox.project.dependency_groups(PROJECT, *groups))


@nox.session
def lint(session: nox.Session) -> None:
    """Check format and rules."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of everything, this file too."""
    install(session, "service", "types")
    session.run("mypy")
    session.run("mypy", "noxfile.py")


@nox.session
def imports(session: nox.Session) -> None:
    """Check who imports whom."""
    session.install("--no-deps", "-e", ".")
    session.install(*nox.project.dependency_groups(PROJECT, "imports"))
    session.run("lint-imports")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests but for the slow ones; arguments go to pytest, and choose any."""
    install(session, "service", "history", "tests")
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    chosen = tests_for(str(session.python))
    run_all(session, ["-m", "not slow and not truth and not browser", *chosen])


def tests_for(version: str) -> tuple[str, ...]:
    """Return the arguments by which pytest runs the tests for an interpreter.

    The lowest runs all of them. What runs in a child meets the highest too, and what is pure with
    fewer examples; one in between meets what reads its own objects.
    """
    if version == PYTHONS[0]:
        return ()
    names, unit = READS_OBJECTS, [*map(str, unit_tests_inside())]
    if version == PYTHONS[-1]:
        names, unit = f"{READS_OBJECTS} {IN_A_CHILD}", ["tests/unit"]
    process = (f"tests/process/test_{name}.py" for name in names.split())
    return ("--hypothesis-profile=brief", "tests/plugin", *process, *unit)


def unit_tests_inside() -> list[Path]:
    """Return the unit tests of what runs inside a child."""
    files = sorted((HERE / "tests" / "unit").glob("test_*.py"))
    return [
        file.relative_to(HERE)
        for file in files
        if any(f"from {package}" in file.read_text(encoding="utf-8") for package in INSIDE)
    ]


@nox.session
def slow(session: nox.Session) -> None:
    """Run the slow tests and those that open pages in a browser, on one interpreter."""
    install(session, "service", "history", "tests")
    run_all(session, ["-m", "(slow or browser) and not truth"])


def run_all(session: nox.Session, arguments: list[str]) -> None:
    """Run the tests; what fails runs once more by itself, and has to pass then.

    Many of them measure real processes on a machine that others use too. Both runs are printed,
    and a test that fails twice fails the session.
    """
    with tempfile.TemporaryDirectory() as cache:
        command = ["pytest", "-o", f"cache_dir={cache}", *arguments]
        try:
            session.run(*command, *AT_ONCE)
        except CommandFailed:
            if not (Path(cache) / "v" / "cache" / "lastfailed").is_file():
                raise  # it did not get as far as failing
            session.warn("what failed runs once more")
            session.run(*command, "-p", "no:randomly", "--last-failed")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation as a site, strictly, in reports/out/docs; arguments go to Sphinx."""
    install(session, "docs")
    strict = ("-W", "--keep-going", "-n", "-q")
    places = ("-d", session.create_tmp(), str(HERE / "docs"), str(OUT / "docs"))
    session.run("sphinx-build", *strict, "-b", "html", *session.posargs, *places)


@nox.session
def controls(session: nox.Session) -> None:
    """Check the checker: known leaks are found and an empty workload is clean."""
    install(session, "service")
    session.run("python", "-m", "bench.controls", *session.posargs)


@nox.session
def accuracy(session: nox.Session) -> None:
    """Ask leakcheck, and its peers if told to, of workloads whose truth is known.

    The truth itself is counted first, by brute force, unless it is to be quick.
    """
    install(session, "tests")
    OUT.mkdir(parents=True, exist_ok=True)
    results = [] if "--json" in session.posargs else ["--json", str(OUT / "accuracy.json")]
    if "--quick" not in session.posargs:
        session.run("pytest", "-m", "truth", "tests/controls/test_corpus_truth.py")
    session.run("python", "-m", "bench.accuracy", *results, *session.posargs)


@nox.session
def calibration(session: nox.Session) -> None:
    """Measure how often the decision is wrong, and what it finds; --quick takes two minutes."""
    install(session, "service", "tests")
    session.run("python", "-m", "bench.calibration", *session.posargs)


@nox.session
def watching(session: nox.Session) -> None:
    """Watch services whose truth is known, by three rules; --quick takes two minutes."""
    install(session)
    session.run("python", "-m", "bench.watching", *session.posargs)


@nox.session
def audit(session: nox.Session) -> None:
    """Measure what each change of release 1.1.0 did and write docs/AUDIT.md; --quick checks it."""
    install(session, "service", "tests")
    session.run("python", "-m", "bench.audit", *session.posargs)


@nox.session
def leakcheck(session: nox.Session) -> None:
    """Check the service's workloads, or the targets given, for leaks."""
    release, arguments = parse_release(session)
    targets = [] if list(targets_in(arguments)) else WORKLOADS
    install(session, "service")
    OUT.mkdir(parents=True, exist_ok=True)
    command = ["leakcheck", "run", *targets, "--plot", *missing_defaults(arguments), *arguments]
    session.run(*command, env={"SYSTEM_RELEASE": release})


@nox.session
def outages(session: nox.Session) -> None:
    """Check that the service keeps nothing while something that it stands on is away."""
    install(session, "service")
    OUT.mkdir(parents=True, exist_ok=True)
    arguments = [*UNPROFILED, *missing_defaults(session.posargs), *session.posargs]
    session.run("leakcheck", "run", *OUTAGES, *arguments)


@nox.session
def report(session: nox.Session) -> None:
    """Write a page about the newest record in .leakcheck, or about the records given."""
    install(session)
    session.run("leakcheck", "report", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Run the whole service through thirty simulated days, and with faults; --quick: two minutes.

    ``SYSTEM_FAULT_SEED`` seeds the faults.
    """
    install(session, "service")
    OUT.mkdir(parents=True, exist_ok=True)
    session.run("leakcheck", "run", *SOAKS, "--plot", *soak_arguments(session.posargs))


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the benchmarks and keep the run; with --quick roughly, the rest goes to pytest."""
    arguments = [argument for argument in session.posargs if argument != "--quick"]
    if "--quick" in session.posargs:
        arguments += ["--benchmark-max-time=0.2", "--benchmark-min-rounds=3"]
    install(session, "service", "history", "tests")
    OUT.mkdir(parents=True, exist_ok=True)
    session.run(
        "pytest",
        "bench",
        "--ignore=bench/corpus",  # workloads, some of packages that are not installed here
        "-p",
        "no:randomly",
        "--benchmark-enable",
        "--benchmark-only",
        f"--benchmark-json={OUT / 'bench.json'}",
        *arguments,
    )
    session.run("python", "-m", "bench.history", "import", str(OUT / "bench.json"))


@nox.session
def trend(session: nox.Session) -> None:
    """Say what changed in the history, by commit; it fails when a regression is confirmed."""
    install(session, "history")
    session.run("python", "-m", "bench.history", "trend", *session.posargs)


@nox.session
def dashboard(session: nox.Session) -> None:
    """Write runs, trends and flamegraphs as one static site: reports/out/site, or -o DIR."""
    install(session, "history")
    session.run("python", "-m", "bench.history", "dashboard", *session.posargs)


def parse_release(session: nox.Session) -> tuple[str, list[str]]:
    """Return the service's release to check, and the arguments that are for leakcheck."""
    arguments = [part for one in session.posargs for part in release_parts(one)]
    if "--release" not in arguments:
        return "current", arguments
    at = arguments.index("--release")
    release = arguments[at + 1] if at + 1 < len(arguments) else "nothing"
    if release not in RELEASES:
        session.error(f"--release: found {release}, wanted {' or '.join(RELEASES)}")
    return release, arguments[:at] + arguments[at + 2 :]


def release_parts(argument: str) -> list[str]:
    """Return ``--release=R`` as two arguments, any other as it is."""
    return argument.split("=", 1) if argument.startswith("--release=") else [argument]


def targets_in(arguments: list[str]) -> Iterable[str]:
    """Return the arguments that name a workload: with a colon, and no option's value."""
    before = ["", *arguments]
    for previous, argument in zip(before, arguments, strict=False):
        is_value = previous.startswith("--") and "=" not in previous and previous not in FLAGS
        if ":" in argument and not argument.startswith("-") and not is_value:
            yield argument


def soak_arguments(posargs: list[str]) -> list[str]:
    """Return the options of a soak: ours, then those given, which win over them."""
    ours = QUICK_SOAK if "--quick" in posargs else UNPROFILED
    given = [argument for argument in posargs if argument != "--quick"]
    return [*ours, "--json", str(OUT / "soak.json"), *given]


def missing_defaults(arguments: list[str]) -> list[str]:
    """Return the options of ours that `arguments` do not give themselves."""
    given = {argument.split("=", 1)[0] for argument in arguments}
    return [
        part
        for option, value in DEFAULTS.items()
        if option not in given
        for part in (option, value)
    ]
