"""The page of what sources make of each other: relations found by rule, or by people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import NamedNode

from graph.kg import KnowledgeGraph
from graph.relating.rules import kinds
from graph.vocab import ASC, ASCV, PROV
from graph.web.views.cards import card_of
from graph.web.views.facts import Facts
from graph.web.views.names import Name, term_label
from graph.web.views.relations import Disagreement, judgement_of, verb_of

PEOPLE = "people"
VERDICTS = ("open", "confirmed", "rejected")
PAGE_SIZE = 12
_MOST_READ = 300


@dataclass(frozen=True, slots=True)
class ComparingPage:
    """All that the page of relations shows.

    Shape: `pairs` are those of one page, the surest first; `more` says that there are
        others beyond the `total` that were found.
    """

    rules: tuple[Name, ...]
    rule: str
    verdict: str
    pairs: tuple[Disagreement, ...]
    number: int
    pages: int
    total: int
    more: bool


def comparing_page(
    kg: KnowledgeGraph, rule: str = "", verdict: str = "", number: int = 1
) -> ComparingPage:
    """The page data for a rule and a verdict; all of them where these are empty."""
    facts = Facts(kg.store)
    rules = tuple(Name(each, term_label(each)) for each in _rules())
    known = {each.iri.removeprefix(ASCV) for each in rules}
    found, more = _found(kg, [rule] if rule in known else known if not rule else [], rule)
    fitting = [each for each in found if _fits(facts, each, verdict)]
    fitting.sort(key=lambda each: (-float(facts.text(each, ASC.confidence) or 0), each))
    pages = max(1, -(-len(fitting) // PAGE_SIZE))
    number = min(max(number, 1), pages)
    shown = fitting[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return ComparingPage(
        rules=rules,
        rule=rule,
        verdict=verdict,
        pairs=tuple(_pair(facts, each) for each in shown),
        number=number,
        pages=pages,
        total=len(fitting),
        more=more,
    )


def _rules() -> list[str]:
    return [rule.iri.value for kind in kinds() for rule in kind.rules]


def _found(kg: KnowledgeGraph, rules: Iterable[str], asked: str) -> tuple[list[str], bool]:
    """Assessments by rule or by people; of very many, some of each kind."""
    if asked == PEOPLE:
        patterns: list[tuple[NamedNode, NamedNode | None]] = [(ASC.author, None)]
    else:
        patterns = [(ASC.rule, ASCV.term(each)) for each in sorted(rules)]
    most = _MOST_READ // max(len(patterns), 1)
    found: list[str] = []
    more = False
    for predicate, value in patterns:
        quads = [*islice(kg.store.find(None, predicate, value), most)]
        more = more or len(quads) == most
        found += [q.subject.value for q in quads if isinstance(q.subject, NamedNode)]
    return [*dict.fromkeys(found)], more


def _fits(facts: Facts, assessment: str, verdict: str) -> bool:
    """Whether an assessment is of two statements that stand, and judged as is wished."""
    ends = [facts.iri(assessment, each) or "" for each in (ASC.subject, ASC.object)]
    if not all(facts.is_a(each, ASC.Statement) for each in ends):
        return False
    if any(facts.text(each, PROV.invalidatedAtTime) for each in ends):
        return False
    if not verdict:
        return True
    judged = facts.pointing_at(assessment, ASC.judged)
    given = {(facts.iri(each, ASC.verdict) or "").removeprefix(ASCV) for each in judged}
    return verdict in given or (verdict == "open" and not given)


def _pair(facts: Facts, assessment: str) -> Disagreement:
    one, two = (facts.iri(assessment, each) or "" for each in (ASC.subject, ASC.object))
    verb = verb_of(facts.iri(assessment, ASC.relation) or "")
    return Disagreement(
        card_of(facts, one), verb, card_of(facts, two), judgement_of(facts, assessment)
    )
