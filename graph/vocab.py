"""The namespaces Ascribe writes in, each a constant in one place.

>>> ASC.speaker.value
'https://w3id.org/ascribe/ns#speaker'
"""

from pyoxigraph import NamedNode


class Namespace(str):
    """An IRI prefix whose attributes are the terms under it, each made once."""

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        node = self.__dict__[name] = NamedNode(self + name)
        return node

    def term(self, name: str) -> NamedNode:
        """The term `name`, for names that are str methods (`title`, `index`)."""
        return NamedNode(self + name)


ASC = Namespace("https://w3id.org/ascribe/ns#")
ASCV = Namespace("https://w3id.org/ascribe/vocab#")
SHAPES = Namespace("https://w3id.org/ascribe/shapes#")

DCTERMS = Namespace("http://purl.org/dc/terms/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
OA = Namespace("http://www.w3.org/ns/oa#")
ORG = Namespace("http://www.w3.org/ns/org#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
PROV = Namespace("http://www.w3.org/ns/prov#")
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
SCHEMA = Namespace("http://schema.org/")  # http: schema.org's own context says so
SEM = Namespace("http://semanticweb.cs.vu.nl/2009/11/sem/")
SH = Namespace("http://www.w3.org/ns/shacl#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
TIME = Namespace("http://www.w3.org/2006/time#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")

LABELS = (RDFS.label, SKOS.prefLabel, DCTERMS.term("title"))
"""The properties that say what to call something."""

PREFIXES: dict[str, str] = {
    "asc": ASC,
    "ascv": ASCV,
    "dcterms": DCTERMS,
    "foaf": FOAF,
    "geo": GEO,
    "oa": OA,
    "org": ORG,
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sem": SEM,
    "sh": SH,
    "shapes": SHAPES,
    "skos": SKOS,
    "time": TIME,
    "xsd": XSD,
}


def shorten(iri: str) -> str:
    """The prefixed name of an IRI where we have a prefix, else the IRI itself.

    >>> shorten("http://www.w3.org/ns/prov#agent")
    'prov:agent'
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
