"""Where the triples that a reasoner was given stand: file and line, or graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Triple, parse

from graph.bundle import Origin
from graph.contradiction.axioms import disjoint_of, triples_of
from graph.contradiction.pellet import Axiom
from graph.facts import Term
from graph.files import ontology_dir
from graph.formats import TURTLE
from graph.lines import LineIndex, index_lines
from graph.report import Place
from graph.shacl import name_of
from graph.vocab import OWL, RDF


@dataclass(frozen=True)
class Part:
    """Triples from one place, in their order: a file, or a graph of a dataset."""

    origin: Origin
    triples: tuple[Triple, ...]
    is_ontology: bool = False

    @cached_property
    def _held(self) -> frozenset[Triple]:
        return frozenset(self.triples)

    @cached_property
    def _lines(self) -> LineIndex:
        origin = self.origin
        return index_lines(origin.data, origin.form, origin.base) if origin.data else LineIndex()

    def place_of(self, axiom: Axiom) -> str:
        """The place and line where this part states an axiom; empty if it does not."""
        for triple in triples_of(axiom):
            if triple in self._held:
                subject, path = name_of(triple.subject), triple.predicate.value
                place = self._lines.triples.get((subject, path, str(triple.object)))
                return self._at(place or self._lines.subjects.get(subject))
        lists = [triple.object for triple in self.triples if triple.predicate == OWL.members]
        apart = disjoint_of(axiom)
        for number, head in enumerate(lists):
            if apart and apart == {*self._listed(head)}:
                lines = [
                    v
                    for (_, path, _), v in self._lines.triples.items()
                    if path == OWL.members.value
                ]
                return self._at(lines[number] if number < len(lines) else None)
        return ""

    def _at(self, place: Place | None) -> str:
        line = place.line if place else None
        return f"{self.origin.name}:{line}" if line else self.origin.name

    def _listed(self, head: Term) -> Iterator[Term]:
        """The members of a list."""
        step: dict[tuple[Term, Term], Term] = {
            (t.subject, t.predicate): t.object for t in self.triples
        }
        while head != RDF.nil and (head, RDF.first) in step:
            yield step[head, RDF.first]
            head = step[head, RDF.rest]


def ontology_parts(folder: Path | None = None) -> list[Part]:
    """The files of the ontology, ours or those of another folder."""
    return [_ontology_part(path) for path in sorted((folder or ontology_dir()).glob("*.ttl"))]


def _ontology_part(path: Path) -> Part:
    data = path.read_bytes()
    triples = tuple(quad.triple for quad in parse(data, TURTLE.rdf))
    return Part(Origin(f"ontology/{path.name}", data, TURTLE), triples, is_ontology=True)


def file_part(quads: Iterable[Quad], origin: Origin) -> Part:
    """What a file says, whatever graphs it uses."""
    return Part(origin, tuple(dict.fromkeys(quad.triple for quad in quads)))


def stored_parts(quads: Iterable[Quad], base: str) -> list[Part]:
    """The graphs of a dataset, each named by its IRI."""
    found: dict[str, list[Triple]] = {}
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode):
            found.setdefault(quad.graph_name.value, []).append(quad.triple)
    return [
        Part(Origin(f"<{graph.removeprefix(base)}>"), tuple(triples))
        for graph, triples in sorted(found.items())
    ]
