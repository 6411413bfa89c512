"""`/openapi.json`: every route described, from the routes themselves and one table.

What a route is for is its function's docstring; what it takes and answers is
`OPERATIONS` in `graph.web.operations_table`, which a test holds equal to the routes.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Flask, Response, current_app
from werkzeug.routing import Rule

from graph.web.operations_table import (
    ALWAYS,
    GRAPH,
    OPERATIONS,
    STATUSES,
    WITH_A_BODY,
    Content,
    Operation,
)
from graph.web.schemas import HEADERS, PARAMETERS, SCHEMAS
from graph.web.state import kg
from graph.web.words import translated

blueprint = Blueprint("openapi", __name__)

_IMPLIED = {"HEAD", "OPTIONS"}


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """This description of the interface."""
    text = json.dumps(described(current_app, public=kg().settings.public), indent=1)
    return Response(text + "\n", content_type="application/json")


def described(app: Flask, *, public: bool = True) -> dict[str, Any]:
    """The description of an application's routes.

    Source: OpenAPI Specification 3.1.1.
    """
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=str):
        path = paths.setdefault(address(rule), {})
        for method in sorted((rule.methods or set()) - _IMPLIED):
            path[method.lower()] = _operation(app, rule, method, public=public)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Ascribe",
            "version": version("ascribe"),
            "summary": "Who said what, according to whom",
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def address(rule: Rule) -> str:
    """A route's address as OpenAPI writes it.

    >>> address(Rule("/bundles/<path:local>"))
    '/bundles/{local}'
    """
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule))


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the interface: its methods, what it is for, and whether a link may open it."""

    path: str
    methods: tuple[str, ...]
    purpose: str
    opens: bool


def addresses(app: Flask) -> list[Address]:
    """Every address of an application, in the words of its reader."""
    found: dict[str, list[Rule]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=str):
        found.setdefault(address(rule), []).append(rule)
    return [_address(app, path, rules) for path, rules in found.items()]


def _address(app: Flask, path: str, rules: list[Rule]) -> Address:
    by_method = {method: rule for rule in rules for method in (rule.methods or set()) - _IMPLIED}
    methods = sorted(by_method)
    endpoints = dict.fromkeys(by_method[method].endpoint for method in methods)
    purposes = (translated(f"route.{each}", _summary(app, each)[0]) for each in endpoints)
    return Address(path, tuple(methods), " ".join(purposes), any(map(_opens, rules)))


def _opens(rule: Rule) -> bool:
    """Whether an address answers whoever follows a plain link to it."""
    told = OPERATIONS.get((rule.endpoint, "GET"))
    return bool(told and not told.asks and told.scope != "metrics" and not rule.arguments)


_ABOUT = (
    "Statements, who made them and who passed them on. Every GET route answers HEAD too, and "
    "every route OPTIONS. Formats are chosen by the extension, by `format` or by `Accept`. "
    "An error is a problem document (RFC 9457), or a page for a browser."
)

_TAGS = {
    "sparql": "Queries.",
    "updates": "SPARQL Update and the graphs of bundles, through the gate.",
    "bundles": "Bundles: one source with its statements.",
    "changes": "What changed, for those who follow.",
    "judgements": "What people make of assessments.",
    "dumps": "Everything at once, and its terms and rules.",
    "describing": "What there is, for programs that look around.",
    "json_schemas": "What our JSON-LD looks like, for programs that read it as JSON.",
    "reconciling": "Names matched with who and what is known, as OpenRefine asks.",
    "resources": "Every IRI of the data, as a page or as RDF.",
    "checking": "A page that checks a bundle.",
    "browsing": "Pages for people.",
    "search": "Statements by words and facets.",
    "terms": "What the terms mean, as pages or as RDF.",
    "operations": "For whoever runs the server.",
    "openapi": "This description.",
    "static": "What pages load.",
}


def _operation(app: Flask, rule: Rule, method: str, *, public: bool) -> dict[str, Any]:
    told = OPERATIONS[rule.endpoint, method]
    summary, rest = _summary(app, rule.endpoint)
    names = {*rule.arguments, *told.takes} - (set(GRAPH) if rule.arguments else set())
    kept = method == "GET" and not rule.endpoint.startswith("operations.")
    if kept:
        names.add("If-None-Match")
    found: dict[str, Any] = {
        "operationId": f"{method.lower()} {rule}",
        "summary": summary,
        "tags": [rule.endpoint.partition(".")[0]],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in sorted(names)],
        "security": _security(told, public=public),
        "responses": _responses(told, {304: {}} if kept else {}),
    }
    if rest.strip():
        found["description"] = rest.strip()
    if told.body:
        found["requestBody"] = {"required": True, "content": told.body}
    return found


def _summary(app: Flask, endpoint: str) -> tuple[str, str]:
    """What a route is for in one line, and what there is to say beyond it."""
    if endpoint == "static":
        return "What pages load.", ""
    summary, _, rest = (inspect.getdoc(app.view_functions[endpoint]) or "").partition("\n")
    return summary, rest


def _security(told: Operation, *, public: bool) -> list[dict[str, list[str]]]:
    """Whether a token is needed, may be sent, or changes nothing."""
    token: list[dict[str, list[str]]] = [{"token": []}]
    if told.scope in ("write", "metrics") or not public:
        return [] if told.scope == "open" else token
    return [] if told.scope == "open" else [{}, *token]


def _responses(told: Operation, more: Mapping[int, Content]) -> dict[str, Any]:
    answers = {**told.answers, **more}
    faults = ALWAYS | told.faults | (WITH_A_BODY if told.body else frozenset())
    return {
        **{str(status): _response(status, content) for status, content in answers.items()},
        **{str(status): _response(status, _PROBLEM) for status in sorted(faults - answers.keys())},
    }


_PROBLEM = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    "text/html": {"schema": {"type": "string"}},
}


def _response(status: int, content: Content) -> dict[str, Any]:
    headers = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
    if status in (429, 503):
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    found: dict[str, Any] = {"description": STATUSES[status], "headers": headers}
    return found | ({"content": content} if content else {})
