"""The W3C's SPARQL 1.1 Update suite: what an Update changes, and what is no Update.

Each case is asked of a server without a gate over HTTP, and of what stands behind the gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
    serialize,
)
from suite import MF, NEEDS_SUITES, SUITES
from test_server import Client

from graph.errors import BadInput
from graph.shacl.view import Term, View
from graph.store.oxigraph import OxigraphStore
from graph.updating import Update, effect_of
from graph.vocab import RDF, RDFS, Namespace

UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
FOLDER = SUITES / "rdf-tests" / "sparql" / "sparql11"

pytestmark = NEEDS_SUITES


@dataclass(frozen=True, slots=True)
class Case:
    """A request, the dataset before, and the one that must be there afterwards."""

    name: str
    request: str
    before: frozenset[Quad]
    after: frozenset[Quad]


def evaluations() -> Iterator[Case]:
    """The cases that run an Update."""
    for folder, view, case in _cases(MF.UpdateEvaluationTest):
        action, result = _one(view, case, MF.action), _one(view, case, MF.result)
        text = _path(folder, _one(view, action, UT.request)).read_text("utf-8")
        name = f"{folder.name}/{_one(view, case, MF.name).value}"
        yield Case(name, text, _dataset(folder, view, action), _dataset(folder, view, result))


def syntax(kind: str) -> Iterator[tuple[str, str]]:
    """The cases of one kind that only read a request: names and texts."""
    for folder, view, case in _cases(MF.term(kind)):
        path = _path(folder, _one(view, case, MF.action))
        yield f"{folder.name}/{path.stem}", path.read_text("utf-8")


def _cases(kind: NamedNode) -> Iterator[tuple[Path, View, Term]]:
    for manifest in sorted(FOLDER.glob("*/manifest.ttl")):
        view = View(parse(path=manifest, format=RdfFormat.TURTLE, base_iri=manifest.as_uri()))
        for node, held in view.by_subject.items():
            if kind in held.get(RDF.type, ()):
                yield manifest.parent, view, node


def _dataset(folder: Path, view: View, node: Term) -> frozenset[Quad]:
    quads: set[Quad] = set()
    for data in view.values(node, UT.data):
        quads |= {*_triples(folder, data, DefaultGraph())}
    for named in view.values(node, UT.graphData):
        label = _one(view, named, RDFS.label).value
        quads |= {*_triples(folder, _one(view, named, UT.graph), NamedNode(label))}
    return frozenset(quads)


def _triples(folder: Path, file: Term, graph: NamedNode | DefaultGraph) -> Iterator[Quad]:
    path = _path(folder, file)
    for quad in parse(path=path, format=RdfFormat.TURTLE, base_iri=path.as_uri()):
        yield Quad(quad.subject, quad.predicate, quad.object, graph)


def _path(folder: Path, file: Term) -> Path:
    assert isinstance(file, NamedNode)
    return folder / file.value.rpartition("/")[2]


def _one(view: View, node: Term, predicate: NamedNode) -> NamedNode | Literal:
    (found,) = view.values(node, predicate)
    return found  # type: ignore[return-value]


def canonical(quads: frozenset[Quad]) -> set[Quad]:
    """The quads with blank nodes named by where they stand."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {*dataset}


def send(client: Client, path: str, data: bytes, media_type: str, method: str = "POST") -> int:
    """The status of a write."""
    answer = client(path, method=method, data=data, token=client.token, Content_Type=media_type)
    return answer.status


def put(client: Client, quads: frozenset[Quad]) -> None:
    """Have the server hold these quads, and no others."""
    for graph in {quad.graph_name for quad in quads}:
        triples = (quad.triple for quad in quads if quad.graph_name == graph)
        named = f"graph={quote(graph.value)}" if isinstance(graph, NamedNode) else "default"
        data = serialize(triples, format=RdfFormat.N_TRIPLES)
        assert send(client, f"graph-store?{named}", data, "application/n-triples", "PUT") < 300


def held(client: Client) -> frozenset[Quad]:
    """Every quad that the server holds."""
    answer = client(
        "sparql",
        data=b"SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
        Content_Type="application/sparql-query",
        Accept="application/sparql-results+json",
    )
    rows = parse_query_results(answer.body, QueryResultsFormat.JSON)
    assert isinstance(rows, QuerySolutions)
    return frozenset(Quad(row["s"], row["p"], row["o"], row["g"] or DefaultGraph()) for row in rows)


EVALUATIONS = [*evaluations()]


@pytest.mark.parametrize("case", EVALUATIONS, ids=lambda case: case.name)
def test_an_update_has_the_effect_that_the_suite_expects(case: Case) -> None:
    store = OxigraphStore.in_memory()
    store.transact(case.before)
    found = effect_of(store, Update(case.request, union=False))
    assert canonical(frozenset(store.match())) == canonical(case.before), "nothing is changed"
    assert canonical((frozenset(store.match()) - found.removed) | found.added) == canonical(
        case.after
    )


@pytest.mark.parametrize("case", EVALUATIONS, ids=lambda case: case.name)
def test_an_update_over_http_has_that_effect(ungated: Client, case: Case) -> None:
    put(ungated, case.before)
    assert send(ungated, "update", case.request.encode(), "application/sparql-update") < 300
    assert canonical(held(ungated)) == canonical(case.after)


@pytest.mark.parametrize(
    ("name", "request_text"),
    [*syntax("PositiveUpdateSyntaxTest11"), *syntax("PositiveUpdateSyntaxTest")],
)
def test_a_sound_request_is_read(name: str, request_text: str) -> None:
    if "LOAD" in request_text.upper():
        with pytest.raises(BadInput, match="nothing is fetched"):
            effect_of(OxigraphStore.in_memory(), Update(request_text))


@pytest.mark.parametrize(
    ("name", "request_text"),
    [*syntax("NegativeUpdateSyntaxTest11"), *syntax("NegativeUpdateSyntaxTest")],
)
def test_what_is_no_update_is_refused(name: str, request_text: str) -> None:
    with pytest.raises(BadInput):
        effect_of(OxigraphStore.in_memory(), Update(request_text))
