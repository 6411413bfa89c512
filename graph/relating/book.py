"""What statements answer, remembered between writes as long as it holds.

A question that many answer is looked at with each new answer; without the book the
others would be read again each time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from pyoxigraph import NamedNode, Quad

from graph.bundle import Graphs
from graph.relating.rules import Answer, kinds
from graph.relating.voices import Reading
from graph.store import Store, Term
from graph.store.oxigraph import OxigraphStore
from graph.vocab import ASC, RDF

_MOST = 10_000
"""As many statements are remembered before the book is begun anew, 35 MB."""

_MOST_FORGOTTEN = 50
"""Of as many bundles the answers are forgotten one by one."""


class Book:
    """The answers of the statements in one store."""

    def __init__(self, store: Store, graphs: Graphs) -> None:
        self._store = store
        self._graphs = graphs
        self._known: dict[str, list[Answer]] = {}
        self.reading = Reading(store, graphs)

    def answers(self, statements: Iterable[str]) -> dict[str, list[Answer]]:
        """What some statements answer, by question."""
        wanted = [*dict.fromkeys(statements)]
        if len(self._known) > _MOST:
            self.forget()
        missing = [each for each in wanted if each not in self._known]
        self._known |= self._read(missing) if missing else {}
        found: dict[str, list[Answer]] = defaultdict(list)
        for each in wanted:
            for answer in self._known[each]:
                found[answer.question].append(answer)
        return found

    def read_ahead(self, versions: Iterable[NamedNode]) -> None:
        """Read what some bundles answer, and who else is heard on that, in one go."""
        said = (
            quad for each in versions for quad in self._store.find(None, ASC.source, each, each)
        )
        questions = self.answers(quad.subject.value for quad in said)  # type: ignore[union-attr]
        heard = (
            quad for each in questions for quad in self._store.find(NamedNode(each), ASC.voice)
        )
        self.answers(quad.object.value for quad in heard)  # type: ignore[union-attr]

    def forget(self, versions: Collection[NamedNode] | None = None) -> None:
        """Read anew from here on what some bundles answer, or all.

        Shape: of some, whoever else names what is described in another way now is one.
        """
        self.reading = Reading(self._store, self._graphs)
        if versions is None or len(versions) > _MOST_FORGOTTEN:
            self._known.clear()
            return
        for each in versions:
            for quad in self._store.find(None, ASC.source, each, each):
                self._known.pop(quad.subject.value, None)  # type: ignore[union-attr]

    def drop(self, statement: str) -> None:
        """Let go of a statement that is taken out of its bundle."""
        self._known.pop(statement, None)

    def _read(self, statements: Iterable[str]) -> dict[str, list[Answer]]:
        found: dict[str, list[Answer]] = {each: [] for each in statements}
        around = surroundings_of(self._store, map(NamedNode, found))
        for kind in kinds():
            for answer in kind.answers(around, self.reading, self._graphs.base):
                found[answer.statement].append(answer)
        return found


def surroundings_of(store: Store, statements: Iterable[NamedNode]) -> Store:
    """A small store with what some statements express and what that names.

    A rule that is asked of it need not be told where to begin, and its cost does
    not follow the size of the store: with the same patterns and a variable bound
    by the caller the engine still began elsewhere, and took 20 times as long.
    """
    quads: list[Quad] = []
    contents: set[Term] = set()
    for statement in statements:
        expressed = store.match(statement, ASC.expresses)
        quads += expressed
        quads += store.find(statement, ASC.polarity)
        contents.update(quad.object for quad in expressed)
    named: set[Term] = set()
    for content in contents:
        about = store.match(content) if isinstance(content, NamedNode) else []
        quads += about
        named.update(quad.object for quad in about if quad.predicate != RDF.type)
    for node in named - contents:
        if isinstance(node, NamedNode):
            quads += store.find(node)
    small = OxigraphStore.in_memory(union=False)
    small.transact(Quad(*quad.triple) for quad in quads)
    return small
