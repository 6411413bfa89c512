"""The JSON that goes in and out over HTTP, and the parameters of routes, for OpenAPI."""

from __future__ import annotations

from typing import Any

from graph.index import LISTED
from graph.queries import named_queries


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with some properties; others may come later."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
    }


def _list(schema: str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(schema)}


def _ref(schema: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}"}


_TEXT = {"type": "string"}
_IRI = {"type": "string", "format": "uri"}
_COUNT = {"type": "integer", "minimum": 0}
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
_STATE = {"enum": ["added", "replaced", "retracted", "unchanged"]}
_VERDICT = {"enum": ["confirmed", "rejected", "withdrawn"]}
_DATASET = {"type": "array", "items": _IRI}

SCHEMAS: dict[str, Any] = {
    "Changes": _object(
        {
            "base": _IRI,
            "revision": _COUNT,
            "since": _COUNT,
            "next": _COUNT,
            "more": {"type": "boolean"},
            "changes": _list("BundleChange"),
        }
    ),
    "BundleChange": _object(
        {
            "revision": _COUNT,
            "at": {"type": "string", "format": "date-time"},
            "act": {"enum": ["added", "replaced", "retracted"]},
            "bundle": _IRI,
        }
    ),
    "Problem": _object(
        {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
        {
            "request_id": _TEXT,
            "line": {"type": "integer", "minimum": 1},
            "column": {"type": "integer", "minimum": 1},
            "report": _ref("Report"),
            "replacedBy": {"type": "array", "items": _IRI},
        },
    ),
    "Report": _object(
        {
            "conforms": {"type": "boolean"},
            "summary": _TEXT,
            "rules": _COUNT,
            "quotesChecked": _COUNT,
            "quotesUnchecked": _COUNT,
            "results": _list("Result"),
        }
    ),
    "Result": _object(
        {
            "severity": {"enum": ["violation", "warning"]},
            "message": _TEXT,
            "rule": _IRI,
            "focus": _TEXT,
            "path": {"type": ["string", "null"]},
            "value": {"type": ["string", "null"]},
            "component": _IRI,
            "source": _TEXT,
            "line": {"type": ["integer", "null"], "minimum": 1},
            "column": {"type": ["integer", "null"], "minimum": 1},
            "pointer": {"type": ["string", "null"]},
            "near": {"type": "boolean"},
            "fix": {"anyOf": [_ref("Fix"), {"type": "null"}]},
        }
    ),
    "Fix": _object(
        {
            "words": _TEXT,
            "steps": {
                "type": "array",
                "items": _object({"first": _COUNT, "last": _COUNT, "text": _TEXT}),
            },
        }
    ),
    "Receipt": _object(
        {
            "bundle": _IRI,
            "state": _STATE,
            "revision": _COUNT,
            "statements": _COUNT,
            "quads": _COUNT,
            "quotesChecked": _COUNT,
            "quotesUnchecked": _COUNT,
            "warnings": _list("Result"),
        }
    ),
    "Verdict": _object({"assessment": _TEXT, "verdict": _VERDICT}, {"name": _TEXT}),
    "Identity": _object({"kept": _TEXT, "other": _TEXT}, {"because": _TEXT, "name": _TEXT}),
    "Parting": _object({"kept": _TEXT, "other": _TEXT}, {"name": _TEXT}),
    "Judgement": _object(
        {
            "iri": _IRI,
            "assessment": _IRI,
            "verdict": _VERDICT,
            "by": _TEXT,
            "at": _TEXT,
            "revision": _COUNT,
        }
    ),
    "Found": _object(
        {
            "wanted": {"type": "object"},
            "total": _COUNT,
            "hits": _list("Hit"),
            "offset": _COUNT,
            "facets": {"type": "object", "additionalProperties": _list("Value")},
            "chosen": {"type": "object", "additionalProperties": _ref("Value")},
            "counted": _COUNT,
            "ranked": {"type": "boolean"},
        }
    ),
    "Hit": _object(
        {
            **{"iri": _IRI, "quote": _TEXT, "language": _TEXT, "kind": _TEXT, "speakers": _TEXT},
            **{
                "relays": _TEXT,
                "outlets": _TEXT,
                "source": _IRI,
                "title": _TEXT,
                "recorded": _TEXT,
                "narrated": {"type": "boolean"},
            },
        }
    ),
    "Value": _object({"value": _TEXT, "label": _TEXT, "language": _TEXT, "number": _COUNT}),
    "Batch": _object({"states": {"type": "object"}, "bundles": _list("Outcome")}),
    "Outcome": _object(
        {"file": _TEXT, "status": {"type": "integer"}, "state": _TEXT},
        {"bundle": _IRI, "revision": _COUNT, "digest": _TEXT, "problem": _ref("Problem")},
    ),
    "Changed": _object({"bundles": _list("Change")}),
    "Change": _object(
        {
            "bundle": _TEXT,
            "state": _STATE,
            "revision": _COUNT,
            "statements": _COUNT,
            "digest": _TEXT,
        }
    ),
    "Health": _object({"status": {"const": "ok"}, "revision": _COUNT, "base": _IRI}),
    "Readiness": _object(
        {
            "status": {"enum": ["ready", "not ready"]},
            "missing": {"type": "array", "items": _TEXT},
        }
    ),
    "QueryForm": _object(
        {"query": _TEXT}, {"default-graph-uri": _DATASET, "named-graph-uri": _DATASET}
    ),
    "UpdateForm": _object(
        {"update": _TEXT}, {"using-graph-uri": _DATASET, "using-named-graph-uri": _DATASET}
    ),
    "BundleForm": _object({"bundle": _FILE}, {"text": _FILE}),
    "BundlesForm": _object(
        {"bundle": {"type": "array", "items": _FILE}}, {"text": {"type": "array", "items": _FILE}}
    ),
    "CheckForm": _object(
        {"bundle": _TEXT}, {"file": _FILE, "text": _TEXT, "fix": {"type": "integer", "minimum": 1}}
    ),
    "FilesForm": {"type": "object", "additionalProperties": _FILE},
}


def _parameter(
    where: str, name: str, description: str, schema: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    needed = {"required": True} if where == "path" else {}
    return {
        "in": where,
        "name": name,
        **needed,
        "description": description,
        "schema": schema or _TEXT,
        **more,
    }


_VALUE = "an IRI, which may be relative to the base, or a name"

PARAMETERS: dict[str, Any] = {
    "local": _parameter(
        "path",
        "local",
        "The path of an IRI under the base. It may hold slashes.",
        {"type": "string", "minLength": 1},
    ),
    "name": _parameter(
        "path", "name", "The name of a named query.", {"enum": sorted(named_queries())}
    ),
    "term_name": _parameter("path", "term_name", "A class or property.", {"type": "string"}),
    "concept_name": _parameter("path", "concept_name", "A concept.", {"type": "string"}),
    "digest": _parameter("path", "digest", "The beginning of a SHA-256.", {"type": "string"}),
    "extension": _parameter(
        "path", "extension", "The format's extension.", {"type": "string", "minLength": 1}
    ),
    "listing": _parameter("path", "listing", "What is listed.", {"enum": [*LISTED]}),
    "number": _parameter("path", "number", "Which part of the list.", {"type": "string"}),
    "filename": _parameter(
        "path", "filename", "The name of a file.", {"type": "string", "minLength": 1}
    ),
    "rule": _parameter("query", "rule", "The name of a rule, or `people`.", _TEXT),
    "example": _parameter(
        "query", "example", "What to fill the form with.", {"enum": ["good", "bad"]}
    ),
    "verdict": _parameter(
        "query", "verdict", "What people made of it.", {"enum": ["open", "confirmed", "rejected"]}
    ),
    "queries": _parameter("query", "queries", "Names to match, in JSON, each under a key."),
    "prefix": _parameter("query", "prefix", "How a name begins."),
    "id": _parameter("query", "id", "An IRI without the base.", _TEXT),
    "since": _parameter("query", "since", "A revision: `next` of an earlier page.", _COUNT),
    "q": _parameter("query", "q", 'Words, a "phrase", a begin*, -words that must not occur.'),
    "speaker": _parameter("query", "speaker", f"Who is shown to say it: {_VALUE}."),
    "outlet": _parameter("query", "outlet", f"Who published it or passed it on: {_VALUE}."),
    "kind": _parameter("query", "kind", "The local name of a class of statements."),
    "event": _parameter("query", "event", f"What it is about: {_VALUE}."),
    "month": _parameter("query", "month", "YYYY-MM, in which it was said, else published."),
    "hand": _parameter("query", "hand", "`first` hand, or `relayed`."),
    "page": _parameter("query", "page", "Which page, from 1.", {"type": "integer", "minimum": 1}),
    "parameters": _parameter(
        "query",
        "parameters",
        "What the named query asks for, each under its own name.",
        {"type": "object", "additionalProperties": _TEXT},
        style="form",
        explode=True,
    ),
    "query": _parameter("query", "query", "A SPARQL query; without one the service is described."),
    **{
        name: _parameter("query", name, f"Only statements {what}.")
        for name, what in (
            ("saidFrom", "that can have been said since this date (EDTF)"),
            ("saidUntil", "that can have been said until this date (EDTF)"),
            ("recordedFrom", "that were stored since this time or day"),
            ("recordedUntil", "that were stored by this time or day"),
        )
    },
    "asOf": _parameter(
        "query", "asOf", "Read the dataset as it was: the number of a write, a time, or a day."
    ),
    "default-graph-uri": _parameter(
        "query", "default-graph-uri", "Graphs whose union is the default graph.", _DATASET
    ),
    "named-graph-uri": _parameter("query", "named-graph-uri", "Graphs that GRAPH finds.", _DATASET),
    "using-graph-uri": _parameter(
        "query", "using-graph-uri", "Graphs whose union WHERE asks.", _DATASET
    ),
    "using-named-graph-uri": _parameter(
        "query", "using-named-graph-uri", "Graphs that GRAPH finds in WHERE.", _DATASET
    ),
    "graph": _parameter("query", "graph", "The IRI of a graph; it may be relative to the base."),
    "default": _parameter(
        "query", "default", "The default graph, in place of `graph`.", allowEmptyValue=True
    ),
    "format": _parameter("query", "format", "The format to answer in, by extension or media type."),
    **{
        name: _parameter("query", name, f"Only statements of this {name}, by its IRI.")
        for name in ("source", "speaker", "event")
    },
    "statement": _parameter("query", "statement", "Only this statement, by its IRI."),
    "by": _parameter("query", "by", "Who asked for the write; needs a token of the scope admin."),
    "all-or-nothing": _parameter(
        "query", "all-or-nothing", "Keep all of the bundles or none.", allowEmptyValue=True
    ),
    "If-Match": _parameter("header", "If-Match", "The ETag of the state that is meant, or `*`."),
    "If-None-Match": _parameter("header", "If-None-Match", "The ETag of what is at hand."),
    "Accept-Datetime": _parameter("header", "Accept-Datetime", "As it was then (RFC 7089)."),
}

HEADERS: dict[str, Any] = {
    "X-Request-Id": {
        "description": "The request's id: the one that was sent, or a new one.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    },
    "Retry-After": {
        "description": "When to come back, in seconds.",
        "schema": {"type": "integer", "minimum": 0},
    },
}
