"""The core of the clean workloads: each looks like a leak to somebody, and none is one."""

import functools
import importlib
import logging
import logging.handlers
import re
import sqlite3
import tempfile
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bench.corpus.small.leaky import Node
from bench.corpus.small.registry import Group, clean, dice

Work = Iterator[Callable[[], None]]

IMPORTED: Final = """
argparse ast base64 bdb binascii bisect calendar cmd code codecs codeop colorsys
configparser copy csv ctypes datetime decimal difflib dis doctest enum filecmp fileinput
fnmatch fractions ftplib getopt gettext glob graphlib gzip hashlib heapq hmac
html.entities html.parser imaplib ipaddress json keyword linecache locale mailbox
mimetypes netrc numbers operator optparse pathlib pickletools plistlib poplib pprint
profile pstats pyclbr queue quopri random reprlib rlcompleter sched selectors shelve shlex
smtplib statistics string stringprep symtable tabnanny textwrap timeit tokenize trace
urllib.robotparser uuid wave webbrowser xml.dom.minidom xml.sax xmlrpc.client zipapp
zipfile zoneinfo
"""
"""Modules of the standard library that every supported version has."""


class Recent:
    """The most recently used values, up to a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[int, bytes] = OrderedDict()

    def get(self, key: int, make: Callable[[], bytes]) -> bytes:
        """Return the value of `key`, made if it is not there; the oldest goes for it."""
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        value = self._values[key] = make()
        if len(self._values) > self._limit:
            self._values.popitem(last=False)
        return value


RECENT: Final = Recent(5_000)
LAST: Final[deque[tuple[int, str]]] = deque(maxlen=10_000)
SESSIONS: Final[dict[int, dict[str, float]]] = {}


@clean(Group.CORE)
def recent_five_thousand() -> Work:
    """Set up a cache of 5,000 that fills slowly: most of the keys have been seen before."""
    rng = dice("recent_five_thousand")
    share_of_new = rng.uniform(0.3, 0.9)
    newest = 0

    def look_up() -> None:
        nonlocal newest
        if newest == 0 or rng.random() < share_of_new:
            newest += 1
            RECENT.get(newest, lambda: rng.randbytes(100))
        else:
            RECENT.get(rng.randint(max(1, newest - 4_000), newest), lambda: rng.randbytes(100))

    yield look_up


@functools.lru_cache(maxsize=512)
def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")


@clean(Group.CORE)
def memoised_titles_and_compiled_patterns() -> Work:
    """Set up a router: patterns that `re` keeps, titles that `lru_cache` keeps."""
    rng = dice("memoised_titles_and_compiled_patterns")
    titles, routes = rng.randint(400, 3_000), rng.randint(10, 40)

    def route() -> None:
        slug = _slug(f"Chapter {rng.randrange(titles)}")
        pattern = re.compile(rf"/route{rng.randrange(routes)}/(?P<slug>[a-z0-9-]+)")
        pattern.match(f"/route1/{slug}")

    yield route
    _slug.cache_clear()


@clean(Group.CORE)
def big_temporaries_of_random_size() -> Work:
    """Set up transfers that each hold a buffer of up to a megabyte for a moment."""
    rng = dice("big_temporaries_of_random_size")
    largest = rng.randint(200_000, 1_000_000)

    def transfer() -> None:
        buffer = bytearray(rng.randint(1, largest))
        parts = [buffer[n : n + 100] for n in range(0, len(buffer), len(buffer) // 8 + 1)]
        b"".join(parts)

    yield transfer


@clean(Group.CORE)
def imports_spread_over_fifty_iterations() -> Work:
    """Set up handlers that import what they need, a module each, the first time they run."""
    rng = dice("imports_spread_over_fifty_iterations")
    names = rng.sample(IMPORTED.split(), 50)
    count = 0

    def handle() -> None:
        nonlocal count
        module = importlib.import_module(names[count % 50])
        count += 1
        sorted(vars(module))[: rng.randint(1, 20)]

    yield handle


@clean(Group.CORE)
def deque_of_ten_thousand() -> Work:
    """Set up a feed of which the last 10,000 entries are kept."""
    rng = dice("deque_of_ten_thousand")
    burst = rng.randint(1, 4)
    number = 0

    def receive() -> None:
        nonlocal number
        for _ in range(burst):
            number += 1
            LAST.append((number, f"price={rng.random():.6f}"))

    yield receive
    LAST.clear()


@clean(Group.CORE)
def rotating_log() -> Work:
    """Set up a logger whose file rotates."""
    rng = dice("rotating_log")
    with tempfile.TemporaryDirectory() as folder:
        handler = logging.handlers.RotatingFileHandler(
            Path(folder) / "service.log",
            maxBytes=rng.randint(4_000, 40_000),
            backupCount=rng.randint(1, 4),
        )
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger = logging.getLogger("service")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(handler)

        def log() -> None:
            logger.info("request %d took %.3f ms", rng.randrange(10**6), rng.random())
            logger.debug("not written")

        yield log
        logger.removeHandler(handler)
        handler.close()


@clean(Group.CORE)
def pruned_table() -> Work:
    """Set up a table of events of which only the newest rows stay."""
    rng = dice("pruned_table")
    kept, every = rng.randint(200, 800), rng.randint(20, 120)
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, body TEXT)")

    def record() -> None:
        body = rng.randbytes(rng.randint(10, 60)).hex()
        newest = database.execute("INSERT INTO events (body) VALUES (?)", (body,)).lastrowid or 0
        if newest % every == 0:
            database.execute("DELETE FROM events WHERE id <= ?", (newest - kept,))
            database.commit()

    yield record
    database.close()


@clean(Group.CORE)
def collectable_cycles() -> Work:
    """Set up a parser that builds trees with back references and drops them."""
    rng = dice("collectable_cycles")
    most = rng.randint(2, 12)

    def parse() -> None:
        root = Node(None, rng.randbytes(40))
        for _ in range(rng.randint(1, most)):
            Node(root, b"leaf")

    yield parse


@clean(Group.CORE)
def numpy_temporaries() -> Work:
    """Set up a calculation over arrays that are made anew every time."""
    import numpy as np  # noqa: PLC0415 -- no other case needs it

    rng = dice("numpy_temporaries")
    longest = rng.randint(500, 5_000)
    prices = np.arange(longest, dtype=np.float64)

    def calculate() -> None:
        length = rng.randint(10, longest)
        returns = np.diff(np.log1p(prices[:length]))
        float(returns.std() + np.sort(returns)[-1])

    yield calculate


@clean(Group.CORE)
def dict_pruned_at_random() -> Work:
    """Set up sessions that come all the time and of which some end whenever it suits them."""
    rng = dice("dict_pruned_at_random")
    most, share = rng.randint(500, 2_000), rng.uniform(0.2, 0.8)
    number = 0

    def visit() -> None:
        nonlocal number
        number += 1
        SESSIONS[number] = {"started": rng.random()}
        if len(SESSIONS) > most:
            for key in rng.sample(list(SESSIONS), int(share * len(SESSIONS))):
                del SESSIONS[key]

    yield visit
    SESSIONS.clear()
