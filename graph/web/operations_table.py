"""What each route takes and answers: the table behind `/openapi.json`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.exports import EXPORTS
from graph.formats import RDF_FORMATS, RESULT_FORMATS, Format
from graph.index import FACETS
from graph.rows import THINGS
from graph.web.negotiation import RESOURCE_FORMATS

Content = Mapping[str, Any]
_TEXT = {"type": "string"}


def _in(formats: Iterable[Format]) -> dict[str, Any]:
    """Documents in any of some formats."""
    return {
        each.media_type: {"schema": {} if "json" in each.media_type else _TEXT} for each in formats
    }


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _as(*media_types: str) -> dict[str, Any]:
    return {each: {"schema": _TEXT} for each in media_types}


def _form(schema: str) -> dict[str, Any]:
    return {"multipart/form-data": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


_HTML = _as("text/html")
_OBJECT = {"application/json": {"schema": {"type": "object"}}}
_ATOM = _as("application/atom+xml")
_RDF = _in(RDF_FORMATS)
_TRIPLES = _in(form for form in RDF_FORMATS if not form.named_graphs)
_ANSWERS = {**_in(RESULT_FORMATS), **_RDF, **_HTML}
_REPORTS = {
    **_json("Report"),
    **_as("text/turtle", "text/plain"),
    "application/ld+json": {"schema": {}},
    "application/sarif+json": {"schema": {"type": "object"}},
}
_QUERY = {
    "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/QueryForm"}},
    **_as("application/sparql-query"),
}
_UPDATE = {
    "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/UpdateForm"}},
    **_as("application/sparql-update"),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of a route takes and answers.

    Shape: `answers` are media types with schemas, by status; `faults` statuses that
        come as problem documents, besides those that any route may give; `scope` is
        `write` or `metrics` where a token is needed, `open` where none ever is; `asks`
        marks a GET that is refused without a parameter.
    """

    answers: dict[int, Content]
    takes: tuple[str, ...] = ()
    faults: frozenset[int] = frozenset()
    body: Content = field(default_factory=dict)
    scope: str = "read"
    asks: bool = False


ALWAYS = frozenset({400, 401, 403, 405, 500, 503})
"""Statuses of any route: a request that is no HTTP, a wrong token, another method, our fault."""

WITH_A_BODY = frozenset({413, 415})
"""Statuses of any route that takes a body."""

STATUSES = {
    200: "Done, or found.",
    201: "A bundle was added, or a judgement kept.",
    207: "Some of the bundles were kept, and some not; each says its own status.",
    302: "It is asked for as it was: that is elsewhere.",
    303: "This is a thing in the world, or another stands for it: the document is elsewhere.",
    304: "It has not changed.",
    400: "The request, the RDF or the query cannot be read.",
    401: "No token, or none that is known.",
    403: "The token may not do this, or the server takes no writes.",
    404: "Nothing of that name is here.",
    405: "The route does not take this method.",
    406: "There is no such format to answer in.",
    409: "Something else stands there.",
    410: "It was here, and was retracted.",
    412: "`If-Match` or `If-None-Match` rules the stored state out.",
    413: "Over a limit of size, depth or time.",
    415: "There is no such format to read.",
    422: "A rule is broken; `report` says which, and where.",
    429: "Asked too often.",
    500: "The fault is ours.",
    502: "An endpoint that the query asks by SERVICE failed.",
    503: "The store does not answer, too many are served right now, or a query takes too much: "
    "its limit of time counts from when it came, and where `Retry-After` says so, half of that "
    "was waited and the query not begun.",
}

_COUNTED = frozenset({406, 429})
_GATE = frozenset({404, 409, 410, 412, 422, 429})
GRAPH = ("graph", "default")
"""The parameters that name a graph where the address does not."""

SEARCH = ("q", *FACETS, "page")
"""What a search takes."""

_CHANGED: dict[int, Content] = {200: _json("Changed"), 201: _json("Changed")}
_KEPT: dict[int, Content] = {200: _json("Receipt"), 201: _json("Receipt")}
_BUNDLE = {**_RDF, **_form("BundleForm")}
_DATASET = ("default-graph-uri", "named-graph-uri")
_TRIPLES_IN = {**_RDF, **_form("FilesForm")}


_OURS = Operation({200: _RDF}, ("format",), frozenset({406}))
_TERMS = Operation({200: _in(RESOURCE_FORMATS)}, ("format",), frozenset({404, 406}))
_AT = ("by", "If-Match", "If-None-Match")

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("sparql.sparql", "GET"): Operation(
        {200: _ANSWERS}, ("query", *_DATASET, "asOf", "format"), _COUNTED | {404, 413, 502}
    ),
    ("sparql.sparql", "POST"): Operation(
        {200: _ANSWERS}, (*_DATASET, "asOf", "format"), _COUNTED | {404, 502}, _QUERY
    ),
    ("sparql.named", "GET"): Operation(
        {200: {**_in(RESULT_FORMATS), **_RDF}},
        ("asOf", "format", "parameters"),
        _COUNTED | {404, 413},
    ),
    ("updates.described", "GET"): Operation({200: {**_RDF, **_HTML}}, ("format",), _COUNTED),
    ("updates.update", "POST"): Operation(
        _CHANGED, ("using-graph-uri", "using-named-graph-uri", "by"), _GATE, _UPDATE, "write"
    ),
    ("updates.fetch", "GET"): Operation(
        {200: _TRIPLES},
        (*GRAPH, "format"),
        _COUNTED | {404},
        asks=True,
    ),
    ("updates.replace", "PUT"): Operation(_CHANGED, (*GRAPH, *_AT), _GATE, _TRIPLES_IN, "write"),
    ("updates.merge", "POST"): Operation(_CHANGED, (*GRAPH, *_AT), _GATE, _TRIPLES_IN, "write"),
    ("updates.patch", "PATCH"): Operation(_CHANGED, (*GRAPH, *_AT), _GATE, _UPDATE, "write"),
    ("updates.drop", "DELETE"): Operation(_CHANGED, (*GRAPH, *_AT), _GATE, scope="write"),
    ("bundles.validate", "POST"): Operation(
        {200: _REPORTS}, ("format",), _COUNTED, {**_BUNDLE, **_as("text/csv")}
    ),
    ("bundles.add", "POST"): Operation(
        {
            status: {
                "application/json": {
                    "schema": {
                        "oneOf": [
                            {"$ref": "#/components/schemas/Receipt"},
                            {"$ref": "#/components/schemas/Batch"},
                        ]
                    }
                }
            }
            for status in (200, 201)
        }
        | {207: _json("Batch")},
        ("all-or-nothing", *_AT),
        _GATE,
        {**_RDF, **_form("BundlesForm")},
        "write",
    ),
    ("bundles.fetch", "GET"): Operation(
        {200: _in(form for form in RDF_FORMATS if form.named_graphs)},
        ("format",),
        frozenset({404, 406, 410}),
    ),
    ("changes.changes", "GET"): Operation(
        {200: {**_json("Changes"), **_RDF, **_ATOM}}, ("since", "format"), frozenset({406})
    ),
    ("changes.atom", "GET"): Operation({200: _ATOM}),
    ("bundles.replace", "PUT"): Operation(_KEPT, _AT, _GATE, _BUNDLE, "write"),
    ("bundles.retract", "DELETE"): Operation({200: _json("Receipt")}, _AT, _GATE, scope="write"),
    ("judgements.judge", "POST"): Operation(
        {201: _json("Judgement")}, ("by",), frozenset({404, 422, 429}), _json("Verdict"), "write"
    ),
    ("judgements.merge", "POST"): Operation(
        {201: _json("Judgement")},
        ("by",),
        frozenset({404, 409, 422, 429}),
        _json("Identity"),
        "write",
    ),
    ("judgements.part", "DELETE"): Operation(
        {200: _json("Judgement")}, ("by",), frozenset({404, 422, 429}), _json("Parting"), "write"
    ),
    ("dumps.export", "GET"): Operation(
        {200: _in(EXPORTS)},
        ("format", *THINGS, "saidFrom", "saidUntil", "recordedFrom", "recordedUntil", "asOf"),
        _COUNTED,
    ),
    ("dumps.dump", "GET"): Operation({200: _as("application/gzip")}, (), frozenset({404, 429})),
    ("dumps.ontology", "GET"): _OURS,
    ("dumps.shapes", "GET"): _OURS,
    ("json_schemas.json_schema", "GET"): Operation(
        {200: {"application/schema+json": {"schema": {"type": "object"}}}}, (), frozenset({404})
    ),
    ("dumps.jsonld_context", "GET"): Operation(
        {200: {"application/ld+json": {"schema": {"type": "object"}}}}, (), frozenset({404})
    ),
    ("describing.void", "GET"): _OURS,
    ("describing.robots", "GET"): Operation({200: _as("text/plain")}, scope="open"),
    ("describing.llms", "GET"): Operation({200: _as("text/plain")}),
    ("describing.sitemaps", "GET"): Operation({200: _as("application/xml")}),
    ("describing.sitemap", "GET"): Operation({200: _as("application/xml")}, (), frozenset({404})),
    ("terms.terms", "GET"): _TERMS,
    ("terms.term", "GET"): _TERMS,
    ("terms.concepts", "GET"): _TERMS,
    ("terms.concept", "GET"): _TERMS,
    ("checking.blank", "GET"): Operation({200: _HTML}, ("example",)),
    ("checking.checked", "POST"): Operation({200: _HTML}, (), frozenset({429}), _form("CheckForm")),
    ("browsing.disagreements", "GET"): Operation({200: _HTML}, ("rule", "verdict", "page")),
    ("browsing.about", "GET"): Operation({200: _HTML}),
    ("search.search", "GET"): Operation(
        {200: {**_HTML, **_json("Found"), **_as("text/csv")}}, (*SEARCH, "format"), frozenset({406})
    ),
    ("search.as_json", "GET"): Operation({200: _json("Found")}, SEARCH),
    ("search.as_csv", "GET"): Operation({200: _as("text/csv")}, SEARCH),
    ("reconciling.reconcile", "GET"): Operation({200: _OBJECT}, ("queries",)),
    ("reconciling.reconcile", "POST"): Operation(
        {200: _OBJECT},
        body={
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "properties": {"queries": {"type": "string"}}}
            }
        },
    ),
    ("reconciling.suggest", "GET"): Operation({200: _OBJECT}, ("prefix",)),
    ("reconciling.preview", "GET"): Operation(
        {200: _HTML}, ("id",), frozenset({404, 410}), asks=True
    ),
    ("resources.home", "GET"): Operation(
        {200: _in(RESOURCE_FORMATS), 302: _HTML},
        ("asOf", "format", "Accept-Datetime"),
        frozenset({404, 406}),
    ),
    ("resources.resource", "GET"): Operation(
        {200: _in(RESOURCE_FORMATS), 302: _HTML, 303: _HTML},
        ("asOf", "format", "Accept-Datetime"),
        frozenset({404, 406, 410}),
    ),
    ("operations.health", "GET"): Operation({200: _json("Health")}, scope="open"),
    ("operations.ready", "GET"): Operation(
        {200: _json("Readiness"), 503: _json("Readiness")}, scope="open"
    ),
    ("operations.exposed", "GET"): Operation({200: _as("text/plain")}, scope="metrics"),
    ("openapi.openapi", "GET"): Operation(
        {200: {"application/json": {"schema": {"type": "object"}}}}
    ),
    ("static", "GET"): Operation(
        {200: _as("text/css", "text/javascript", "image/svg+xml")},
        (),
        frozenset({404}),
        scope="open",
    ),
}
