"""The requests that an OpenAPI 3 document describes: a document from anywhere, of any shape."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from leakcheck.driving.references import BadDocumentError, Document
from leakcheck.driving.request import SAFE_METHODS, Header, Request
from leakcheck.driving.samples import sample, text_of
from leakcheck.model.errors import UsageError
from leakcheck.model.text import printable

MOST_DOCUMENT_BYTES: Final = 8 << 20
_METHODS: Final = ("get", "head", "options", "post", "put", "patch", "delete")
_MOST_REQUESTS: Final = 1_000
_MOST_REMARKS: Final = 20
_MOST_SHOWN: Final = 80
_JSON: Final = "application/json"
_LEFT_OUT: Final = frozenset({"accept", "content-type", "authorization"})
"""Headers that a document may list and which are no parameters, by the specification."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a document describes: requests, and a remark on each that cannot be made."""

    requests: tuple[Request, ...]
    remarks: tuple[str, ...] = ()


def requests_of(text: bytes, origin: str, *, all_methods: bool = False) -> Described:
    """Return a request for each operation, filled with the document's examples and defaults.

    Only what is required is filled in. Without `all_methods` there are only those of methods that
    change nothing by their definition (RFC 9110, 9.2.1). `origin` names the document in errors.

    Raises:
        UsageError: if it is no JSON, no OpenAPI 3, too large, or describes nothing to be sent.
    """
    document = _document(text, origin)
    methods = [one for one in _METHODS if all_methods or one.upper() in SAFE_METHODS]
    found: list[Request] = []
    remarks: list[str] = []
    for method, path, operation, shared in _operations(document, methods, remarks):
        if len(found) == _MOST_REQUESTS:
            remarks.append(f"only the first {_MOST_REQUESTS:,} requests are sent")
            break
        try:
            found.append(_request(document, method, path, [shared, operation]))
        except (BadDocumentError, UsageError) as error:
            remarks.append(f"{_named(method, path)} is left out: {printable(str(error))}")
    if not found:
        kinds = "" if all_methods else " GET, HEAD or OPTIONS"
        why = f" ({remarks[0]})" if remarks else ""
        msg = f"{origin}: found no{kinds} operation that can be sent{why}, wanted one"
        raise UsageError(msg)
    return Described(tuple(found), tuple(remarks[:_MOST_REMARKS]))


def _document(text: bytes, origin: str) -> Document:
    if len(text) > MOST_DOCUMENT_BYTES:
        msg = f"{origin}: found {len(text):,} B, wanted a document of 8 MiB at the most"
        raise UsageError(msg)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = (
            f"{origin}: found no JSON ({type(error).__name__}), wanted an OpenAPI 3 document in it"
        )
        raise UsageError(msg) from error
    version = content.get("openapi") if isinstance(content, dict) else None
    if not (isinstance(version, str) and version.startswith("3.")):
        found = "none" if version is None else printable(str(version))[:_MOST_SHOWN]
        msg = f"{origin}: found the OpenAPI version {found}, wanted 3"
        raise UsageError(msg)
    return Document(content)


def _operations(
    document: Document, methods: list[str], remarks: list[str]
) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    paths = document.content.get("paths")
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        try:
            shared = document.resolved(item) if isinstance(item, dict) else {}
        except BadDocumentError as error:
            remarks.append(f"{printable(path)[:_MOST_SHOWN]} is left out: {error}")
            continue
        for method in methods:
            operation = shared.get(method)
            if isinstance(operation, dict):
                yield method.upper(), path, operation, shared


def _request(document: Document, method: str, path: str, levels: list[dict[str, Any]]) -> Request:
    query: list[tuple[str, str]] = []
    headers: list[Header] = []
    for parameter in _parameters(document, levels):
        name, place = parameter.get("name"), parameter.get("in")
        if not isinstance(name, str) or not (parameter.get("required") or place == "path"):
            continue
        value = text_of(sample(document, parameter))
        document.step(len(value))
        if place == "path":
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        elif place == "query":
            query.append((name, value))
        elif place == "header" and name.lower() not in _LEFT_OUT:
            headers.append((name, value))
        elif place == "cookie":
            headers.append(("Cookie", f"{quote(name)}={quote(value)}"))
    if "{" in path:
        msg = "its path has a parameter that is not described"
        raise BadDocumentError(msg)
    body = _body(document, levels[-1]) if method not in SAFE_METHODS else b""
    return Request(
        method=method,
        path=quote(path, safe="/%:@!$&'()*+,;=~-._") + (f"?{urlencode(query)}" if query else ""),
        headers=(*headers, *([("Content-Type", _JSON)] if body else [])),
        body=body,
    )


def _parameters(document: Document, levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the parameters of an operation; its own win over those of its path."""
    found: dict[tuple[object, object], dict[str, Any]] = {}
    for level in levels:
        listed = level.get("parameters")
        for one in listed if isinstance(listed, list) else []:
            parameter = document.resolved(one)
            found[str(parameter.get("name")), str(parameter.get("in"))] = parameter
    return list(found.values())


def _body(document: Document, operation: dict[str, Any]) -> bytes:
    described = operation.get("requestBody")
    if described is None:
        return b""
    described = document.resolved(described)
    content = described.get("content")
    media = content.get(_JSON) if isinstance(content, dict) else None
    if not isinstance(media, dict):
        if not described.get("required"):
            return b""
        msg = f"its body is no {_JSON}"
        raise BadDocumentError(msg)
    body = json.dumps(sample(document, media)).encode()
    document.step(len(body))
    return body


def _named(method: str, path: str) -> str:
    return f"{method} {printable(path)[:_MOST_SHOWN]}"
