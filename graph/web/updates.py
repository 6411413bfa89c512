"""`/update` and `/graph-store`: SPARQL Update and graphs, through the gate.

Source: SPARQL 1.1 Protocol, section 2.2; SPARQL 1.1 Graph Store HTTP Protocol.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from flask import Blueprint, Response, request
from pyoxigraph import DefaultGraph, NamedNode, Quad

from graph.bundle import digest_of_quads
from graph.changing import GraphName
from graph.errors import BadInput, NotFound
from graph.export import as_document
from graph.formats import RDF_FORMATS, from_media_type
from graph.ingest import Receipt
from graph.updating import Scope
from graph.web.descriptions import service_document
from graph.web.dumps import streamed
from graph.web.negotiation import HTML, choose, condition, negotiated
from graph.web.observing import record
from graph.web.pages import service_page
from graph.web.sparql import graphs_of, text_of
from graph.web.state import kg, require, updater, wrote

blueprint = Blueprint("updates", __name__)

_TRIPLES = tuple(form for form in RDF_FORMATS if not form.named_graphs)


@blueprint.get("/update")
def described() -> Response:
    """What this service is and takes, as a page too."""
    if "update" in request.args:
        raise BadInput("An update is sent by POST: a GET changes nothing.")
    form = choose((*RDF_FORMATS, HTML))
    if form == HTML:
        return negotiated(service_page(kg()), HTML)
    return negotiated(service_document(kg(), form), form)


@blueprint.post("/update")
def update() -> Response:
    """Run a SPARQL Update request: all of it, or nothing."""
    by = require("write")
    scope = Scope(
        using=tuple(graphs_of("using-graph-uri")),
        using_named=tuple(graphs_of("using-named-graph-uri")),
    )
    return _changed(kg().changer.update(_update(), scope, by=by, work_out=updater().effect_of))


@blueprint.get("/graph-store")
@blueprint.get("/graph-store/<path:local>")
def fetch(local: str = "") -> Response:
    """The triples of a graph; of the default graph, those of all."""
    graph, form, store = _graph(), choose(_TRIPLES), kg().stated
    if isinstance(graph, DefaultGraph):
        graphs = None if kg().settings.gate else [graph]
        return negotiated(streamed(lambda pipe: store.dump(pipe, form, graphs)), form)
    quads = store.match(graph=graph)
    if not quads:
        raise NotFound(f"There is no graph <{graph.value}>.")
    response = negotiated(as_document(quads, form), form)
    response.set_etag(f"{digest_of_quads(quads)}.{form.extension}")
    return response


@blueprint.put("/graph-store")
@blueprint.put("/graph-store/<path:local>")
def replace(local: str = "") -> Response:
    """Have a graph hold the triples of the body and no others."""
    by, graph = require("write"), _graph()
    return _changed(kg().changer.put(graph, _triples(), if_match=condition(), by=by))


@blueprint.post("/graph-store")
@blueprint.post("/graph-store/<path:local>")
def merge(local: str = "") -> Response:
    """Add the triples of the body to a graph, or to the bundles they belong to."""
    by = require("write")
    graph = _graph() if local or request.args.keys() & {"graph", "default"} else None
    changer = kg().changer
    return _changed(changer.put(graph, _triples(), merge=True, if_match=condition(), by=by))


@blueprint.patch("/graph-store")
@blueprint.patch("/graph-store/<path:local>")
def patch(local: str = "") -> Response:
    """Run a SPARQL Update request on one graph."""
    by, graph = require("write"), _graph()
    scope = Scope(graph=graph) if isinstance(graph, NamedNode) else Scope()
    changer, expected = kg().changer, condition()
    return _changed(
        changer.update(
            _update(),
            scope,
            graph=graph,
            if_match=expected,
            by=by,
            work_out=updater().effect_of,
        )
    )


@blueprint.delete("/graph-store")
@blueprint.delete("/graph-store/<path:local>")
def drop(local: str = "") -> Response:
    """Take away all that a graph holds; a bundle's graph takes the bundle along."""
    by, graph = require("write"), _graph()
    return _changed(kg().changer.drop(graph, if_match=condition(), by=by))


def _graph() -> GraphName:
    """The graph that the address names, or is.

    Raises: BadInput unless it is exactly one.
    """
    if request.view_args and any(request.view_args.values()):
        return kg().iri(request.base_url)
    graphs = request.args.getlist("graph")
    if len(graphs) + ("default" in request.args) != 1:
        raise BadInput("Name one graph: ?graph=IRI, or ?default for the default graph.")
    return kg().iri(graphs[0]) if graphs else DefaultGraph()


def _update() -> str:
    record().query = text = text_of("update")
    return text


def _triples() -> Iterable[Quad]:
    """The triples of the body, or of all files of a form."""
    read = kg().reader.read_quads
    if request.mimetype == "multipart/form-data":
        parts = request.files.values()
        return [
            quad
            for each in parts
            for quad in read(each.read(), from_media_type(each.mimetype), each.filename or "")
        ]
    return read(request.get_data(), from_media_type(request.mimetype), "body")


def _changed(receipts: list[Receipt]) -> Response:
    """What an update did to each bundle; 201 where it made one."""
    bundles = [
        {
            "bundle": each.bundle,
            "state": each.state,
            "revision": each.revision,
            "statements": each.statements,
            "digest": each.digest,
        }
        for each in receipts
    ]
    wrote(each.state for each in receipts)
    made = [each.bundle for each in receipts if each.state == "added"]
    body = json.dumps({"bundles": bundles}, indent=2) + "\n"
    response = Response(body, 201 if made else 200, content_type="application/json")
    if made:
        response.headers["Location"] = made[0]
    return response
