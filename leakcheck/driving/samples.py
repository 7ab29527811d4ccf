"""A value for what a schema describes: its example, its default, or the plainest of its type."""

import json
import math
from typing import Any, Final, TypeGuard

from leakcheck.driving.references import BadDocumentError, Document

_DEEPEST: Final = 12
_WHOLE_AS_FLOAT: Final = 1e15
_MOST_LENGTH: Final = 1_000
_OF_FORMATS: Final = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
}
_CHOICES: Final = ("anyOf", "oneOf")
_PLAIN: Final[dict[str, Any]] = {"boolean": True, "null": None}


def sample(document: Document, part: dict[str, Any]) -> Any:  # noqa: ANN401 -- any JSON
    """Return a value for a parameter or a body: its own example before that of its schema.

    Raises:
        BadDocumentError: if what is described is no schema, refers in circles or is too deep.
    """
    if "example" in part:
        return part["example"]
    examples = part.get("examples")
    if isinstance(examples, dict) and examples:
        first = document.resolved(next(iter(examples.values())))
        if "value" in first:
            return first["value"]
    return of_schema(document, part.get("schema", {}))


def of_schema(document: Document, schema: object, depth: int = 0) -> Any:  # noqa: ANN401 -- any JSON
    """Return a value that a schema allows, as far as it says so in the usual ways.

    >>> of_schema(Document({}), {"type": "integer", "minimum": 5})
    5

    Raises:
        BadDocumentError: as `sample`.
    """
    if depth > _DEEPEST:
        msg = f"what it describes is more than {_DEEPEST} levels deep"
        raise BadDocumentError(msg)
    if schema is True:
        return 1
    one = document.resolved(schema)
    for name in ("example", "default", "const"):
        if name in one:
            return one[name]
    for name in ("examples", "enum"):
        if isinstance(one.get(name), list) and one[name]:
            return one[name][0]
    for name in _CHOICES:
        if isinstance(one.get(name), list) and one[name]:
            return of_schema(document, _first(one[name]), depth + 1)
    return _of_type(document, _merged(document, one), depth)


def text_of(value: object) -> str:
    """Return a value as it is written in a path or a query.

    >>> text_of(True), text_of(3), text_of([1, 2])
    ('true', '3', '1,2')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(map(text_of, value))
    return json.dumps(value)


def _first(choices: list[Any]) -> Any:  # noqa: ANN401 -- any JSON
    """Return the first choice that is not null."""
    is_null = [isinstance(one, dict) and one.get("type") == "null" for one in choices]
    return choices[is_null.index(False) if False in is_null else 0]


def _merged(document: Document, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with what it is made of: all properties, and the first of the rest."""
    parts = schema.get("allOf")
    if not isinstance(parts, list):
        return schema
    merged: dict[str, Any] = {**schema, "properties": {}, "required": []}
    for part in [schema, *map(document.resolved, parts)]:
        for name, value in part.items():
            if name == "properties" and isinstance(value, dict):
                merged["properties"].update(value)
            elif name == "required" and isinstance(value, list):
                merged["required"] = [*merged["required"], *value]
            else:
                merged.setdefault(name, value)
    if not merged["properties"]:
        del merged["properties"]
    return merged


def _of_type(document: Document, schema: dict[str, Any], depth: int) -> Any:  # noqa: ANN401 -- as above
    kind = _type(schema)
    if kind == "object":
        properties, required = schema.get("properties"), schema.get("required")
        known = properties if isinstance(properties, dict) else {}
        names = required if isinstance(required, list) else []
        wanted = [name for name in names if isinstance(name, str)]
        return {name: of_schema(document, known.get(name, {}), depth + 1) for name in wanted}
    if kind == "array":
        least = _whole(schema.get("minItems"), 0, 10)
        items = schema.get("items", {})
        return [of_schema(document, items, depth + 1) for _ in range(least)]
    if kind in ("integer", "number"):
        return _number(schema)
    return _PLAIN[kind] if kind in _PLAIN else _string(schema)


def _type(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):  # OpenAPI 3.1 lists null among them
        kind = next((one for one in kind if one != "null"), "null")
    if not isinstance(kind, str):
        return "object" if "properties" in schema else "string"
    return kind


def _number(schema: dict[str, Any]) -> float:
    """Return the whole number nearest to 1 that the bounds allow."""
    low = _bound(schema, "minimum", "exclusiveMinimum", 1)
    high = _bound(schema, "maximum", "exclusiveMaximum", -1)
    value = 1 if low is None or low <= 1 else math.ceil(low)
    return value if high is None or value <= high else math.floor(high)


def _bound(schema: dict[str, Any], name: str, exclusive: str, inwards: int) -> float | None:
    value, beyond = schema.get(name), schema.get(exclusive)
    if _is_number(beyond):
        return float(beyond) + inwards
    if not _is_number(value):
        return None
    return float(value) + (inwards if beyond is True else 0)  # a truth value in OpenAPI 3.0


def _is_number(value: object) -> TypeGuard[float]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) < _WHOLE_AS_FLOAT


def _string(schema: dict[str, Any]) -> str:
    form = schema.get("format")
    if isinstance(form, str) and form in _OF_FORMATS:
        return _OF_FORMATS[form]
    least = _whole(schema.get("minLength"), 1, _MOST_LENGTH)
    return "a" * max(least, 1)


def _whole(value: object, default: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        return default
    return min(max(value, 0), most)
