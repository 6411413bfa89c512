"""Dereferencing: every IRI under the base answers, in the format that is asked for.

Statements, spans and versions are documents and answer 200; agents, events and
places are in the world, so their IRIs answer 303 to a document about them.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import MethodNotAllowed

from graph.errors import NotFound
from graph.export import as_document
from graph.formats import Format
from graph.web.descriptions import dataset_document
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
from graph.web.state import kg

blueprint = Blueprint("resources", __name__)

_IN_THE_WORLD = frozenset({"agent", "event", "place", "post", "membership"})


@blueprint.get("/")
def home() -> Response:
    """The home page; as RDF, what the dataset is."""
    form = choose(RESOURCE_FORMATS)
    if form == HTML:
        return negotiated(home_page(kg()), HTML)
    return negotiated(dataset_document(kg(), form), form)


@blueprint.get("/<path:local>")
def resource(local: str) -> Response:
    """A document about the resource of this path."""
    stem, form = split_extension(local)
    kind = local.partition("/")[0]
    iri = kg().settings.base + stem
    quads = kg().describe(iri) if kind in _kinds() else None
    if quads is None:
        _refuse_get_of(f"/{local}")
        raise NotFound(f"There is no page /{local}. Start at {request.root_url}.")
    chosen = form or choose(RESOURCE_FORMATS)
    if form is None and kind in _IN_THE_WORLD:
        target = f"{request.script_root}/{stem}.{chosen.extension}"
        response: Response = redirect(kept(target), 303)  # type: ignore[assignment]
        response.vary.add("Accept")
        return response
    if chosen == HTML:
        body = resource_page(kg(), iri, quads).encode()
    else:
        address = kg().settings.base + "context.jsonld"
        body = as_document(quads, chosen, iri=iri, context_iri=address)
    return document(body, chosen, stem)


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
    """A document that names the other forms there are of it."""
    response = negotiated(body, form)
    path = f"{request.script_root}/{stem}"
    for other in RESOURCE_FORMATS:
        if other != form:
            response.headers.add(
                "Link", f'<{path}.{other.extension}>; rel="alternate"; type="{other.media_type}"'
            )
    response.headers["Content-Location"] = f"{path}.{form.extension}"
    return response
