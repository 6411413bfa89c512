"""Disagreement found by rule: candidate relations between statements of different sources.

What is found follows from what is stored, as what a reasoner derives does. So it
is not logged but worked out as the store follows the log, for the bundles that a
write touches; worked out anew from all bundles it comes to the same.

    {version}/related   which of its statements are heard on which question, and on which
                        there was no place for all of them
    graph/relations     the assessments
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from itertools import islice

from pyoxigraph import Literal, NamedNode, Quad

from graph import catalog
from graph.bundle import Graphs, is_derived
from graph.facts import Subject
from graph.overlay import Layer
from graph.relating.book import Book
from graph.relating.pairing import Pairing
from graph.store import Store
from graph.vocab import ASC, DCTERMS, PROV, RDFS, SKOS

_READ_AHEAD = 50
"""Of as many bundles the answers are read at once: a rule costs 5 ms to ask, of however few."""

_UNREAD = frozenset({SKOS.altLabel})
"""What is said of a shared thing and counts for no relation."""

_AT_ONCE = 5000
"""As many quads are taken away at once when all is worked out anew."""

_MOST_MOVED = 100_000
"""As many assessments that changed are remembered for whoever follows."""


class Relator:
    """Keeps the computed relations of one store in step with what is stored in it."""

    def __init__(self, store: Store, graphs: Graphs) -> None:
        self._store = store
        self._graphs = graphs
        self._upto: int | None = None
        self._changed: set[NamedNode] = set()
        self._rewritten: set[NamedNode] = set()
        self._unpublished: set[Subject] = set()
        self._book = Book(store, graphs)
        self._is_stale = False
        self._moved: set[NamedNode] = set()
        self._moved_since: int | None = None

    def before(
        self,
        layer: Layer,
        moved: Iterable[NamedNode] = (),
        first_said: Container[Subject] = frozenset(),
    ) -> None:
        """Note which shared things are described in another way by what is about to be stored.

        Shape: `moved` are those for whom others stand from then on, or no longer. A bundle
            counts then if something in it is rewritten: who stood for himself before does
            so after, and is not another in the bundles that name him anyway. Of what is
            `first_said` the store is known to say nothing.
        """
        if any(moved):
            both = layer.removed | layer.added
            self._rewritten.update(filter(None, map(self._bundle_of, both)))
        about: dict[Subject, tuple[set[Quad], set[Quad]]] = defaultdict(lambda: (set(), set()))
        for come, quads in enumerate((layer.removed, layer.added)):
            for quad in quads:
                if not come and quad.predicate == ASC.source:
                    self._book.drop(quad.subject.value)  # type: ignore[union-attr]
                if not come and quad.predicate == DCTERMS.publisher:
                    self._unpublished.add(quad.subject)
                if quad.graph_name in self._graphs.shared:
                    about[quad.subject][come].add(quad)
        for subject, (leaving, coming) in about.items():
            held = set() if subject in first_said else {*self._store.find(subject)}
            other = (coming - held) | (leaving & held)
            known = held or any(self._store.find(value=subject))
            if isinstance(subject, NamedNode) and known and any(map(self._is_read, other)):
                self._changed.add(subject)
        self._is_stale |= bool(layer.removed or self._changed)

    @property
    def is_pressed(self) -> bool:
        """Whether more is to be looked at than the bundles of the writes: others lean on
        what is described in another way, which no log tells later."""
        return bool(self._changed or self._rewritten or self._unpublished)

    def after(self, numbers: Sequence[int]) -> None:
        """Work out what some writes that were just stored bring and take away.

        Shape: after a bulk load nothing, until `catch_up` is called.
        """
        new = [each for each in numbers if each > self.upto()]
        if new and new[0] == self.upto() + 1:
            self._follow(new)

    def go_back(self, versions: Iterable[NamedNode], revision: int) -> None:
        """Work out what the loss of all writes after a revision changes.

        Shape: `versions` are the bundles that these were about.
        """
        self._settle(dict.fromkeys(versions), revision)

    def catch_up(self) -> int:
        """Work out what has come since; gives how many bundles were looked at."""
        graph = self._graphs.catalog
        stored = map(_number, self._store.find(graph, ASC.revision, None, graph))
        missing = range(self.upto() + 1, max(stored, default=0) + 1)
        return self._follow(missing) if missing else 0

    def all(self) -> int:
        """Forget all that was worked out, and do it anew; gives how many bundles there were."""
        related = (each for each in self._store.graphs() if each.value.endswith("/related"))
        old = [self._marks(), *map(self._in, (self._graphs.relations, *related))]
        for held in old:
            for start in range(0, len(held), _AT_ONCE):
                self._store.transact(remove=held[start : start + _AT_ONCE])
        self._upto = None
        self._book.forget()
        return self.catch_up()

    def upto(self) -> int:
        """The last write that was looked at."""
        if self._upto is None:
            self._upto = max(map(_number, self._marks()), default=0)
        return self._upto

    def _marks(self) -> list[Quad]:
        """Up to which write relations were worked out."""
        return self._store.match(self._graphs.relations, ASC.revision, None, self._graphs.catalog)

    def _in(self, graph: NamedNode) -> list[Quad]:
        return self._store.match(graph=graph)

    def since(self, write: int) -> frozenset[NamedNode] | None:
        """The assessments made or withdrawn since a write was looked at; they are told once.

        Shape: None if more may have changed than was noted.
        """
        known = self._moved_since is not None and write >= self._moved_since
        found = frozenset(self._moved)
        self._moved.clear()
        self._moved_since = self.upto()
        return found if known or write == self._moved_since else None

    def _follow(self, numbers: Iterable[int]) -> int:
        """Work out what some writes bring, in their order."""
        if self._moved_since is None or len(self._moved) > _MOST_MOVED:
            self._moved.clear()
            self._moved_since = self.upto()
        versions: dict[NamedNode, None] = {}
        last = 0
        for last in sorted(numbers):
            write = NamedNode(f"{self._graphs.base}write/{last}")
            for quad in self._store.find(write, PROV.used, None, self._graphs.catalog):
                if isinstance(quad.object, NamedNode):
                    versions.pop(quad.object, None)  # the last write of a bundle counts
                    versions[quad.object] = None
        return self._settle(versions, last)

    def _settle(self, versions: dict[NamedNode, None], last: int) -> int:
        """Bring some bundles' relations up to what is stored, as a write left it."""
        others = dict.fromkeys(self._leaning(versions)).keys() - versions.keys()
        versions |= dict.fromkeys(sorted(others, key=str))
        if self._is_stale or others:
            self._book.forget(versions)
        waiting = iter([*versions])
        while some := [*islice(waiting, _READ_AHEAD)]:
            self._book.read_ahead(some)
            for version in some:
                self._moved |= Pairing(self._store, self._graphs, self._book).settle(version)
        mark = catalog.related(self._graphs, last)
        self._store.transact([mark], {*self._marks()} - {mark})
        self._upto = last
        self._changed.clear()
        self._rewritten.clear()
        self._unpublished.clear()
        self._is_stale = False
        return len(versions)

    def _leaning(self, versions: Collection[NamedNode]) -> Iterator[NamedNode]:
        """The bundles that name a shared thing which is described in another way now, or are
        versions of a document that has other publishers by some versions."""
        yield from self._rewritten
        for document in self._unpublished | self._published_by(versions):
            yield from map(_home, self._store.find(None, ASC.versionOf, document))
        waiting, seen = [*self._changed], set[NamedNode]()
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            for quad in self._store.find(value=node):
                if bundle := self._bundle_of(quad):
                    yield bundle
                elif quad.graph_name in self._graphs.shared and isinstance(quad.subject, NamedNode):
                    waiting.append(quad.subject)

    def _published_by(self, versions: Collection[NamedNode]) -> set[Subject]:
        """The documents of which these bundles, and none before, name some publisher."""
        named = {
            (quad.subject, quad.object)
            for version in versions
            for quad in self._store.find(None, DCTERMS.publisher, None, version)
        }
        return {
            document
            for document, publisher in named
            if all(
                _home(quad) in versions
                for quad in self._store.find(document, DCTERMS.publisher, publisher)
            )
        }

    def _bundle_of(self, quad: Quad) -> NamedNode | None:
        """The bundle that a quad is stated in; None for what is shared, derived or our own."""
        graphs, graph = self._graphs, quad.graph_name
        ours = (
            *(graphs.catalog, graphs.ontology, graphs.relations),
            *(graphs.judgements, graphs.merged),
        )
        if not isinstance(graph, NamedNode) or graph in ours or graph in graphs.shared:
            return None
        return None if is_derived(graph) else NamedNode(graph.value.removesuffix("/assessments"))

    def _is_read(self, quad: Quad) -> bool:
        """Whether a quad about a shared thing counts: of its names the English ones do."""
        if quad.predicate not in (RDFS.label, SKOS.prefLabel):
            return quad.predicate not in _UNREAD
        names = {quad, *self._store.find(quad.subject, quad.predicate)}
        english = {each for each in names if _is_english(each)}
        return quad in english or not english


def _home(quad: Quad) -> NamedNode:
    return quad.graph_name  # type: ignore[return-value]


def _is_english(quad: Quad) -> bool:
    return isinstance(quad.object, Literal) and quad.object.language == "en"


def _number(quad: Quad) -> int:
    return int(quad.object.value)  # type: ignore[union-attr]
