"""Applications that are driven: what each route of them does is told by its path."""

SHOP = """
import asyncio, multiprocessing, os, sys, threading, time

KEPT = []
CACHE = {}
WORKER = []


def keep():
    KEPT.append(bytearray(1000))  # grows: /list


def worker():
    if not WORKER:
        context = multiprocessing.get_context("spawn")
        own, theirs = context.Pipe()
        context.Process(target=work, args=(theirs,), daemon=True).start()
        WORKER.append(own)
    return WORKER[0]


def work(pipe):
    kept = []
    while True:
        kept.append(bytearray(pipe.recv()))
        pipe.send(len(kept))


def answer(path, query):
    if path == "/list":
        keep()
    elif path == "/cache":
        CACHE[query] = query * 500  # grows: /cache
    elif path == "/file":
        KEPT.append(open(os.devnull))
    elif path == "/thread":
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    elif path == "/worker":
        worker().send(40_000)
        worker().recv()
    elif path == "/spawn":
        multiprocessing.get_context("fork").Process(target=time.sleep, args=(900,)).start()
    elif path == "/twice":
        KEPT.append(1)
        return 200 if len(KEPT) < 5 else 404
    elif path == "/bad":
        raise ValueError("it went wrong")
    elif path == "/exit":
        os._exit(7)
    return 404 if path == "/missing" else 200


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    path = scope["path"]
    if path == "/task":
        KEPT.append(asyncio.create_task(asyncio.Event().wait()))
    if path == "/never":
        await asyncio.Event().wait()
    headers = dict(scope["headers"])
    status = answer(path, scope["query_string"])
    if path == "/secret" and headers.get(b"authorization") != b"Bearer s3cret-1":
        status = 401
    await send({"type": "http.response.start", "status": status, "headers": []})
    if path == "/endless":
        while True:
            await send({"type": "http.response.body", "body": b"a" * 1_000_000, "more_body": True})
    await send({"type": "http.response.body", "body": b"ok"})


async def lifespan(receive, send):
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    open("shut-down", "w").close()
    await send({"type": "lifespan.shutdown.complete"})


async def fails_to_start(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})


def make_app():
    return app


def old(environ, start_response):
    status = answer(environ["PATH_INFO"], environ["QUERY_STRING"])
    start_response(f"{status} Told", [("Content-Length", "2")])
    return [b"ok"]


NOT_ONE = 3
"""

FAST = """
from fastapi import FastAPI

app = FastAPI()
KEPT = []

@app.get("/health")
def health():
    return {"ok": True}

@app.get("/items/{item}")
async def item(item: int, page: int):
    KEPT.append(bytearray(2000))
    return {"item": item}

@app.post("/items")
async def add(name: dict):
    return name
"""

FLASK = """
from flask import Flask

app = Flask("shop")
KEPT = []

@app.get("/health")
def health():
    return {"ok": True}

@app.get("/keep")
def keep():
    KEPT.append(bytearray(500))
    return {"ok": True}
"""
