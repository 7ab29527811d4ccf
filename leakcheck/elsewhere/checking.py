"""Checks made by the workers of a cluster, with their records brought here."""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from leakcheck.analysis.decision import judge
from leakcheck.check import Checked, Settings, require_form
from leakcheck.elsewhere import worker
from leakcheck.elsewhere.order import Order
from leakcheck.elsewhere.parcel import Parcel, unpack
from leakcheck.elsewhere.watching import Watching
from leakcheck.fanout.cluster import Cluster
from leakcheck.fanout.dispatch import Delivery, Dispatch, Handlers
from leakcheck.model import errors
from leakcheck.model.errors import LeakcheckError, RecordError, UsageError
from leakcheck.model.text import printable
from leakcheck.record import codec
from leakcheck.record.store import RecordStore
from leakcheck.run.interpreter import own_interpreter
from leakcheck.run.outcome import Observer

_KINDS: Final[Mapping[str, type[LeakcheckError]]] = {
    kind.__name__: kind
    for kind in (UsageError, errors.TargetError, errors.WorkloadError, RecordError)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Who is told of checks elsewhere, in the caller's thread but for `observe`.

    `done` and `failed` get the number of a check, and the first how many seconds it took by the
    clock; `again` gets that of one whose worker died.
    """

    observe: Observer
    done: Callable[[int, Checked, float], None]
    failed: Callable[[int, LeakcheckError], None]
    again: Callable[[int, str], None]


def check_on_cluster(
    cluster: Cluster,
    targets: Sequence[str],
    settings: Settings,
    *,
    heard: Heard,
    interrupted: threading.Event,
) -> list[Checked]:
    """Return each of `targets` that was checked by a worker of `cluster`, in their order.

    Targets, interpreter and options are those of `leakcheck.check.check`, seen from a worker; the
    records are stored here. Where there are several targets, all are loaded before any is run.

    Raises:
        UsageError: if a target or the interpreter cannot be used: then nothing was run.
        LeakcheckError: if the cluster is gone, or what a worker sent is no record.
    """
    topic = new_topic()
    orders = [order_of(topic, target, settings) for target in targets]
    RecordStore(settings.out).prepare()
    if len(orders) > 1:
        loads = [replace(order, only_load=True) for order in orders]
        send(cluster, loads, settings.out, heard=heard, interrupted=interrupted)
    found: dict[int, Checked] = {}

    def done(number: int, checked: Checked, seconds: float) -> None:
        found[number] = checked
        heard.done(number, checked, seconds)

    if not interrupted.is_set():
        telling = replace(heard, done=done)
        send(cluster, orders, settings.out, heard=telling, interrupted=interrupted)
    return [found[number] for number in sorted(found)]


def new_topic() -> str:
    """Return a topic that nobody has."""
    return f"leakcheck-{secrets.token_hex(8)}"


def order_of(
    topic: str, target: str, settings: Settings, variables: Mapping[str, str] | None = None
) -> Order:
    """Return the order for one check; `variables` are set besides those of the worker.

    Raises:
        TargetError: if `target` has not the form of one.
    """
    require_form(target)
    own = settings.python == own_interpreter()
    return Order(
        name=secrets.token_hex(8),
        topic=topic,
        target=target,
        folder=str(Path.cwd()),
        python=None if own else str(settings.python),
        variables=variables or {},
        configured=settings.configured,
        commanded=settings.commanded,
    )


def send(
    cluster: Cluster,
    orders: Sequence[Order],
    out: Path,
    *,
    heard: Heard,
    interrupted: threading.Event,
) -> None:
    """Have workers do `orders`, and take in what comes back: records go into the folder `out`."""
    watching = Watching(cluster, orders, heard.observe)

    def took(number: int, delivery: Delivery) -> None:
        watching.forget(orders[number])
        parcel = unpack(delivery.content)
        if parcel.error:
            heard.failed(number, _error(parcel, delivery.worker))
        elif parcel.record:
            checked = stored(parcel, orders[number].target, RecordStore(out))
            heard.done(number, checked, delivery.seconds)

    dispatch = Dispatch(
        cluster,
        [(order.name, order.text()) for order in orders],
        do=worker.make,
        halt=worker.halt,
        handlers=Handlers(took=took, again=heard.again),
    )
    with watching:
        dispatch.run(interrupted)


def stored(parcel: Parcel, target: str, store: RecordStore) -> Checked:
    """Return a check of `target` whose record and pages are now in `store`.

    The record is judged here, by what was measured; its id is another one if that is taken.

    Raises:
        RecordError: if it is no record, or one of something else, or cannot be written.
    """
    record = codec.loads(parcel.record)
    if record.plan.target != target:
        found = printable(record.plan.target)[:200]
        msg = f"parcel: found a record of {found!r}, wanted one of {target!r}"
        raise RecordError(msg)
    record = replace(record, judgement=judge(record.measurement, record.plan.thresholds))
    if (store.out / record.id).exists():
        record = replace(record, id=store.new_id(datetime.now(UTC), target))
    folder = store.folder(record.id)
    for name, page in parcel.pages.items():
        try:
            (folder / name).write_bytes(page)
        except OSError as error:
            msg = f"{folder / name}: cannot be written ({error.strerror})"
            raise RecordError(msg) from error
    store.save(record)
    store.prune(keep=record.id)
    return Checked(
        record=record,
        folder=folder,
        traceback=parcel.traceback,
        output_tail=parcel.output_tail,
    )


def _error(parcel: Parcel, place: str) -> LeakcheckError:
    kind = _KINDS.get(parcel.error, LeakcheckError)
    return kind(f"{printable(parcel.text)} (on the worker {printable(place)[:200]})")
