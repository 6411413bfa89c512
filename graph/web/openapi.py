"""`/openapi.json`: every route described, from the routes themselves and one table.

What a route is for is its function's docstring; what it takes and answers is
`OPERATIONS` in `graph.web.operations_table`, which a test holds equal to the routes.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
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


def openable(app: Flask) -> set[str]:
    """The addresses that answer whoever follows a plain link to them."""
    return {
        str(rule)
        for rule in app.url_map.iter_rules()
        if not rule.arguments
        and (told := OPERATIONS.get((rule.endpoint, "GET")))
        and not told.asks
        and told.scope in ("read", "open")
    }


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
    view = app.view_functions[rule.endpoint]
    summary, _, rest = (
        "What pages load." if rule.endpoint == "static" else inspect.getdoc(view) or ""
    ).partition("\n")
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
