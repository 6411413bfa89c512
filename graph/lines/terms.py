"""rdflib's terms in the syntax that results and places are told in."""

from __future__ import annotations

import rdflib
from pyoxigraph import Literal, NamedNode


def as_ntriples(term: rdflib.term.Node) -> str:
    """An rdflib term in N-Triples syntax, written the way Oxigraph writes it."""
    if isinstance(term, rdflib.Literal):
        if term.language:
            return str(Literal(str(term), language=term.language))
        datatype = NamedNode(term.datatype) if term.datatype else None
        return str(Literal(str(term), datatype=datatype))
    if isinstance(term, rdflib.URIRef):
        return f"<{term}>"
    return f"_:{term}"
