"""The query page: a question, its answer as a table, and questions to start from."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from graph.kg import KnowledgeGraph
from graph.queries import NamedQuery, named_queries
from graph.store import Answer, Term
from graph.vocab import shorten
from graph.web.words import say

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row: its text, and the IRI or language it has."""

    text: str
    iri: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class QueryPage:
    """What the page shows.

    Shape: `rows` holds the first 500, and `more` says whether there are others;
        `answered` is False where nothing was asked, or what was asked was wrong
        and `fault` says how.
    """

    sparql: str
    fault: str
    answered: bool
    variables: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: bool
    is_graph: bool
    questions: tuple[NamedQuery, ...]


def query_page(kg: KnowledgeGraph, sparql: str, answer: Answer | None, fault: str) -> QueryPage:
    """The page for a query, its answer if there is one, and its fault if it has one."""
    variables, rows = _first_rows(answer, kg.settings.base) if answer else ((), ())
    questions = (each for each in named_queries().values() if not each.name.startswith("page_"))
    return QueryPage(
        sparql=sparql,
        fault=fault,
        answered=answer is not None,
        variables=variables,
        rows=rows,
        more=answer is not None and _total(answer) > MOST_ROWS,
        is_graph=answer is not None and answer.triples is not None,
        questions=tuple(each for each in questions if _stands_alone(each)),
    )


def _stands_alone(query: NamedQuery) -> bool:
    return all(param.default is not None for param in query.params)


def _total(answer: Answer) -> int:
    if answer.truth is not None:
        return 1
    return len(answer.rows if answer.triples is None else answer.triples)


def _first_rows(answer: Answer, base: str) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    if answer.truth is not None:
        return ("answer",), ((Cell(say("part.yes" if answer.truth else "part.no")),),)
    if answer.triples is not None:
        first = answer.triples[:MOST_ROWS]
        found = ((t.subject, t.predicate, t.object) for t in first)
        triples = (tuple(_cell(term, base) for term in terms) for terms in found)
        return ("subject", "predicate", "object"), tuple(triples)
    names = answer.variables
    shown = answer.rows[:MOST_ROWS]
    return names, tuple(tuple(_cell(row.get(n), base) for n in names) for row in shown)


def _cell(term: Term | None, base: str) -> Cell:
    if isinstance(term, NamedNode):
        return Cell(shorten(term.value.removeprefix(base)), iri=term.value)
    if isinstance(term, Literal):
        return Cell(term.value, language=term.language or "")
    return Cell("" if term is None else str(term))
