"""What the dataset is, how much of what is in it, and where to get it: VoID and DCAT."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from graph.census import Census
from graph.errors import ToolMissing
from graph.export import as_document
from graph.exports import EXPORTS
from graph.formats import RDF_FORMATS, Format
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.store import Store
from graph.vocab import (
    ASC,
    DCTERMS,
    FOAF,
    OA,
    ORG,
    PREFIXES,
    PROV,
    RDF,
    SCHEMA,
    SEM,
    XSD,
    Namespace,
)
from graph.web.descriptions import FORMATS, VOID, W3C_NAMES

DCAT = Namespace("http://www.w3.org/ns/dcat#")
_MEDIA_TYPES = Namespace("https://www.iana.org/assignments/media-types/")
_USED = (ASC, PREFIXES["ascv"], PROV, OA, SCHEMA, SEM, ORG, DCTERMS, FOAF, PREFIXES["skos"])

_ABOUT = (
    "Who said what, according to whom, in which source: statements with their exact words "
    "and the chain of voices they passed through. It does not say what is true."
)

Triples = Iterator[Quad]


def dataset_document(kg: KnowledgeGraph, form: Format, census: Census | None) -> bytes:
    """The dataset's description, in a format; without counts while they are not there yet."""
    dataset = NamedNode(kg.settings.base + ".well-known/void")
    quads = [
        *_named(dataset, kg.settings),
        *_places(dataset, kg.settings.base),
        *(Quad(dataset, VOID.exampleResource, each) for each in _examples(kg.store)),
        *(_counted(dataset, census) if census else ()),
    ]
    if latest := kg.writer.latest():
        when = Literal(latest.isoformat(), datatype=XSD.dateTime)
        quads.append(Quad(dataset, DCTERMS.modified, when))
    return as_document(quads, form)


def _named(dataset: NamedNode, settings: Settings) -> Triples:
    """What it is called, whose it is, and what may be done with it."""
    for kind in (VOID.Dataset, DCAT.Dataset):
        yield Quad(dataset, RDF.type, kind)
    yield Quad(dataset, DCTERMS.term("title"), Literal(settings.title, language="en"))
    yield Quad(dataset, DCTERMS.description, Literal(_ABOUT, language="en"))
    if settings.license:
        yield Quad(dataset, DCTERMS.license, NamedNode(settings.license))
    if settings.creator.startswith(("http://", "https://")):
        yield Quad(dataset, DCTERMS.creator, NamedNode(settings.creator))
    elif settings.creator:
        creator = BlankNode("creator")
        yield Quad(dataset, DCTERMS.creator, creator)
        yield Quad(creator, RDF.type, FOAF.Agent)
        yield Quad(creator, FOAF.name, Literal(settings.creator))


def _places(dataset: NamedNode, base: str) -> Triples:
    """Where it is: its pages, its endpoint, its dumps.

    Source: W3C Interest Group Note, Describing Linked Datasets with VoID; W3C
        Recommendation, Data Catalog Vocabulary (DCAT) 3.
    """
    yield Quad(dataset, DCAT.landingPage, NamedNode(base))
    yield Quad(dataset, FOAF.homepage, NamedNode(base))
    yield Quad(dataset, VOID.uriSpace, Literal(base))
    yield Quad(dataset, VOID.sparqlEndpoint, NamedNode(f"{base}sparql"))
    for vocabulary in _USED:
        yield Quad(dataset, VOID.vocabulary, NamedNode(vocabulary))
    for form in RDF_FORMATS:
        dump = NamedNode(f"{base}dump.{form.extension}.gz")
        yield Quad(dataset, VOID.dataDump, dump)
        yield Quad(dataset, VOID.feature, FORMATS.term(W3C_NAMES[form.name]))
        yield from _distribution(dataset, form, dump)
        yield Quad(dump, DCAT.compressFormat, _MEDIA_TYPES.term("application/gzip"))
    for form in _others():
        yield from _distribution(dataset, form, NamedNode(f"{base}export?format={form.extension}"))
    service = BlankNode("service")
    yield Quad(service, RDF.type, DCAT.DataService)
    yield Quad(service, DCTERMS.term("title"), Literal("SPARQL", language="en"))
    yield Quad(service, DCAT.endpointURL, NamedNode(f"{base}sparql"))
    yield Quad(service, DCAT.servesDataset, dataset)


def _others() -> Iterator[Format]:
    """The forms beside the dumps that can be written here: some need a package of their own."""
    for form, each in EXPORTS.items():
        with suppress(ToolMissing):
            each.check()
            if form not in RDF_FORMATS:
                yield form


def _distribution(dataset: NamedNode, form: Format, address: NamedNode) -> Triples:
    yield Quad(dataset, DCAT.distribution, address)
    yield Quad(address, RDF.type, DCAT.Distribution)
    yield Quad(address, DCTERMS.term("title"), Literal(form.name, language="en"))
    yield Quad(address, DCAT.downloadURL, address)
    media_type = form.media_type.partition(";")[0]
    yield Quad(address, DCAT.mediaType, _MEDIA_TYPES.term(media_type))


def _examples(store: Store) -> Iterator[NamedNode]:
    """A statement, its source, its speaker and its event, to begin with."""
    for predicate in (ASC.source, ASC.speaker, ASC.event):
        for quad in store.find(None, predicate):
            if predicate == ASC.source and isinstance(quad.subject, NamedNode):
                yield quad.subject
            if isinstance(quad.object, NamedNode):
                yield quad.object
            break


def _counted(dataset: NamedNode, census: Census) -> Triples:
    """How much there is of each class and property, after which write."""
    yield Quad(dataset, ASC.revision, Literal(census.revision))
    yield Quad(dataset, VOID.triples, Literal(census.triples))
    yield Quad(dataset, VOID.classes, Literal(len(census.classes)))
    yield Quad(dataset, VOID.properties, Literal(len(census.properties)))
    for number, (kind, members) in enumerate(census.classes.items()):
        part = BlankNode(f"class{number}")
        yield Quad(dataset, VOID.classPartition, part)
        yield Quad(part, VOID.term("class"), kind)
        yield Quad(part, VOID.entities, Literal(members))
    for number, (term, triples) in enumerate(census.properties.items()):
        part = BlankNode(f"property{number}")
        yield Quad(dataset, VOID.propertyPartition, part)
        yield Quad(part, VOID.property, term)
        yield Quad(part, VOID.triples, Literal(triples))
