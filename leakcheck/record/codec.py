"""A run record as JSON text, and back: lossless, and strict about what it reads."""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

from leakcheck.model.errors import RecordError, UsageError
from leakcheck.model.plan import Plan, Profiler, Thresholds
from leakcheck.model.run_record import SCHEMA_VERSION, Machine, RunRecord
from leakcheck.record.fields import Field
from leakcheck.record.ids import checked_id
from leakcheck.record.judgement_codec import decode_judgement, encode_judgement
from leakcheck.record.measurement_codec import decode_measurement, encode_measurement
from leakcheck.record.upgrade import upgrade

Json = dict[str, object]

_PLAN = (
    "target",
    "python",
    "iterations",
    "exact",
    "time_limit_s",
    "memory_limit_bytes",
    "thresholds",
    "profiler",
    "keep_capture",
)
_NATIVE = "native"
_PROGRAM = "program"
"""Members of the plan that may be missing: written only where there is something in them."""
_MACHINE = (
    "python",
    "memray",
    "libc",
    "platform",
    "cpu_count",
    "memory_bytes",
    "container_limit_bytes",
)


def dumps(record: RunRecord) -> str:
    """Return `record` as JSON text, in ASCII.

    Raises:
        RecordError: if it holds a number that JSON cannot, such as NaN.
    """
    document = encode(record)
    try:
        return json.dumps(document, allow_nan=False, separators=(",", ":")) + "\n"
    except ValueError:
        found = next(_not_finite("record", document), "record: found what JSON cannot hold")
        raise RecordError(found) from None


def loads(text: str | bytes) -> RunRecord:
    """Return the record that `text` holds, of this schema version or an older one.

    Raises:
        RecordError: if the text is no JSON, no record, or one of a newer leakcheck.
    """
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        msg = "record: found a text nested too deep, wanted a run record"
        raise RecordError(msg) from None
    except ValueError as error:  # a JSONDecodeError, a UnicodeDecodeError or a too long number
        msg = f"record: found text that is no JSON ({error}), wanted a run record"
        raise RecordError(msg) from None
    return decode(document)


def encode(record: RunRecord) -> Json:
    """Return `record` as plain JSON: dicts, lists, strings, numbers and None."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": record.id,
        "started_at": record.started_at,
        "leakcheck": record.leakcheck,
        "plan": _encode_plan(record.plan),
        "machine": _encode_machine(record.machine),
        "measurement": encode_measurement(record.measurement),
        "judgement": encode_judgement(record.judgement),
    }


def decode(document: object) -> RunRecord:
    """Return the record that plain JSON holds; see `loads`."""
    if not isinstance(document, dict):
        Field("record", document).refuse("an object")
    record = Field("record", dict(upgrade(document)))
    members = record.members("schema_version", *RunRecord.__slots__)
    return RunRecord(
        id=checked_id(members["id"]),
        started_at=_utc(members["started_at"]),
        leakcheck=members["leakcheck"].text(),
        plan=_decode_plan(members["plan"]),
        machine=_decode_machine(members["machine"]),
        measurement=decode_measurement(members["measurement"]),
        judgement=decode_judgement(members["judgement"]),
    )


def _encode_plan(plan: Plan) -> Json:
    return {
        "target": plan.target,
        "python": str(plan.python),
        "iterations": plan.iterations,
        "exact": plan.exact,
        "time_limit_s": plan.time_limit_s,
        "memory_limit_bytes": plan.memory_limit_bytes,
        "thresholds": {
            "bytes_per_iteration": plan.thresholds.bytes_per_iteration,
            "counts_per_iteration": plan.thresholds.counts_per_iteration,
        },
        "profiler": str(plan.profiler),
        "keep_capture": plan.keep_capture,
        **({_NATIVE: True} if plan.native else {}),
        **({_PROGRAM: list(plan.program)} if plan.program else {}),
    }


def _decode_plan(field: Field) -> Plan:
    members, later = field.members_and(_PLAN, (_NATIVE, _PROGRAM))
    try:
        return Plan(
            target=members["target"].text(),
            python=Path(members["python"].text()),
            iterations=members["iterations"].count(),
            exact=members["exact"].flag(),
            time_limit_s=members["time_limit_s"].number(),
            memory_limit_bytes=members["memory_limit_bytes"].count(),
            thresholds=_decode_thresholds(members["thresholds"]),
            profiler=members["profiler"].member_of(Profiler),
            keep_capture=members["keep_capture"].flag(),
            native=bool(later[_NATIVE].optional(Field.flag)),
            program=later[_PROGRAM].optional(Field.texts) or (),
        )
    except UsageError as error:
        msg = f"{field.name}: {error}"
        raise RecordError(msg) from None


def _decode_thresholds(field: Field) -> Thresholds:
    members = field.members("bytes_per_iteration", "counts_per_iteration")
    return Thresholds(**{name: member.number() for name, member in members.items()})


def _encode_machine(machine: Machine) -> Json:
    return {name: getattr(machine, name) for name in _MACHINE}


def _decode_machine(field: Field) -> Machine:
    members = field.members(*_MACHINE)
    return Machine(
        python=members["python"].text(),
        memray=members["memray"].optional(Field.text),
        libc=members["libc"].text(),
        platform=members["platform"].text(),
        cpu_count=members["cpu_count"].count(),
        memory_bytes=members["memory_bytes"].count(),
        container_limit_bytes=members["container_limit_bytes"].optional(Field.count),
    )


def _utc(field: Field) -> str:
    text = field.text()
    try:
        offset = datetime.fromisoformat(text).utcoffset()
    except ValueError:
        offset = None
    if offset != timedelta(0):
        field.refuse("a time in ISO 8601 and UTC")
    return text


def _refuse_constant(name: str) -> NoReturn:
    msg = f"{name} is no number"
    raise ValueError(msg)


def _not_finite(name: str, value: object) -> Iterator[str]:
    """Yield an error text for each number under `value` that is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{name}: found {value}, wanted a finite number"
    children: Iterator[tuple[str, object]] = iter(())
    if isinstance(value, Mapping):
        children = ((f"{name}.{key}", one) for key, one in value.items())
    if isinstance(value, list):
        children = ((f"{name}[{index}]", one) for index, one in enumerate(value))
    for child, one in children:
        yield from _not_finite(child, one)
