"""The query page: a question, its answer as a table, and questions to start from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode

from graph.errors import GraphError, SyntaxFault
from graph.kg import KnowledgeGraph
from graph.queries import NamedQuery, named_queries
from graph.schema import labels
from graph.store import Answer, Term
from graph.vocab import shorten
from graph.web.views.citing import json_in_page
from graph.web.views.facts import Facts
from graph.web.views.names import label_of, term_label
from graph.web.words import language, say, translated

MOST_ROWS = 500
THEMES = ("voices", "conflicts", "events", "words", "record")
"""What the questions are about, in the order of the page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row: its label or text, and the IRI or language it has."""

    text: str
    iri: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no answer; the line of the query and what stands before the place in it.

    Units: line and column count from 1; 0 where they are not known.
    """

    message: str
    line: int = 0
    column: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class QueryPage:
    """What the page shows.

    Shape: `rows` holds the first 500, and `more` says whether there are others;
        `answered` is False where nothing was asked, or what was asked was wrong
        and `fault` says how. `address` is where the same query is answered with
        CSV, or with Turtle for a graph; `themes` have the names and words of questions;
        `terms` are for the editor.
    Units: `took_ms` is what asking took, first row to last that is shown.
    """

    sparql: str
    fault: Fault | None
    took_ms: int
    address: str
    answered: bool
    variables: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: bool
    is_graph: bool
    themes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    terms: str


def query_page(
    kg: KnowledgeGraph,
    sparql: str,
    answer: Answer | None,
    error: GraphError | None,
    took_s: float,
    endpoint: str,
) -> QueryPage:
    """The page for a query, its answer if there is one, and its fault if it has one."""
    facts = Facts(kg.store)
    variables, rows = _first_rows(answer, kg.settings.base, facts) if answer else ((), ())
    is_graph = answer is not None and answer.triples is not None
    form = "ttl" if is_graph else "csv"
    return QueryPage(
        sparql=sparql,
        fault=_fault(sparql, error) if error else None,
        took_ms=max(1, round(took_s * 1000)),
        address=f"{endpoint}?{urlencode({'query': sparql, 'format': form})}",
        answered=answer is not None,
        variables=variables,
        rows=rows,
        more=answer is not None and _total(answer) > MOST_ROWS,
        is_graph=is_graph,
        themes=tuple((theme, _questions(theme)) for theme in THEMES),
        terms=_terms(language()),
    )


def _fault(sparql: str, error: GraphError) -> Fault:
    line = (error.line if isinstance(error, SyntaxFault) else None) or 0
    column = (error.column if isinstance(error, SyntaxFault) else None) or 0
    lines = sparql.splitlines()
    return Fault(str(error), line, column, lines[line - 1] if 0 < line <= len(lines) else "")


def _questions(theme: str) -> tuple[tuple[str, str], ...]:
    """The questions of a theme that can be asked as they are, each with its query's name."""
    found = (each for each in named_queries().values() if each.theme == theme)
    return tuple(
        (each.name, translated(f"question.{each.name}", each.question))
        for each in found
        if _stands_alone(each)
    )


@cache
def _terms(_language: str) -> str:
    """What the editor completes: each term's short name and its label, as JSON for a page."""
    own = ((shorten(iri), term_label(iri)) for iri in sorted(labels()))
    return json_in_page([each for each in own if not each[0].startswith("http")])


def _stands_alone(query: NamedQuery) -> bool:
    return all(param.default is not None or param.optional for param in query.params)


def _total(answer: Answer) -> int:
    if answer.truth is not None:
        return 1
    return len(answer.rows if answer.triples is None else answer.triples)


def _first_rows(
    answer: Answer, base: str, facts: Facts
) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    if answer.truth is not None:
        return ("answer",), ((Cell(say("part.yes" if answer.truth else "part.no")),),)
    if answer.triples is not None:
        first = answer.triples[:MOST_ROWS]
        found = ((t.subject, t.predicate, t.object) for t in first)
        triples = (tuple(_cell(term, base, facts) for term in terms) for terms in found)
        return ("subject", "predicate", "object"), tuple(triples)
    names = answer.variables
    shown = answer.rows[:MOST_ROWS]
    return names, tuple(tuple(_cell(row.get(n), base, facts) for n in names) for row in shown)


def _cell(term: Term | None, base: str, facts: Facts) -> Cell:
    if isinstance(term, NamedNode):
        label = label_of(facts, term.value)
        if label is not None:
            return Cell(label.value, iri=term.value, language=label.language or "")
        return Cell(shorten(term.value.removeprefix(base)), iri=term.value)
    if isinstance(term, Literal):
        return Cell(term.value, language=term.language or "")
    return Cell("" if term is None else str(term))
