"""The ontology's terms, served where their IRIs lead.

https://w3id.org/ascribe/ns#Statement leads to /ns, where the list has an anchor for each
term; a term has a page of its own at /ns/Statement, a concept at /vocab/certain.
"""

from __future__ import annotations

from flask import Blueprint, Response

from graph.context import context_name
from graph.errors import NotFound
from graph.export import as_document
from graph.terms import described
from graph.vocab import ASC, ASCV, Namespace
from graph.web.negotiation import HTML, RESOURCE_FORMATS, choose, split_extension
from graph.web.pages import concepts_page, term_page, terms_page
from graph.web.resources import document
from graph.web.state import kg

blueprint = Blueprint("terms", __name__)


@blueprint.get("/ns")
@blueprint.get("/ns.<extension>")
def terms(extension: str = "") -> Response:
    """All classes and properties."""
    return _answer(ASC, f"ns.{extension}" if extension else "ns")


@blueprint.get("/ns/<term_name>")
def term(term_name: str) -> Response:
    """A class or property."""
    return _answer(ASC, f"ns/{term_name}")


@blueprint.get("/vocab")
@blueprint.get("/vocab.<extension>")
def concepts(extension: str = "") -> Response:
    """All concepts."""
    return _answer(ASCV, f"vocab.{extension}" if extension else "vocab")


@blueprint.get("/vocab/<concept_name>")
def concept(concept_name: str) -> Response:
    """A concept, or a list of them."""
    return _answer(ASCV, f"vocab/{concept_name}")


def _answer(namespace: Namespace, path: str) -> Response:
    stem, form = split_extension(path)
    place, _, name = stem.partition("/")
    if place not in ("ns", "vocab"):
        raise NotFound(f"There is no page /{path}. The terms are at /ns, the concepts at /vocab.")
    chosen = form or choose(RESOURCE_FORMATS)
    if chosen != HTML:
        context = kg().settings.base + context_name()
        quads = described(namespace, name)
        body = as_document(quads, chosen, iri=name and namespace + name, context_iri=context)
    elif name:
        body = term_page(kg(), namespace + name).encode()
    else:
        body = (terms_page if namespace == ASC else concepts_page)(kg()).encode()
    return document(body, chosen, stem)
