"""`/sparql`: SPARQL 1.1 Protocol, query operation; and `/queries`: the named ones."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from time import perf_counter
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph.asking.question import Question, Told
from graph.asking.rows import first_rows
from graph.errors import BadInput, OverLimit, PeerFault, Unacceptable, UnknownFormat
from graph.federation import inlined
from graph.formats import NTRIPLES, RDF_FORMATS, RESULT_FORMATS, RESULTS_JSON, Format
from graph.queries import named_query
from graph.store import Answer
from graph.update_request import reaches_out
from graph.web.descriptions import service_document
from graph.web.lane import take_note, told_in
from graph.web.negotiation import HTML, as_utf8, choose, negotiated
from graph.web.observing import record
from graph.web.pages import ask_page
from graph.web.problems import status_of
from graph.web.slow import spooled
from graph.web.state import address, asked_revision, asker, caller, kg, past_asker
from graph.web.views.query import MOST_ROWS

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """Answer a query; without one, describe the service."""
    query = _query()
    if query is None:
        return _page("") if _is_browser(RDF_FORMATS) else _describe_service()
    record().query = query
    if _is_browser((*RESULT_FORMATS, *RDF_FORMATS)):
        return _page(query)
    return _answer(_question(query), asked_revision())


def _question(query: str) -> Question:
    """What is asked, with what other endpoints say to it where the operator lists any."""
    settings = kg().settings
    if settings.services and reaches_out(query):
        query = inlined(query, settings)
    return Question(query, *_dataset())


def _is_browser(others: Sequence[Format]) -> bool:
    """Whether the client would rather have a page than any of the other formats."""
    return choose((*others, HTML)) == HTML


def _page(query: str) -> Response:
    """The query page: the question, and its answer or what is wrong with it."""
    status, answer, fault, started = 200, None, None, perf_counter()
    if query:
        try:
            answer = _rows(_question(query))
        except (BadInput, OverLimit, PeerFault) as error:
            status, fault = status_of(error), error
    took_s, endpoint = perf_counter() - started, f"{request.url_root}sparql"
    return negotiated(ask_page(kg(), query, answer, fault, took_s, endpoint), HTML, status)


def _rows(question: Question) -> Answer:
    """The first rows of an answer, one more than the page shows."""
    with closing(_told(question, RESULTS_JSON, NTRIPLES, asked_revision())) as told:
        return first_rows(told, MOST_ROWS + 1)


def _answer(question: Question, revision: int | None) -> Response:
    """An answer in the format that the client likes best, passed on as it is worked out."""
    solutions, graph = _choice(RESULT_FORMATS), _choice(RDF_FORMATS)
    take_note(request.environ, solutions, graph)
    told = told_in(request.environ) or _told(question, solutions, graph, revision)
    form = graph if told.kind == "graph" else solutions
    if form is None:
        told.close()
        form = choose(RDF_FORMATS if told.kind == "graph" else RESULT_FORMATS)
    if told.whole is not None:
        response = negotiated(told.whole, form)
    elif request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        response = negotiated(spooled(told), form)
    else:
        response = negotiated(told, form)
    response.headers["Ascribe-Revision"] = str(told.revision)
    return response


def _told(
    question: Question, solutions: Format | None, graph: Format | None, revision: int | None
) -> Told:
    token = caller()
    wanted = (
        solutions.media_type if solutions else None,
        graph.media_type if graph else None,
        token.name if token else address(),
    )
    if revision is None:
        return asker().ask(question, *wanted)
    return past_asker().ask(revision, question, *wanted)


def _choice(offers: Sequence[Format]) -> Format | None:
    """What the client likes best of some formats; None if it takes none of them."""
    try:
        return choose(offers)
    except Unacceptable:
        return None


@blueprint.get("/queries/<name>")
def named(name: str) -> Response:
    """Answer a named query, its parameters taken from the address.

    Shape: where a query has a parameter `asOf` of its own, that is what is meant.
    """
    record().query, query = name, named_query(name)
    ours = {"format", "asOf"} - {param.name for param in query.params}
    given = {key: value for key, value in request.args.items() if key not in ours}
    question = Question(query.bound(given, kg().settings.base))
    return _answer(question, asked_revision() if "asOf" in ours else None)


def _query() -> str | None:
    """The query of a request, by any of the protocol's three ways; None for a bare GET.

    Raises: as `text_of`.
    Source: SPARQL 1.1 Protocol, section 2.1.
    """
    if request.method != "POST":
        return _one("query", request.args.getlist("query"), needed=False)
    return text_of("query")


def text_of(kind: str) -> str:
    """The query or update that a POST carries: as a form's field, or as the body.

    Raises: BadInput for none or several; UnknownFormat for another media type.
    """
    if kind in request.args:
        raise BadInput(f"The request has `{kind}` in its address and body: send it in one of them.")
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    if not is_form and request.mimetype != f"application/sparql-{kind}":
        raise UnknownFormat(
            f"Content-Type {request.mimetype or 'none'} carries no {kind}: send a form with "
            f"{kind}=..., or the {kind} itself as application/sparql-{kind}."
        )
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnknownFormat(f"The {kind} is sent as {charset}: send it as UTF-8.")
    body = request.get_data()
    text = as_utf8(unquote_to_bytes(body) if is_form else body, f"The {kind}")
    return _one(kind, request.form.getlist(kind), needed=True) or "" if is_form else text


def _one(kind: str, texts: Sequence[str], *, needed: bool) -> str | None:
    if len(texts) > 1:
        raise BadInput(f"The request has `{kind}` {len(texts)} times: send one.")
    if not texts and needed:
        raise BadInput(f"The form has no field `{kind}`: send {kind}=... in it.")
    return texts[0] if texts else None


def _dataset() -> tuple[list[NamedNode] | None, list[NamedNode] | None]:
    """The default and the named graphs that a request chooses; None for all there is."""
    default, named = graphs_of("default-graph-uri"), graphs_of("named-graph-uri")
    return (default, named) if default or named else (None, None)


def graphs_of(parameter: str) -> list[NamedNode]:
    """The graphs that a parameter of the request names, in its address or form.

    Raises: BadInput for what is no IRI.
    """
    sent = request.form.getlist(parameter) if request.method == "POST" else []
    iris = request.args.getlist(parameter) + sent
    try:
        return [NamedNode(iri) for iri in dict.fromkeys(iris)]
    except ValueError as error:
        raise BadInput(f"{parameter} holds no IRI: {error}.") from None


def _describe_service() -> Response:
    form = choose(RDF_FORMATS)
    return negotiated(service_document(kg(), form), form)
