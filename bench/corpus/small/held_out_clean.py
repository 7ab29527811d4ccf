"""Clean workloads that no rule was chosen on: look at the verdicts, not at the code."""

import asyncio
import json
import sqlite3
import ssl
import struct
import sys
import tempfile
import threading
import weakref
import zlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from bench.corpus.small.held_out_leaky import Document
from bench.corpus.small.registry import Group, clean, dice

Work = Iterator[Callable[[], None]]
AsyncWork = AsyncIterator[Callable[[], Awaitable[None]]]

RING: Final[list[bytes | None]] = []
LIMITS: Final[dict[str, tuple[int, str]]] = {}
LATEST: Final[dict[int, tuple[int, float]]] = {}
WORDS: Final[Counter[str]] = Counter()
LOG: Final[list[tuple[int, str]]] = []
DOCUMENTS: Final[weakref.WeakValueDictionary[int, Document]] = weakref.WeakValueDictionary()


@clean(Group.HELD_OUT)
def json_documents() -> Work:
    """Set up an endpoint that reads a document and answers with another."""
    rng = dice("json_documents")
    most = rng.randint(2, 25)

    def answer() -> None:
        items = [{"id": n, "price": rng.random()} for n in range(rng.randint(1, most))]
        request = json.loads(json.dumps({"items": items, "note": "x" * rng.randint(0, 300)}))
        json.dumps({"total": sum(item["price"] for item in request["items"])})

    yield answer


@clean(Group.HELD_OUT)
def xml_documents() -> Work:
    """Set up a feed reader whose feeds have entries of changing number and length."""
    rng = dice("xml_documents")
    most = rng.randint(2, 10)

    def read() -> None:
        entries = (
            f"<e n='{n}'>{'y' * rng.randint(1, 90)}</e>" for n in range(rng.randint(1, most))
        )
        tree = ET.fromstring(f"<feed>{''.join(entries)}</feed>")  # noqa: S314 -- our own text
        ET.tostring(tree.findall("e")[-1])

    yield read


@clean(Group.HELD_OUT)
def compressed_frames() -> Work:
    """Set up a protocol of frames with a header and a compressed body."""
    rng = dice("compressed_frames")
    header = struct.Struct("!IIH")
    most = rng.randint(200, 3_000)

    def exchange() -> None:
        body = zlib.compress(rng.randbytes(20) * (rng.randint(1, most) // 20 + 1), level=1)
        frame = header.pack(len(body), zlib.crc32(body), 7) + body
        length, _, _ = header.unpack_from(frame)
        zlib.decompress(frame[-length:])

    yield exchange


@clean(Group.HELD_OUT)
def handshakes_that_begin() -> Work:
    """Set up TLS connections over memory that get as far as their first message."""
    rng = dice("handshakes_that_begin")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def connect() -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        name = f"host{rng.randrange(500)}.example"
        connection = context.wrap_bio(incoming, outgoing, server_hostname=name)
        try:
            connection.do_handshake()
        except ssl.SSLWantReadError:
            outgoing.read()

    yield connect


@clean(Group.HELD_OUT)
def ring_of_frames() -> Work:
    """Set up a ring of places for frames of changing size, empty at first."""
    rng = dice("ring_of_frames")
    places = rng.randint(500, 6_000)
    RING[:] = [None] * places
    number = 0

    def receive() -> None:
        nonlocal number
        RING[number % places] = rng.randbytes(rng.randint(20, 200))
        number += 1

    yield receive
    RING.clear()


@clean(Group.HELD_OUT)
def entries_that_expire() -> Work:
    """Set up rates by address that expire, swept from time to time; time is a count of calls."""
    rng = dice("entries_that_expire")
    life, every = rng.randint(300, 3_000), rng.randint(50, 500)
    now = 0

    def hit() -> None:
        nonlocal now
        now += 1
        LIMITS[f"10.0.{rng.randrange(256)}.{rng.randrange(256)}"] = (now + life, "GET")
        if now % every == 0:
            for address in [key for key, (until, _) in LIMITS.items() if until < now]:
                del LIMITS[address]

    yield hit
    LIMITS.clear()


@clean(Group.HELD_OUT)
def table_by_remainder() -> Work:
    """Set up the latest reading of each of many sensors, by the remainder of a growing number."""
    rng = dice("table_by_remainder")
    sensors = rng.randint(200, 6_000)
    number = rng.randrange(10**6)

    def report() -> None:
        nonlocal number
        number += rng.randint(1, 3)
        LATEST[number % sensors] = (number, rng.random())

    yield report
    LATEST.clear()


class Generations:
    """A cache of two dictionaries: when the young one is full it becomes the old one."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._young: dict[int, str] = {}
        self._old: dict[int, str] = {}

    def get(self, key: int) -> str:
        """Return the value of `key`."""
        value = self._young.get(key) or self._old.get(key) or f"value of {key}"
        self._young[key] = value
        if len(self._young) >= self._limit:
            self._young, self._old = {}, self._young
        return value


GENERATIONS: Final = Generations(1_500)


@clean(Group.HELD_OUT)
def cache_of_two_generations() -> Work:
    """Set up look-ups of which some are frequent and some are seen once."""
    rng = dice("cache_of_two_generations")
    mean = rng.randint(2_000, 50_000)

    def look_up() -> None:
        GENERATIONS.get(int(rng.expovariate(1 / mean)))

    yield look_up


@clean(Group.HELD_OUT)
def counter_cut_to_the_most_common() -> Work:
    """Set up a count of words that is cut to the most common ones when it is long."""
    rng = dice("counter_cut_to_the_most_common")
    most = rng.randint(300, 2_000)

    def read() -> None:
        WORDS.update(f"word{int(rng.paretovariate(0.7)) % 10**9}" for _ in range(3))
        if len(WORDS) > most:
            kept = WORDS.most_common(most // 4)
            WORDS.clear()
            WORDS.update(dict(kept))

    yield read
    WORDS.clear()


@clean(Group.HELD_OUT)
def interned_names() -> Work:
    """Set up rows whose column names are interned, and whose values are not kept."""
    rng = dice("interned_names")
    columns = rng.randint(20, 400)

    def read_row() -> None:
        row = {sys.intern(f"column_{rng.randrange(columns)}"): rng.random() for _ in range(6)}
        row[sys.intern(f"status_{rng.randrange(60)}")] = 1.0
        sum(row.values())

    yield read_row


@clean(Group.HELD_OUT)
def log_that_is_compacted() -> Work:
    """Set up a list of writes that is cut to the newest of each key when it has grown enough."""
    rng = dice("log_that_is_compacted")
    keys, longest = rng.randint(50, 300), rng.randint(1_000, 4_000)

    def write() -> None:
        LOG.append((rng.randrange(keys), f"state {rng.random():.9f}"))
        if len(LOG) > longest:
            LOG[:] = dict(LOG).items()

    yield write
    LOG.clear()


@clean(Group.HELD_OUT)
def documents_held_weakly() -> Work:
    """Set up an index that holds documents weakly; a few of the newest are open."""
    rng = dice("documents_held_weakly")
    opened: deque[Document] = deque(maxlen=rng.randint(10, 1_000))
    number = 0

    def open_document() -> None:
        nonlocal number
        number += 1
        document = DOCUMENTS[number] = Document("text " * rng.randint(1, 20))
        opened.append(document)

    yield open_document
    opened.clear()


async def _work(rng_value: float) -> float:
    await asyncio.sleep(0)
    return rng_value * 2


@clean(Group.HELD_OUT)
async def requests_with_a_time_limit() -> AsyncWork:
    """Set up requests that gather parts, each under a time limit that is never reached."""
    rng = dice("requests_with_a_time_limit")
    parts = rng.randint(1, 3)

    async def handle() -> None:
        async with asyncio.timeout(30):
            await asyncio.gather(*(_work(rng.random()) for _ in range(parts)))

    yield handle


@clean(Group.HELD_OUT)
def threads_that_end() -> Work:
    """Set up calls of which one in ten starts a thread and waits for it."""
    rng = dice("threads_that_end")
    found: deque[int] = deque(maxlen=100)

    def call() -> None:
        if rng.random() < 1 / 10:
            thread = threading.Thread(target=found.append, args=(rng.getrandbits(40),))
            thread.start()
            thread.join()

    yield call


@clean(Group.HELD_OUT)
def statements_of_many_shapes() -> Work:
    """Set up searches over a database file, whose statements differ in their conditions."""
    rng = dice("statements_of_many_shapes")
    columns = rng.randint(3, 9)
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "goods.db")
        names = [f"c{n}" for n in range(columns)]
        database.execute(f"CREATE TABLE goods ({', '.join(names)})")
        database.execute("INSERT INTO goods DEFAULT VALUES")
        database.commit()

        def search() -> None:
            wanted = rng.sample(names, rng.randint(1, columns))
            condition = " AND ".join(f"{name} = ?" for name in wanted)
            query = f"SELECT * FROM goods WHERE {condition}"  # noqa: S608 -- names of our own
            database.execute(query, [1] * len(wanted)).fetchall()

        yield search
        database.close()
