"""What a dataset is asked: in SPARQL, by the name of a question, by words.

>>> import graph
>>> with graph.open() as kg:
...     kg.queries("conflicts")["conflicts"]
'Which statements conflict, how surely, on whose judgement?'
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from pyoxigraph import NamedNode

from graph.errors import BadInput, NotFound
from graph.index import Found, wanted
from graph.indexing import Index
from graph.queries import named_queries, named_query
from graph.settings import Settings
from graph.store import Answer, Store
from graph.tables import Table, as_python


class Asked(ABC):
    """A dataset as those see it who ask and change nothing."""

    settings: Settings
    index: Index

    @property
    @abstractmethod
    def store(self) -> Store:
        """The store, with everything in it that was acknowledged before."""

    def answer(self, query: str, params: Mapping[str, str] | None = None) -> Answer:
        """The answer to a named query, or to SPARQL text, in RDF terms.

        Raises: SyntaxFault; NotFound for an unknown name; BadInput for parameters.
        """
        return self.store.query(self.prepared(query, params or {}))

    def prepared(self, query: str, params: Mapping[str, str]) -> str:
        """The SPARQL of a named query with its values in it, or the text as it is."""
        if any(mark in query for mark in "{ \n"):
            return query
        return named_query(query).bound(params, self.settings.base)

    def query(self, query: str, **params: object) -> Table:
        """The rows of a SELECT or ASK query, as Python values."""
        answer = self.answer(query, {name: str(value) for name, value in params.items()})
        if answer.truth is not None:
            return Table(("answer",), ((answer.truth,),))
        if answer.triples is not None:
            rows = tuple((str(t.subject), str(t.predicate), str(t.object)) for t in answer.triples)
            return Table(("subject", "predicate", "object"), rows)
        rows = tuple(
            tuple(as_python(row.get(name)) for name in answer.variables) for row in answer.rows
        )
        return Table(answer.variables, rows)

    def queries(self, theme: str = "") -> dict[str, str]:
        """The named queries of a theme, or all, each with the question that it answers.

        Raises: NotFound, listing the themes there are.
        """
        asked = [each for each in named_queries().values() if each.theme]
        if theme and theme not in (themes := sorted({each.theme for each in asked})):
            raise NotFound(f"There is no theme {theme!r}. Themes: {', '.join(themes)}.")
        return {each.name: each.question for each in asked if theme in ("", each.theme)}

    def search(self, text: str = "", *, limit: int = 20, offset: int = 0, **facets: str) -> Found:
        """The statements with these words, narrowed down as `graph.index.Wanted` has it."""
        return self.index.asked().search(wanted(text, facets), limit, offset)

    def iri(self, text: str) -> NamedNode:
        """An IRI that may be written relative to the base."""
        text = text.strip("<>")
        absolute = text if "://" in text else self.settings.base + text.lstrip("/")
        try:
            return NamedNode(absolute)
        except ValueError:
            raise BadInput(
                f"{text!r} is no IRI: it holds a space or another character to be escaped."
            ) from None
