"""Judgements that join one statement to another, for a page of either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.index import Pair
from graph.store import Row
from graph.vocab import ASC, ASCV, PROV
from graph.web.views.cards import CONFLICTS, ENDS, Card, card_of
from graph.web.views.facts import Facts
from graph.web.views.names import Name, name_of, term_label
from graph.web.views.times import clock
from graph.web.words import knows, say

_SURENESS = (
    (0.95, "certain"),
    (0.8, "sure"),
    (0.6, "fairly"),
    (0.4, "unsure"),
    (0.0, "doubtful"),
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whose judgement something is, on what ground, and how sure they are.

    Shape: one without an author was found by `rule`; `verdict` is what a person
        made of it since, by name and at what time, empty if nobody has.
    """

    iri: str
    author: Name | None
    rule: str
    basis: str
    confidence: str
    sureness: str
    rationale: str
    verdict: str
    judged_by: str
    judged_at: str

    @property
    def rejected(self) -> bool:
        """Whether a person holds it to be wrong."""
        return self.verdict == "rejected"


@dataclass(frozen=True, slots=True)
class Relation:
    """What a statement has to do with another, which is `card` unless it is `other`."""

    verb: str
    conflicting: bool
    card: Card | None
    other: Name
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two statements that conflict or compete, in somebody's judgement."""

    one: Card
    verb: str
    two: Card
    judgement: Judgement


def relations_of(facts: Facts, statement: str, hops: Iterable[str]) -> tuple[Relation, ...]:
    """The relations of a statement or of a link of its chain, the surest first.

    Shape: conflicts come first and rejected ones last. Read by index: the query behind
        it took half a second among 1,200 statements.
    """
    ends = [(statement, ASC.subject), (statement, ASC.object)]
    ends += [(hop, ASC.object) for hop in hops]
    assessments = {each for node, end in ends for each in facts.pointing_at(node, end)}
    related = [each for each in sorted(assessments) if facts.iri(each, ASC.relation)]
    facts.prepare(end for each in related for way in ENDS for end in facts.iris(each, way))
    found = [_relation(facts, each, statement) for each in related]
    found.sort(key=lambda each: -float(each.judgement.confidence))
    return tuple(sorted(found, key=lambda each: (each.judgement.rejected, not each.conflicting)))


def disagreements(facts: Facts, pairs: Iterable[Pair]) -> tuple[Disagreement, ...]:
    """Pairs of statements, in their order."""
    shown = [*pairs]
    facts.prepare(end for pair in shown for end in (pair.subject, pair.object))
    facts.prepare_stored(pair.assessment for pair in shown)
    return tuple(
        Disagreement(
            card_of(facts, pair.subject),
            verb_of(pair.relation),
            card_of(facts, pair.object),
            judgement_of(facts, pair.assessment),
        )
        for pair in shown
    )


def judgement_of(facts: Facts, iri: str) -> Judgement:
    """The judgement that an assessment is, with what a person made of it since."""
    confidence = facts.text(iri, ASC.confidence) or "0"
    author, rule, basis = (facts.iri(iri, each) or "" for each in (ASC.author, ASC.rule, ASC.basis))
    judged = next(iter(facts.pointing_at(iri, ASC.judged)), "")
    return Judgement(
        iri=iri,
        author=name_of(facts, author) if author else None,
        rule=term_label(rule) if rule else "",
        basis=in_words("basis", basis.removeprefix(ASCV), basis),
        confidence=confidence,
        sureness=sureness(float(confidence)),
        rationale=facts.text(iri, ASC.rationale) or "",
        verdict=(facts.iri(judged, ASC.verdict) or "").removeprefix(ASCV) if judged else "",
        judged_by=(facts.text(judged, ASC.judgedBy) or "") if judged else "",
        judged_at=clock(facts.text(judged, PROV.endedAtTime) or "") if judged else "",
    )


def sureness(confidence: float) -> str:
    """A number from 0 to 1 in words.

    >>> sureness(0.85)
    'sure'
    """
    return say("sureness." + next(name for least, name in _SURENESS if confidence >= least))


def verb_of(relation: str, *, backwards: bool = False) -> str:
    """A relation as a verb, read from its subject or from its other end."""
    name = relation.removeprefix(ASC)
    if backwards and knows(f"relation.{name}_back"):
        return say(f"relation.{name}_back")
    return in_words("relation", name, relation)


def value(row: Row, name: str) -> str:
    """A term of a row as plain text, empty where it is unbound."""
    term = row.get(name)
    return str(getattr(term, "value", "")) if term is not None else ""


def in_words(table: str, name: str, iri: str) -> str:
    """What we say for a term where we have words of our own for it, else its label."""
    return say(f"{table}.{name}") if knows(f"{table}.{name}") else term_label(iri)


def _relation(facts: Facts, assessment: str, statement: str) -> Relation:
    relation = facts.iri(assessment, ASC.relation) or ""
    backwards = facts.iri(assessment, ASC.subject) != statement
    other = facts.iri(assessment, ASC.subject if backwards else ASC.object) or ""
    card = card_of(facts, other) if facts.is_a(other, ASC.Statement) else None
    judgement = judgement_of(facts, assessment)
    return Relation(
        verb_of(relation, backwards=backwards),
        relation in CONFLICTS and not judgement.rejected,
        card,
        name_of(facts, other),
        judgement,
    )
