"""What this service and its dataset are, in SPARQL Service Description and VoID."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from graph.export import as_document
from graph.formats import RDF_FORMATS, RESULT_FORMATS, Format
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.vocab import RDF, Namespace

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
LIMITS = Namespace("https://w3id.org/ascribe/limits#")
VOID = Namespace("http://rdfs.org/ns/void#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
ENTAILMENT = Namespace("http://www.w3.org/ns/entailment/")

_MOST_GRAPHS = 1_000

W3C_NAMES = {
    "Turtle": "Turtle",
    "TriG": "TriG",
    "N-Triples": "N-Triples",
    "N-Quads": "N-Quads",
    "RDF/XML": "RDF_XML",
    "JSON-LD": "JSON-LD",
    "JSON": "SPARQL_Results_JSON",
    "XML": "SPARQL_Results_XML",
    "CSV": "SPARQL_Results_CSV",
    "TSV": "SPARQL_Results_TSV",
}


def service_document(kg: KnowledgeGraph, form: Format) -> bytes:
    """The description of the service, in a format."""
    root = kg.settings.base
    graphs = sorted(islice(kg.store.graphs(), _MOST_GRAPHS), key=str)
    union, federated = kg.settings.gate, bool(kg.settings.services)
    described = service_description(root, graphs, len(kg.store), union=union, federated=federated)
    return as_document([*described, *limits_of(kg.settings)], form)


def service_description(
    root: str,
    graphs: Sequence[NamedNode],
    triples: int,
    *,
    union: bool = True,
    federated: bool = False,
) -> Iterator[Quad]:
    """The endpoints for queries and updates with their languages, formats and dataset.

    Shape: what is derived is stored as data, so answers follow by simple entailment.
    Source: SPARQL 1.1 Service Description.
    """
    dataset, default = BlankNode("dataset"), BlankNode("default")
    services = {"sparql": SD.SPARQL11Query, "update": SD.SPARQL11Update}
    for path, language in services.items():
        service = BlankNode(path)
        yield Quad(service, RDF.type, SD.Service)
        yield Quad(service, SD.endpoint, NamedNode(root + path))
        yield Quad(service, SD.supportedLanguage, language)
        yield Quad(service, SD.defaultEntailmentRegime, ENTAILMENT.Simple)
        yield Quad(service, SD.defaultDataset, dataset)
        if union:
            yield Quad(service, SD.feature, SD.UnionDefaultGraph)
    if federated:
        yield Quad(BlankNode("sparql"), SD.feature, SD.BasicFederatedQuery)
    for form in (*RESULT_FORMATS, *RDF_FORMATS):
        name = FORMATS.term(W3C_NAMES[form.name])
        yield Quad(BlankNode("sparql"), SD.resultFormat, name)
    for form in RDF_FORMATS:
        name = FORMATS.term(W3C_NAMES[form.name])
        yield Quad(BlankNode("update"), SD.inputFormat, name)
    yield Quad(dataset, RDF.type, SD.Dataset)
    yield Quad(dataset, SD.defaultGraph, default)
    yield Quad(default, RDF.type, SD.Graph)
    yield Quad(default, VOID.triples, Literal(triples))
    for number, graph in enumerate(graphs):
        named = BlankNode(f"graph{number}")
        yield Quad(dataset, SD.namedGraph, named)
        yield Quad(named, RDF.type, SD.NamedGraph)
        yield Quad(named, SD.name, graph)


def limits_of(settings: Settings) -> Iterator[Quad]:
    """What one query may take: SPARQL's own vocabulary has no terms for it."""
    service = BlankNode("sparql")
    yield Quad(service, LIMITS.timeoutSeconds, Literal(settings.query_timeout_s))
    yield Quad(service, LIMITS.waitSeconds, Literal(settings.query_wait_s))
    yield Quad(service, LIMITS.memoryBytes, Literal(settings.query_memory_bytes))
    yield Quad(service, LIMITS.queryBytes, Literal(settings.query_max_bytes))
    yield Quad(service, LIMITS.rows, Literal(settings.query_max_rows))
    yield Quad(service, LIMITS.resultBytes, Literal(settings.query_max_result_bytes))
