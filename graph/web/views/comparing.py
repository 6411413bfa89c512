"""The page of what sources make of each other: relations found by rule, or by people."""

from __future__ import annotations

from dataclasses import dataclass

from graph.kg import KnowledgeGraph
from graph.relating.rules import kinds
from graph.vocab import ASCV
from graph.web.views.facts import facts_for
from graph.web.views.names import Name, term_label
from graph.web.views.relations import Disagreement, disagreements
from graph.web.views.stored import lists_for

VERDICTS = ("open", "confirmed", "rejected")
PAGE_SIZE = 12


@dataclass(frozen=True, slots=True)
class ComparingPage:
    """All that the page of relations shows.

    Shape: `pairs` are those of one page, the surest first.
    """

    rules: tuple[Name, ...]
    rule: str
    verdict: str
    pairs: tuple[Disagreement, ...]
    number: int
    pages: int
    total: int


def comparing_page(
    kg: KnowledgeGraph, rule: str = "", verdict: str = "", number: int = 1
) -> ComparingPage:
    """The page data for a rule and a verdict; all of them where these are empty."""
    facts = facts_for(kg)
    lists = lists_for(kg, facts)
    rules = tuple(Name(each, term_label(each)) for each in _rules())
    finders = [rule] if rule else [each.iri.removeprefix(ASCV) for each in rules]
    verdicts = ["" if verdict == "open" else verdict] if verdict else ["", *VERDICTS[1:]]
    total = lists.number_related(finders, verdicts)
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(max(number, 1), pages)
    shown = lists.related(finders, verdicts, PAGE_SIZE, (number - 1) * PAGE_SIZE)
    return ComparingPage(
        rules=rules,
        rule=rule,
        verdict=verdict,
        pairs=disagreements(facts, shown),
        number=number,
        pages=pages,
        total=total,
    )


def _rules() -> list[str]:
    return [rule.iri.value for kind in kinds() for rule in kind.rules]
