"""Who stands for whom: what people confirmed to be one, while both are described."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Graphs
from graph.facts import Subject
from graph.store import Readable, Term
from graph.vocab import ASC, ASCV, PROV, RDF, RDFS, SKOS

_ENDS = (ASC.subject, ASC.object)
_NOBODY: tuple[NamedNode, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Two that somebody confirmed to be one: `kept` is to stand for `gone`.

    Shape: without ends where the assessment is not stored now.
    """

    at: str
    assessment: str
    kept: str = ""
    gone: str = ""


def confirmed(view: Readable, graphs: Graphs) -> list[Pair]:
    """The identity assessments that are confirmed, in the order in which they were."""
    found = []
    for quad in view.match(None, ASC.verdict, ASCV.confirmed, graphs.judgements):
        assert isinstance(quad.subject, NamedNode)
        at = _value(view, quad.subject, PROV.endedAtTime)
        for judged in view.match(quad.subject, ASC.judged, None, graphs.judgements):
            node = judged.object
            assert isinstance(node, NamedNode)
            if is_identity(view, node):
                found.append(Pair(at, node.value, *(_value(view, node, end) for end in _ENDS)))
            elif not any(view.find(node, RDF.type)):
                found.append(Pair(at, node.value))
    return sorted(found)


def is_identity(view: Readable, assessment: NamedNode) -> bool:
    """Whether an assessment says that two are one."""
    return any(view.find(assessment, RDF.type, ASC.IdentityAssessment))


def standing(
    pairs: list[Pair], is_described: Callable[[NamedNode], bool]
) -> dict[NamedNode, NamedNode]:
    """Who stands for whom: for each that another stands for, that other.

    Shape: a pair counts while both are described; who is kept twice over stands for
        all. It follows from the pairs and not from the order of other writes.
    """
    above: dict[str, str] = {}

    def root(name: str) -> str:
        while name in above:
            name = above[name]
        return name

    for pair in pairs:
        if pair.gone and all(is_described(NamedNode(e)) for e in (pair.kept, pair.gone)):
            kept, gone = root(pair.kept), root(pair.gone)
            if kept != gone:
                above[gone] = kept
    return {NamedNode(name): NamedNode(root(name)) for name in above}


class Standing:
    """How quads are shown while some stand for others.

    Shape: `kept` gives for each that is gone who stands for it.
    """

    def __init__(self, graphs: Graphs, kept: Mapping[NamedNode, NamedNode]) -> None:
        self.kept = dict(kept)
        self._as_they_are = (
            *(graphs.catalog, graphs.ontology, graphs.relations),
            *(graphs.judgements, graphs.merged),
        )
        self._members: dict[Term, list[NamedNode]] = {}
        for gone, standing_for in kept.items():
            self._members.setdefault(standing_for, [standing_for]).append(gone)

    def __bool__(self) -> bool:
        return bool(self.kept)

    def members_in(self, quad: Quad) -> tuple[NamedNode, ...]:
        """Those a quad is about who stand for others, or for whom another stands.

        Shape: none where it is shown as it is: an assessment goes on to name both.
        """
        if not self.reaches(quad):
            return _NOBODY
        found = {each for each in (quad.subject, quad.object) if self.concerns(each)}
        return tuple(each for each in found if isinstance(each, NamedNode))

    def reaches(self, quad: Quad) -> bool:
        """Whether a quad is shown otherwise where it names one that is gone."""
        return quad.predicate not in _ENDS and quad.graph_name not in self._as_they_are

    def concerns(self, term: Term | None) -> bool:
        """Whether it stands for others, or another for it."""
        return term in self._members or term in self.kept

    def shown(self, quad: Quad) -> Quad:
        """A stated quad as it is shown; the name of one that is gone becomes an alias."""
        subject, value = quad.subject, quad.object
        if isinstance(subject, NamedNode):
            subject = self.kept.get(subject, subject)
        if isinstance(value, NamedNode):
            value = self.kept.get(value, value)
        renamed = subject != quad.subject and quad.predicate == RDFS.label
        predicate = SKOS.altLabel if renamed else quad.predicate
        return Quad(subject, predicate, value, quad.graph_name)

    def statable(self, shown: Quad) -> Iterator[Quad]:
        """The quads that would be shown as this one, itself left out."""
        subjects: Sequence[Subject] = self._members.get(shown.subject) or [shown.subject]
        values: Sequence[Term] = self._members.get(shown.object) or [shown.object]
        for subject, value in product(subjects, values):
            names = [shown.predicate]
            if shown.predicate == SKOS.altLabel and subject != shown.subject:
                names.append(RDFS.label)
            for predicate in names:
                quad = Quad(subject, predicate, value, shown.graph_name)
                if quad != shown and self.shown(quad) == shown:
                    yield quad


def _value(view: Readable, node: NamedNode, predicate: NamedNode) -> str:
    found = next(view.find(node, predicate), None)
    term = found.object if found else None
    return term.value if isinstance(term, NamedNode | Literal) else ""
