"""Whether every class, property and datatype that a shape names is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SH, XSD, BNode, Graph, URIRef
from rdflib.term import Node

from graph.files import shapes_dir
from graph.formats import TURTLE
from graph.lines import index_lines
from graph.ontology_check.finding import Finding, name_of
from graph.ontology_check.terms import NAMESPACES

_CLASSES = (SH.targetClass, SH["class"])
_PROPERTIES = (SH.targetSubjectsOf, SH.targetObjectsOf, SH.equals, SH.disjoint, SH.lessThan)
_STEPS = (
    *(SH.alternativePath, SH.inversePath),
    *(SH.oneOrMorePath, SH.zeroOrMorePath, SH.zeroOrOnePath),
)
_PROPERTY_KINDS = {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
_BUILT_IN = (str(OWL), str(RDF), str(RDFS))


def unknown_in_shapes(ontology: Graph, folder: Path | None = None) -> list[Finding]:
    """What shapes name as a class, property or datatype and is declared as none.

    Shape: a name of ours that is not defined at all is left to `undefined_terms`.
    """
    paths = sorted((folder or shapes_dir()).glob("*.ttl"))
    return [finding for path in paths for finding in _unknown_in(path, ontology)]


def _unknown_in(path: Path, ontology: Graph) -> Iterator[Finding]:
    data = path.read_bytes()
    lines = index_lines(data, TURTLE, "").triples
    for predicate, term, wanted in sorted({*_named(Graph().parse(data, format="turtle"))}):
        if _is_declared(ontology, term, wanted):
            continue
        line = next(
            (n.line for (_, p, o), n in lines.items() if o == f"<{term}>" and p == predicate), ""
        )
        yield Finding(
            f"{path.name}:{line}".removesuffix(":"),
            f"{name_of(term)} stands as a {wanted} and is declared as none.",
            f"Correct its name, or declare it as a {wanted} in the ontology.",
        )


def _named(shapes: Graph) -> Iterator[tuple[str, URIRef, str]]:
    """Each term that the shapes name, after which word, and as what."""
    for word in _CLASSES:
        yield from _iris(word, shapes.objects(None, word), "class")
    for word in _PROPERTIES:
        yield from _iris(word, shapes.objects(None, word), "property")
    yield from _iris(SH.datatype, shapes.objects(None, SH.datatype), "datatype")
    for path in shapes.objects(None, SH.path):
        yield from _iris(SH.path, _steps(shapes, path), "property")


def _iris(word: URIRef, nodes: Iterable[Node], wanted: str) -> Iterator[tuple[str, URIRef, str]]:
    return ((str(word), node, wanted) for node in nodes if isinstance(node, URIRef))


def _steps(shapes: Graph, path: Node) -> Iterator[Node]:
    """The properties of a path."""
    if not isinstance(path, BNode):
        yield path
        return
    for inner in (*_STEPS, RDF.first, RDF.rest):
        for each in shapes.objects(path, inner):
            if each != RDF.nil:
                yield from _steps(shapes, each)


def _is_declared(ontology: Graph, term: URIRef, wanted: str) -> bool:
    kinds = {*ontology.objects(term, RDF.type)}
    if wanted == "datatype":
        return term in XSD or term == RDF.langString or RDFS.Datatype in kinds
    name = str(term)
    if name.startswith(_BUILT_IN) or (name.startswith(tuple(NAMESPACES.values())) and not kinds):
        return True
    return OWL.Class in kinds if wanted == "class" else bool(kinds & _PROPERTY_KINDS)
