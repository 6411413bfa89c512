"""What a check of the ontology reports."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import URIRef
from rdflib.term import Node

from graph.vocab import shorten


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault: where it is, what is wrong, and how to put it right."""

    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.fix}"


def name_of(node: Node) -> str:
    """A node as a person would write it: prefixed name, IRI or literal."""
    if isinstance(node, URIRef):
        return shorten(str(node))
    return node.n3() if hasattr(node, "n3") else str(node)
