"""`/sparql`: SPARQL 1.1 Protocol, query operation; and `/queries`: the named ones."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph.errors import BadInput, SyntaxFault, UnknownFormat
from graph.export import as_document
from graph.formats import RDF_FORMATS, RESULT_FORMATS, Format
from graph.queries import named_query
from graph.web.descriptions import service_description
from graph.web.negotiation import HTML, choose, negotiated
from graph.web.pages import ask_page
from graph.web.state import kg

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """Answer a query; without one, describe the service."""
    query = _query()
    if query is None:
        return _page("") if _is_browser(RDF_FORMATS) else _describe_service()
    if _is_browser((*RESULT_FORMATS, *RDF_FORMATS)):
        return _page(query)
    return _answer(
        query,
        default_graphs=_graphs("default-graph-uri"),
        named_graphs=_graphs("named-graph-uri"),
    )


def _is_browser(others: Sequence[Format]) -> bool:
    """Whether the client would rather have a page than any of the other formats."""
    return choose((*others, HTML)) == HTML


def _page(query: str) -> Response:
    """The query page: the question, and its answer or what is wrong with it."""
    status, answer, fault = 200, None, ""
    if query:
        try:
            answer = kg().store.query(
                query,
                default_graphs=_graphs("default-graph-uri"),
                named_graphs=_graphs("named-graph-uri"),
            )
        except SyntaxFault as error:
            status, fault = 400, str(error)
    return negotiated(ask_page(kg(), query, answer, fault), HTML, status)


def _answer(query: str, **options: Any) -> Response:
    output = io.BytesIO()
    form = kg().store.serialize(
        query,
        output,
        lambda kind: choose(RDF_FORMATS if kind == "graph" else RESULT_FORMATS),
        **options,
    )
    return negotiated(output.getvalue(), form)


@blueprint.get("/queries/<name>")
def named(name: str) -> Response:
    """Answer a named query, its parameters taken from the address."""
    given = {key: value for key, value in request.args.items() if key != "format"}
    query = named_query(name)
    return _answer(query.sparql, bindings=query.bindings(given, kg().settings.base))


def _query() -> str | None:
    """The query of a request, by any of the protocol's three ways.

    Raises: BadInput for none or several; UnknownFormat for another media type.
    Source: SPARQL 1.1 Protocol, section 2.1.
    """
    if request.method == "GET":
        return _one(request.args.getlist("query"), needed=False)
    if request.mimetype == "application/x-www-form-urlencoded":
        return _one(request.form.getlist("query"), needed=True)
    if request.mimetype == "application/sparql-query":
        try:
            return request.get_data().decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadInput(f"The query is not UTF-8 at byte {error.start}.") from None
    raise UnknownFormat(
        f"Content-Type {request.mimetype or 'none'} carries no query: POST a form with "
        "query=..., or the query itself as application/sparql-query."
    )


def _one(queries: Sequence[str], *, needed: bool) -> str | None:
    if len(queries) > 1:
        raise BadInput(f"The request holds {len(queries)} queries: send one.")
    if not queries and needed:
        raise BadInput("The form has no field `query`: send query=SELECT... in it.")
    return queries[0] if queries else None


def _graphs(parameter: str) -> list[NamedNode] | None:
    iris = request.args.getlist(parameter) + request.form.getlist(parameter)
    try:
        return [NamedNode(iri) for iri in iris] or None
    except ValueError as error:
        raise BadInput(f"{parameter} holds no IRI: {error}.") from None


def _describe_service() -> Response:
    form = choose(RDF_FORMATS)
    return negotiated(as_document(service_description(request.base_url), form), form)
