"""One bundle's statements, held against those of others that answer the same questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Graphs, related_of
from graph.iris import digest
from graph.relating.book import Book
from graph.relating.rules import Answer, Kind, Rule, kind_of
from graph.relating.selecting import place_of, select
from graph.store import Store, Term
from graph.vocab import ASC, ASCV, RDF, XSD


class Pairing:
    """What the computed relations gain and lose with one bundle."""

    def __init__(self, store: Store, graphs: Graphs, book: Book) -> None:
        self._store = store
        self._graphs = graphs
        self._book = book
        self._added: set[Quad] = set()
        self._removed: set[Quad] = set()

    def settle(self, version: NamedNode) -> set[NamedNode]:
        """Bring the relations of a bundle's statements up to what is stored of it.

        Shape: the assessments that came or went.
        """
        own = related_of(version)
        gone: dict[str, set[str]] = defaultdict(set)
        for quad in self._store.find(graph=own):
            voices = gone[quad.subject.value]  # type: ignore[union-attr]
            if quad.predicate == ASC.voice:  # else there was no place for some of them
                voices.add(_iri(quad.object))
        said = self._store.find(None, ASC.source, version, version)
        coming = self._book.answers(_iri(quad.subject) for quad in said)
        questions = sorted(gone.keys() | coming.keys())
        heard = {each: self._heard(each, but=own) for each in questions}
        others = self._book.answers(voice for each in heard.values() for voice in sorted(each))
        for question in questions:
            there = [a for a in others.get(question, ()) if a.statement in heard[question]]
            new = coming.get(question, [])
            self._weigh(NamedNode(question), version, gone.get(question, set()), there, new)
        self._store.transact(self._added, self._removed - self._added)
        told = (ASC.relation, ASC.confidence)
        changed = (quad for quad in self._added ^ self._removed if quad.predicate in told)
        return {quad.subject for quad in changed if isinstance(quad.subject, NamedNode)}

    def _weigh(
        self,
        question: NamedNode,
        version: NamedNode,
        gone: set[str],
        others: list[Answer],
        coming: list[Answer],
    ) -> None:
        """Hear a bundle's statements on one question anew, in place of what was heard of it."""
        kind = kind_of(question.value)
        mark = next(self._store.find(question, ASC.crowdedAt), None)
        pool = [*others, *coming]
        marked: NamedNode | None = related_of(version)
        if mark and (gone or _come_late(others, coming)):
            # Who was not heard so far may take a place now.
            pool, marked = self._all_answers(question, NamedNode(_iri(mark.object))), None
        chosen = select(kind, pool)
        if mark:
            self._removed.update(self._store.find(question, ASC.crowdedAt, None, marked))
        self._added.update(told for each in chosen.left_out for told in self._marks(question, each))
        staying = {each.statement for each in others} & chosen.answers.keys()
        for statement in gone:
            self._silence(question, statement, version.value)
        for answer in others:
            if answer.statement not in staying:
                self._silence(question, answer.statement, answer.voice.version)
        self._hear(kind, question, chosen.answers, staying)

    def _all_answers(self, question: NamedNode, about: NamedNode) -> list[Answer]:
        """All answers to a question, those that were not heard included."""
        named = self._store.find(value=about, graph=self._graphs.propositions)
        contents = {about, *(quad.subject for quad in named)}
        said = (quad for each in contents for quad in self._store.find(None, ASC.expresses, each))
        return self._book.answers({_iri(quad.subject) for quad in said})[question.value]

    def _marks(self, question: NamedNode, answer: Answer) -> Iterator[Quad]:
        """What tells of those who state an answer that there was no place for it."""
        about = Literal(answer.one("about"))
        for quad in self._store.find(NamedNode(answer.statement), ASC.source):
            if isinstance(quad.object, NamedNode) and quad.object == quad.graph_name:
                yield Quad(question, ASC.crowdedAt, about, related_of(quad.object))

    def _heard(self, question: str, but: NamedNode) -> set[str]:
        """The statements of other sources that are heard on a question."""
        found = self._store.find(NamedNode(question), ASC.voice)
        return {_iri(quad.object) for quad in found if quad.graph_name != but}

    def _silence(self, question: NamedNode, statement: str, version: str) -> None:
        """Take a statement out of a question, with what was found about it there."""
        self._removed.add(_voice(question, statement, version))
        relations, node = self._graphs.relations, NamedNode(statement)
        for end in (ASC.subject, ASC.object):
            for quad in self._store.find(None, end, node, relations):
                told = self._store.match(quad.subject, None, None, relations)
                if any(each.object == question for each in told):
                    self._removed.update(told)

    def _hear(
        self, kind: Kind, question: NamedNode, chosen: dict[str, Answer], staying: set[str]
    ) -> None:
        """Compare who is new among those that are heard with all who are heard."""
        compared = {*staying}
        for statement, answer in chosen.items():
            if statement in staying:
                continue
            self._added.add(_voice(question, statement, answer.voice.version))
            for other in compared:
                self._compare(kind, answer, chosen[other])
            compared.add(statement)

    def _compare(self, kind: Kind, one: Answer, other: Answer) -> None:
        if one.voice.document == other.voice.document:
            return
        one, other = sorted((one, other), key=lambda each: (each.position, each.statement))
        for rule in kind.rules:
            confidence = rule.judge(one, other, self._book.reading)
            if confidence:
                self._added.update(self._assessment(rule, one, other, confidence))

    def _assessment(
        self, rule: Rule, one: Answer, other: Answer, confidence: float
    ) -> Iterator[Quad]:
        """A computed assessment, named by what it compares and not by how sure it is."""
        base, graph = self._graphs.base, self._graphs.relations
        content = (rule.iri.value, one.question, one.statement, other.statement)
        key = digest(*(each.removeprefix(base) for each in content))[:16]
        words = rule.sentence(one, other, self._book.reading)
        sure = format(Decimal(str(confidence)).normalize(), "f")
        name = NamedNode(f"{base}assessment/computed/{key}")
        said = (
            (RDF.type, ASC.RelationAssessment),
            (RDF.type, ASC.Assessment),
            (ASC.subject, NamedNode(one.statement)),
            (ASC.relation, rule.relation),
            (ASC.object, NamedNode(other.statement)),
            (ASC.basis, ASCV.computed),
            (ASC.rule, rule.iri),
            (ASC.question, NamedNode(one.question)),
            (ASC.confidence, Literal(sure, datatype=XSD.decimal)),
            (ASC.rationale, Literal(words[:1].upper() + words[1:], language="en")),
        )
        for predicate, value in said:
            yield Quad(name, predicate, value, graph)


def _voice(question: NamedNode, statement: str, version: str) -> Quad:
    graph = related_of(NamedNode(version))
    return Quad(question, ASC.voice, NamedNode(statement), graph)


def _iri(term: Term) -> str:
    return term.value  # type: ignore[union-attr]


def _come_late(others: list[Answer], coming: list[Answer]) -> bool:
    """Whether some that come were recorded before some that are there."""
    latest = max(map(place_of, others), default=(0, ""))
    return any(place_of(each) < latest for each in coming)
