"""A measurement as plain JSON, and back: series and sites with nothing left out."""

from leakcheck.model.containers import Census, Container, Pile
from leakcheck.model.errors import AnalysisError, RecordError
from leakcheck.model.from_outside import FromOutside
from leakcheck.model.inventory import Group, Inventory
from leakcheck.model.measurement import Ending, Idle, Measurement, Probes
from leakcheck.model.series import Series
from leakcheck.model.signals import Signal
from leakcheck.model.sites import SiteSeries, SiteTable
from leakcheck.record.fields import Field
from leakcheck.record.native_codec import decode_native, encode_native
from leakcheck.record.origins_codec import (
    decode_origins,
    decode_task_origins,
    encode_origins,
    encode_task_origin,
)
from leakcheck.record.stack_codec import decode_stack, encode_stack

Json = dict[str, object]

_MEASUREMENT = (
    "series",
    "iterations",
    "ending",
    "probes",
    "elapsed_s",
    "gc_enabled",
    "collectable_bytes",
    "capture_stopped",
    "failure",
    "sites",
    "census",
    "idle",
    "notes",
)
_MAY_BE_MISSING = ("inventory", "origins", "task_origins", "native", "from_outside")
"""Written only where there is something in them."""
_LATER_IN_CENSUS = ("piles", "remark")
_INSIDE = "inside"
"""Members that may be missing: written only where there is something, and not by older releases."""
_GROUPED = ("descriptors", "threads", "tasks", "cycles")


def encode_measurement(measurement: Measurement) -> Json:
    """Return `measurement` as plain JSON."""
    table, grown, origins = measurement.sites, measurement.inventory, measurement.origins
    task_origins, native = measurement.task_origins, measurement.native
    seen = measurement.from_outside
    return {
        "series": {str(key): _encode_series(key, one) for key, one in measurement.series.items()},
        "iterations": measurement.iterations,
        "ending": str(measurement.ending),
        "probes": {
            "verified": [str(signal) for signal in measurement.probes.verified],
            "unavailable": [str(signal) for signal in measurement.probes.unavailable],
        },
        "elapsed_s": measurement.elapsed_s,
        "gc_enabled": measurement.gc_enabled,
        "collectable_bytes": measurement.collectable_bytes,
        "capture_stopped": measurement.capture_stopped,
        "failure": measurement.failure,
        "sites": None if table is None else _encode_table(table),
        "census": None if measurement.census is None else _encode_census(measurement.census),
        "idle": None if measurement.idle is None else _encode_idle(measurement.idle),
        "notes": list(measurement.notes),
        **({} if grown is None else {"inventory": _encode_inventory(grown)}),
        **({} if origins is None else {"origins": encode_origins(origins)}),
        **({"task_origins": list(map(encode_task_origin, task_origins))} if task_origins else {}),
        **({} if native is None else {"native": encode_native(native)}),
        **({} if seen is None else {"from_outside": {"is_python": seen.is_python}}),
    }


def decode_measurement(field: Field) -> Measurement:
    """Return the measurement that stands in `field`."""
    members, later = field.members_and(_MEASUREMENT, _MAY_BE_MISSING)
    return Measurement(
        series=_decode_all_series(members["series"]),
        iterations=members["iterations"].count(),
        ending=members["ending"].member_of(Ending),
        probes=_decode_probes(members["probes"]),
        elapsed_s=members["elapsed_s"].number(),
        gc_enabled=members["gc_enabled"].flag(),
        collectable_bytes=members["collectable_bytes"].integer(),
        capture_stopped=members["capture_stopped"].optional(Field.text),
        failure=members["failure"].optional(Field.text),
        sites=members["sites"].optional(_decode_table),
        census=members["census"].optional(_decode_census),
        idle=members["idle"].optional(_decode_idle),
        inventory=later["inventory"].optional(_decode_inventory),
        origins=later["origins"].optional(decode_origins),
        task_origins=later["task_origins"].optional(decode_task_origins) or (),
        native=later["native"].optional(decode_native),
        from_outside=later["from_outside"].optional(_decode_from_outside),
        notes=members["notes"].texts(),
    )


def signal_of(name: str, field: Field) -> Signal:
    """Return the signal that the member `name` of an object is about."""
    return Field(field.name, name).member_of(Signal)


def _encode_series(key: Signal, series: Series) -> Json:
    if series.signal is not key:
        msg = f"record.measurement.series.{key}: found the series of {series.signal}, wanted {key}"
        raise RecordError(msg)
    return {
        "unit": key.unit,
        "iterations": list(series.iterations),
        "values": list(series.values),
    }


def _decode_all_series(field: Field) -> dict[Signal, Series]:
    named = ((signal_of(name, one), one) for name, one in field.members().items())
    return {signal: _decode_series(signal, one) for signal, one in named}


def _decode_series(signal: Signal, field: Field) -> Series:
    members = field.members("unit", "iterations", "values")
    if members["unit"].text() != signal.unit:
        members["unit"].refuse(signal.unit)
    iterations = members["iterations"].integers()
    if iterations and iterations[0] < 0:
        members["iterations"].items()[0].refuse("0 or more")
    try:
        return Series(
            signal=signal,
            iterations=iterations,
            values=members["values"].integers(),
        )
    except AnalysisError as error:
        msg = f"{field.name}: {error}"
        raise RecordError(msg) from None


def _decode_probes(field: Field) -> Probes:
    members = field.members("verified", "unavailable")
    return Probes(
        verified=tuple(item.member_of(Signal) for item in members["verified"].items()),
        unavailable=tuple(item.member_of(Signal) for item in members["unavailable"].items()),
    )


def _decode_from_outside(field: Field) -> FromOutside:
    return FromOutside(is_python=field.members("is_python")["is_python"].flag())


def _encode_table(table: SiteTable) -> Json:
    return {
        "marks": list(table.marks),
        "sites": [_encode_site(site) for site in table.sites],
        "remainder": _encode_site(table.remainder),
    }


def _decode_table(field: Field) -> SiteTable:
    members = field.members("marks", "sites", "remainder")
    marks = members["marks"].numbers()
    return SiteTable(
        marks=marks,
        sites=tuple(_decode_site(item, len(marks)) for item in members["sites"].items()),
        remainder=_decode_site(members["remainder"], len(marks)),
    )


def _encode_site(site: SiteSeries) -> Json:
    return {
        "stack": encode_stack(site.stack),
        "allocator": site.allocator,
        "live_bytes": list(site.live_bytes),
        "live_objects": list(site.live_objects),
    }


def _decode_site(field: Field, marks: int) -> SiteSeries:
    members = field.members("stack", "allocator", "live_bytes", "live_objects")
    return SiteSeries(
        stack=decode_stack(members["stack"]),
        allocator=members["allocator"].text(),
        live_bytes=_one_a_mark(members["live_bytes"], marks),
        live_objects=_one_a_mark(members["live_objects"], marks),
    )


def _encode_census(census: Census) -> Json:
    return {
        "began": census.began,
        "ended": census.ended,
        "containers": [_encode_container(one) for one in census.containers],
        **({"piles": [_encode_pile(one) for one in census.piles]} if census.piles else {}),
        **({"remark": census.remark} if census.remark else {}),
    }


def _decode_census(field: Field) -> Census:
    members, later = field.members_and(("began", "ended", "containers"), _LATER_IN_CENSUS)
    piles, remark = (later[name] for name in _LATER_IN_CENSUS)
    return Census(
        began=members["began"].count(),
        ended=members["ended"].count(),
        containers=tuple(_decode_container(one) for one in members["containers"].items()),
        piles=tuple(_decode_pile(one) for one in piles.optional(Field.items) or ()),
        remark=remark.optional(Field.text) or "",
    )


def _encode_pile(pile: Pile) -> Json:
    return {"kind": pile.kind, "held_by": list(pile.held_by), "grown": pile.grown}


def _decode_pile(field: Field) -> Pile:
    members = field.members("kind", "held_by", "grown")
    return Pile(
        kind=members["kind"].text(),
        held_by=members["held_by"].texts(),
        grown=members["grown"].count(),
    )


def _encode_container(container: Container) -> Json:
    return {
        "kind": container.kind,
        "held_by": list(container.held_by),
        "before": container.before,
        "now": container.now,
        "limits": list(container.limits),
        "counts": list(container.counts),
        "shrinks": container.shrinks,
        **({_INSIDE: list(container.inside)} if container.inside else {}),
    }


def _decode_container(field: Field) -> Container:
    names = ("kind", "held_by", "before", "now", "limits", "counts", "shrinks")
    members, later = field.members_and(names, (_INSIDE,))
    return Container(
        kind=members["kind"].text(),
        held_by=members["held_by"].texts(),
        before=members["before"].count(),
        now=members["now"].count(),
        limits=members["limits"].integers(),
        counts=members["counts"].integers(),
        shrinks=members["shrinks"].flag(),
        inside=later[_INSIDE].optional(Field.texts) or (),
    )


def _encode_idle(idle: Idle) -> Json:
    drained = {str(signal): value for signal, value in idle.drained.items()}
    return {"seconds": idle.seconds, "drained": drained}


def _decode_idle(field: Field) -> Idle:
    members = field.members("seconds", "drained")
    named = ((signal_of(name, one), one) for name, one in members["drained"].members().items())
    return Idle(
        seconds=members["seconds"].number(),
        drained={signal: one.integer() for signal, one in named},
    )


def _encode_inventory(inventory: Inventory) -> Json:
    kinds = {name: getattr(inventory, name) for name in _GROUPED}
    return {
        name: [{"what": group.what, "number": group.number} for group in groups]
        for name, groups in kinds.items()
    }


def _decode_inventory(field: Field) -> Inventory:
    members = field.members(*_GROUPED)
    return Inventory(
        descriptors=_decode_groups(members["descriptors"]),
        threads=_decode_groups(members["threads"]),
        tasks=_decode_groups(members["tasks"]),
        cycles=_decode_groups(members["cycles"]),
    )


def _decode_groups(field: Field) -> tuple[Group, ...]:
    found = (item.members("what", "number") for item in field.items())
    return tuple(Group(what=one["what"].text(), number=one["number"].count()) for one in found)


def _one_a_mark(field: Field, marks: int) -> tuple[int, ...]:
    values = field.integers()
    if len(values) != marks:
        field.refuse(f"one value for each of {marks} marks")
    return values
