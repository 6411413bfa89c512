"""Dereferencing: every IRI under the base answers, in the format that is asked for.

Statements, spans and versions are documents and answer 200; agents, events and
places are in the world, so their IRIs answer 303 to a document about them.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import MethodNotAllowed

from graph.context import context_name
from graph.errors import NotFound
from graph.export import as_document
from graph.formats import JSON_LD, Format
from graph.web.describing import dataset_in
from graph.web.json_schemas import link_to_schema
from graph.web.links import kept
from graph.web.methods import methods_of
from graph.web.negotiation import (
    HTML,
    RESOURCE_FORMATS,
    choose,
    negotiated,
    split_extension,
)
from graph.web.pages import home as home_page
from graph.web.pages import resource_page
from graph.web.state import kg, reading

blueprint = Blueprint("resources", __name__)

_IN_DATASET = "http://rdfs.org/ns/void#inDataset"
_BESIDE_VERSIONS = ("/assessments", "/entailed", "/related")
_IN_THE_WORLD = frozenset({"agent", "event", "place", "post", "membership"})


@blueprint.get("/")
def home() -> Response:
    """The home page; as RDF, what the dataset is."""
    form = choose(RESOURCE_FORMATS)
    if form == HTML:
        return negotiated(home_page(reading()), HTML)
    return dataset_in(form)


@blueprint.get("/<path:local>")
def resource(local: str) -> Response:
    """A document about the resource of this path."""
    if _names_a_graph(local):
        return _see_other(f"/graph-store?graph={quote(local, safe='/')}")
    stem, form = split_extension(local)
    kind = local.partition("/")[0]
    iri = kg().settings.base + stem
    if kind not in _kinds():
        _refuse_get_of(f"/{local}")
        raise NotFound(f"There is no page /{local}. Start at {kg().settings.base}.")
    if other := reading().stands_for(iri):  # for now: they may be parted again
        extension = f".{form.extension}" if form else ""
        return _see_other(f"/{other.removeprefix(kg().settings.base)}{extension}")
    chosen = form or choose(RESOURCE_FORMATS)
    quads = reading().describe(iri, whole=chosen != HTML)
    if form is None and kind in _IN_THE_WORLD:
        return _see_other(f"/{stem}.{chosen.extension}", chosen)
    if chosen == HTML:
        body = resource_page(reading(), iri, quads).encode()
    else:
        address = kg().settings.base + context_name()
        body = as_document(quads, chosen, iri=iri, context_iri=address)
    response = document(body, chosen, stem)
    if chosen == JSON_LD and (link := link_to_schema(quads, iri)):
        response.headers.add("Link", link)
    return response


def _names_a_graph(local: str) -> bool:
    """Whether a path is the name of a graph that is nothing else: a version is described."""
    beside = local.startswith("graph/") or local.endswith(_BESIDE_VERSIONS)
    return beside and any(kg().store.find(graph=kg().iri(local)))


def _see_other(path: str, form: Format | None = None) -> Response:
    """303 to a document about what a path names."""
    target = request.script_root + path
    response: Response = redirect(kept(target), 303)  # type: ignore[assignment]
    response.vary.add("Accept")
    if form is not None:
        response.headers.add("Link", f'<{target}>; rel="describedby"; type="{form.media_type}"')
    return response


def _refuse_get_of(path: str) -> None:
    """Say 405 where only other methods are taken; every path matches our route's GET."""
    taken = methods_of(path)
    if "GET" not in taken:
        raise MethodNotAllowed(taken)


def _kinds() -> frozenset[str]:
    return _IN_THE_WORLD | {
        "doc", "statement", "attribution", "span", "time", "proposition",
        "concept", "activity", "assessment", "judgement", "question", "write", "writer",
    }  # fmt: skip


def document(body: bytes, form: Format, stem: str) -> Response:
    """A document that names the other forms there are of it, and what it is a part of."""
    response = negotiated(body, form)
    path = f"{request.script_root}/{stem}"
    response.headers.add("Link", f'<{request.script_root}/.well-known/void>; rel="{_IN_DATASET}"')
    if form == HTML:
        rdf = f'<{path}.{JSON_LD.extension}>; rel="describedby"; type="{JSON_LD.media_type}"'
        response.headers.add("Link", rdf)
    for other in RESOURCE_FORMATS:
        if other != form:
            response.headers.add(
                "Link", f'<{path}.{other.extension}>; rel="alternate"; type="{other.media_type}"'
            )
    response.headers["Content-Location"] = f"{path}.{form.extension}"
    return response
