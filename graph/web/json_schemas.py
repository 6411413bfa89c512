"""The JSON Schema of our JSON-LD, under a stable address and one that never changes."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode, Quad

from graph.errors import NotFound
from graph.json_schema import definition_of, json_schema_bytes, json_schema_name
from graph.vocab import RDF
from graph.web.freshness import FOR_EVER

MEDIA_TYPE = "application/schema+json"

blueprint = Blueprint("json_schemas", __name__)


@blueprint.get("/schema.json")
@blueprint.get("/schema-<digest>.json")
def json_schema(digest: str = "") -> Response:
    """The JSON Schema of JSON-LD documents; by the name that has its digest, for ever."""
    if digest and request.path != f"/{json_schema_name()}":
        raise NotFound(
            f"That schema is not served here any more. Today's is /{json_schema_name()}."
        )
    response = Response(json_schema_bytes(), content_type=MEDIA_TYPE)
    if digest:
        response.headers["Cache-Control"] = FOR_EVER
    return response


def link_to_schema(quads: Iterable[Quad], iri: str) -> str:
    """The link from the JSON-LD of a thing to the definition that it fits; empty if none does."""
    types = frozenset(
        quad.object
        for quad in quads
        if quad.predicate == RDF.type and quad.subject == NamedNode(iri)
        if isinstance(quad.object, NamedNode)
    )
    name = definition_of(types)
    address = f"{request.script_root}/{json_schema_name()}#/$defs/{name}"
    return f'<{address}>; rel="describedby"; type="{MEDIA_TYPE}"' if name else ""
