"""Requests from an OpenAPI document, which may come from anywhere and be of any shape."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.driving.openapi import requests_of
from leakcheck.driving.references import BadDocumentError, Document
from leakcheck.driving.samples import of_schema, text_of
from leakcheck.model.errors import UsageError

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "$ref",
                    "type",
                    "properties",
                    "required",
                    "items",
                    "allOf",
                    "anyOf",
                    "enum",
                    "example",
                    "schema",
                    "name",
                    "in",
                    "minimum",
                    "exclusiveMaximum",
                    "minItems",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def document(paths: object, **more: object) -> bytes:
    return json.dumps({"openapi": "3.1.0", "paths": paths, **more}).encode()


def masked(text: bytes, *, all_methods: bool = False) -> list[str]:
    found = requests_of(text, "shop.json", all_methods=all_methods)
    return [f"{one.method} {one.path}" for one in found.requests]


def schema_of(**schema: object) -> Any:
    return of_schema(Document({}), schema)


def test_only_what_changes_nothing_is_sent_unless_all_is_asked_for() -> None:
    text = document({"/a": {"get": {}, "post": {}, "delete": {}, "trace": {}}, "/b": {"put": {}}})

    assert masked(text) == ["GET /a"]
    assert masked(text, all_methods=True) == ["GET /a", "POST /a", "DELETE /a", "PUT /b"]


def test_what_is_required_is_filled_in_and_nothing_else() -> None:
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
        {"name": "q", "in": "query", "required": True, "example": "a b/ä"},
        {"name": "page", "in": "query", "schema": {"type": "integer"}},
        {"name": "X-Key", "in": "header", "required": True, "schema": {"default": "k"}},
        {"name": "sid", "in": "cookie", "required": True, "schema": {"enum": ["c"]}},
        {"name": "Accept", "in": "header", "required": True, "example": "text/html"},
    ]
    (request,) = requests_of(
        document({"/items/{id}": {"parameters": parameters, "get": {}}}), "shop.json"
    ).requests

    assert request.path == "/items/1?q=a+b%2F%C3%A4"
    assert request.headers == (("X-Key", "k"), ("Cookie", "sid=c"))


def test_the_parameters_of_an_operation_win_over_those_of_its_path() -> None:
    def identity(value: str) -> list[dict[str, object]]:
        return [{"name": "id", "in": "path", "example": value}]

    item = {"parameters": identity("theirs"), "get": {"parameters": identity("own")}}

    assert masked(document({"/a/{id}": item})) == ["GET /a/own"]


def test_references_are_followed_and_a_body_is_made() -> None:
    components = {
        "schemas": {
            "Item": {
                "type": "object",
                "required": ["name", "tags", "size"],
                "properties": {
                    "name": {"type": "string", "minLength": 3},
                    "tags": {"type": "array", "minItems": 1, "items": {"type": "boolean"}},
                    "size": {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Size"}]},
                    "other": {"type": "string"},
                },
            },
            "Size": {"type": "number", "exclusiveMinimum": 3},
        },
        "requestBodies": {
            "Item": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
            }
        },
    }
    paths = {"/items": {"post": {"requestBody": {"$ref": "#/components/requestBodies/Item"}}}}
    (request,) = requests_of(
        document(paths, components=components), "shop.json", all_methods=True
    ).requests

    assert json.loads(request.body) == {"name": "aaa", "tags": [True], "size": 4}
    assert request.headers == (("Content-Type", "application/json"),)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({}, "a"),
        ({"type": "string", "format": "uuid"}, "00000000-0000-4000-8000-000000000000"),
        ({"type": ["null", "integer"], "maximum": -5}, -5),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, 4),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"type": "array"}, []),
        ({"type": "object"}, {}),
        ({"const": 7}, 7),
        ({"oneOf": [{"type": "integer"}]}, 1),
        ({"allOf": [{"properties": {"a": {"type": "integer"}}}, {"required": ["a"]}]}, {"a": 1}),
    ],
)
def test_a_schema_has_its_plainest_value(schema: dict[str, object], value: object) -> None:
    assert schema_of(**schema) == value


@given(low=st.integers(-1000, 1000), size=st.integers(0, 10))
def test_a_number_is_within_its_bounds(low: int, size: int) -> None:
    assert low <= schema_of(type="integer", minimum=low, maximum=low + size) <= low + size


def test_an_operation_that_cannot_be_made_is_left_out_and_said() -> None:
    paths = {
        "/a/{id}": {"get": {}},
        "/b": {"get": {"parameters": [{"$ref": "#/components/parameters/No"}]}},
        "/c": {"get": {"parameters": [{"$ref": "other.json#/a"}]}},
        "/d": {"get": {}},
        "/e\x1b": {"get": {"parameters": [{"name": "X\n", "in": "header", "required": True}]}},
    }
    found = requests_of(document(paths), "shop.json")

    assert [one.path for one in found.requests] == ["/d"]
    assert list(found.remarks) == [
        "GET /a/{id} is left out: its path has a parameter that is not described",
        "GET /b is left out: found NoneType, wanted an object",
        "GET /c is left out: it refers to another document",
        r"GET /e? is left out: a header: found the name 'X\n', wanted letters, digits and dashes",
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"openapi: 3.1.0", "shop.json: found no JSON (JSONDecodeError), wanted an OpenAPI 3"),
        (b"[" * 100_000, "shop.json: found no JSON (RecursionError)"),
        (b"[]", "shop.json: found the OpenAPI version none, wanted 3"),
        (b'{"swagger": "2.0"}', "found the OpenAPI version none, wanted 3"),
        (b'{"openapi": "2.0\\u001b"}', "found the OpenAPI version 2.0?, wanted 3"),
        (b" " * ((8 << 20) + 1), "found 8,388,609 B, wanted a document of 8 MiB at the most"),
        (document({}), "found no GET, HEAD or OPTIONS operation that can be sent, wanted one"),
        (document({"/a{b}": {"get": {}}}), "can be sent (GET /a{b} is left out: its path"),
    ],
    ids=range(8),
)
def test_what_is_no_document_is_refused(text: bytes, wanted: str) -> None:
    with pytest.raises(UsageError) as raised:
        requests_of(text, "shop.json")
    assert wanted in str(raised.value)


def test_references_in_a_circle_and_schemas_without_end_are_left_out() -> None:
    circle = {"a": {"$ref": "#/components/b"}, "b": {"$ref": "#/components/a"}}
    endless = {"type": "array", "minItems": 1, "items": {"$ref": "#/components/c"}}
    components = {**circle, "c": endless}
    parameters = [
        [{"$ref": "#/components/a"}],
        [{"name": "a", "in": "query", "required": True, "schema": endless}],
    ]
    paths: dict[str, object] = {
        f"/{number}": {"get": {"parameters": one}} for number, one in enumerate(parameters)
    }
    found = requests_of(document({**paths, "/ok": {"get": {}}}, components=components), "shop.json")

    assert [one.path for one in found.requests] == ["/ok"]
    assert "its references lead in a circle" in found.remarks[0]
    assert "more than 12 levels deep" in found.remarks[1]


def test_a_small_document_that_describes_a_huge_value_is_given_up() -> None:
    schema: dict[str, object] = {"type": "string"}
    for _ in range(10):
        schema = {"type": "array", "minItems": 10, "items": schema}
    bomb = {"parameters": [{"name": "a", "in": "query", "required": True, "schema": schema}]}
    found = requests_of(document({"/ok": {"get": {}}, "/bomb": {"get": bomb}}), "shop.json")

    assert [one.path for one in found.requests] == ["/ok"]
    assert "it takes more than 100,000 steps to fill it in" in found.remarks[0]


def test_no_more_than_a_thousand_requests_are_made() -> None:
    found = requests_of(
        document({f"/{number}": {"get": {}} for number in range(1001)}), "shop.json"
    )

    assert len(found.requests) == 1000
    assert found.remarks == ("only the first 1,000 requests are sent",)


@given(schema=ANY_JSON)
def test_any_schema_has_a_value_that_is_json_or_is_refused(schema: object) -> None:
    try:
        value = of_schema(Document({"a": schema}), schema)
    except BadDocumentError:
        return
    assert isinstance(text_of(value), str)


@given(paths=st.dictionaries(st.text(max_size=20), ANY_JSON, max_size=4) | ANY_JSON)
def test_any_document_makes_requests_or_one_error(paths: object) -> None:
    text = json.dumps({"openapi": "3.0.0", "paths": paths}).encode()
    try:
        found = requests_of(text, "shop.json", all_methods=True)
    except UsageError:
        return
    assert all(one.masked.isprintable() for one in found.requests)
