"""The words and class expressions that OWL 2 RL allows, as tables.

Source: OWL 2 Web Ontology Language Profiles (Second Edition), section 4.2.
"""

from __future__ import annotations

from rdflib import OWL, RDF, RDFS, XSD, URIRef
from rdflib.namespace import Namespace
from rdflib.term import Node

_O = Namespace(str(OWL))


def _terms(namespace: Namespace, names: str) -> frozenset[URIRef]:
    return frozenset(namespace[name] for name in names.split())


PREDICATES = (
    _terms(
        _O,
        """allValuesFrom annotatedProperty annotatedSource annotatedTarget
        assertionProperty backwardCompatibleWith complementOf deprecated
        differentFrom disjointWith distinctMembers equivalentClass
        equivalentProperty hasKey hasValue imports incompatibleWith intersectionOf
        inverseOf maxCardinality maxQualifiedCardinality members onClass
        onDataRange onProperty oneOf priorVersion propertyChainAxiom
        propertyDisjointWith sameAs someValuesFrom sourceIndividual
        targetIndividual targetValue unionOf versionIRI versionInfo""",
    )
    | _terms(Namespace(str(RDF)), "first rest type")
    | _terms(
        Namespace(str(RDFS)),
        "comment domain isDefinedBy label range seeAlso subClassOf subPropertyOf",
    )
)
"""The reserved words that may stand as a predicate."""

TYPES = (
    _terms(
        _O,
        """AllDifferent AllDisjointClasses AllDisjointProperties Annotation
        AnnotationProperty AsymmetricProperty Axiom Class DatatypeProperty
        FunctionalProperty InverseFunctionalProperty IrreflexiveProperty
        NamedIndividual NegativePropertyAssertion ObjectProperty Ontology
        Restriction SymmetricProperty Thing TransitiveProperty""",
    )
    | _terms(Namespace(str(RDF)), "List")
    | _terms(Namespace(str(RDFS)), "Datatype")
)
"""The reserved words that something may be an instance of."""

DATATYPES = (
    _terms(
        Namespace(str(XSD)),
        """anyURI base64Binary boolean byte dateTime dateTimeStamp decimal double
        float hexBinary int integer language long Name NCName negativeInteger
        NMTOKEN nonNegativeInteger nonPositiveInteger normalizedString
        positiveInteger short string token unsignedByte unsignedInt unsignedLong
        unsignedShort""",
    )
    | _terms(Namespace(str(RDF)), "PlainLiteral XMLLiteral langString")
    | {RDFS.Literal}
)

SUB, SUPER, EQUIVALENT, DATA, FILLER, ANY, AT_MOST_ONE = (
    "a subclass",
    "a superclass",
    "an equivalent class",
    "a data range",
    "a filler",
    "anything",
    "0 or 1",
)

GRAMMAR: dict[str, dict[Node, str]] = {
    SUB: {
        OWL.intersectionOf: SUB,
        OWL.unionOf: SUB,
        OWL.oneOf: ANY,
        OWL.someValuesFrom: FILLER,
        OWL.hasValue: ANY,
    },
    SUPER: {
        OWL.intersectionOf: SUPER,
        OWL.complementOf: SUB,
        OWL.allValuesFrom: SUPER,
        OWL.hasValue: ANY,
        OWL.maxCardinality: AT_MOST_ONE,
        OWL.maxQualifiedCardinality: AT_MOST_ONE,
    },
    EQUIVALENT: {OWL.intersectionOf: EQUIVALENT, OWL.hasValue: ANY},
    DATA: {OWL.intersectionOf: DATA},
}
"""For each place in an axiom, the constructs allowed there and what each may hold."""

CONSTRUCTS = frozenset(
    _terms(
        _O,
        """intersectionOf unionOf complementOf oneOf someValuesFrom allValuesFrom hasValue
        maxCardinality maxQualifiedCardinality minCardinality minQualifiedCardinality
        cardinality qualifiedCardinality hasSelf datatypeComplementOf onDatatype
        disjointUnionOf""",
    )
)
LISTED = {OWL.intersectionOf, OWL.unionOf}
SIMPLE_ONLY = (
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.AsymmetricProperty,
)
