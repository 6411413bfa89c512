"""What a SPARQL Update would do to a store, worked out without doing it.

The engine does the work: WHERE is asked as a query, and a template is filled in
by inserting it, for the solutions that WHERE gave, into an empty store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Triple

from graph.errors import BadInput, Conflict, NotFound, SyntaxFault
from graph.overlay import Layer, Overlay
from graph.store import Answer, Store, Term
from graph.store.faults import syntax_fault
from graph.update_request import Operation, operations_of, unescaped
from graph.vocab import PREFIXES

_BLANK = "urn:ascribe:blank:"
"""Stands for a blank node where SPARQL text has to name one that is stored."""
_AT_ONCE = 10_000
"""Solutions that are filled into a template at once."""
_MOST = 1_000_000
"""Quads that one request may change."""
_SHORT = 4_000
"""Characters of a request that cannot nest too deep for the engine."""
_REACHING_OUT = re.compile("LOAD|SERVICE", re.I)  # the engine reads `LOADex:data` as LOAD


@dataclass(frozen=True, slots=True)
class Effect:
    """What an Update brings and takes away.

    Shape: `named` are the graphs that the request itself writes to by name.
    """

    added: frozenset[Quad] = frozenset()
    removed: frozenset[Quad] = frozenset()
    named: frozenset[NamedNode] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a request reads and writes where it does not say.

    Shape: `graph` stands where the request names none, as WITH does; `using` and
        `using_named` are the protocol's parameters of these names.
    """

    graph: NamedNode | None = None
    using: tuple[NamedNode, ...] = ()
    using_named: tuple[NamedNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """A SPARQL Update request, as it is to be read.

    Shape: `union` has the default graph be the union of all graphs, as it is for
        queries: what is deleted from it is deleted wherever it stands; relative
        IRIs are resolved against `base`.
    """

    request: str
    scope: Scope = Scope()
    union: bool = True
    base: str = ""


WorkOut = Callable[[Store, Update], Effect]
"""Whoever says what an Update would change; see `effect_of`."""


def effect_of(store: Store, update: Update) -> Effect:
    """What an Update would change in a store; nothing is changed.

    Raises: SyntaxFault; BadInput for LOAD, SERVICE, and what cannot be done to a
        union; NotFound or Conflict for a graph that is not there, or is; StoreFault.
    Source: SPARQL 1.1 Update, section 3.
    """
    scope = update.scope
    operations = _read(unescaped(update.request), update.base)
    if scope.using or scope.using_named:
        _refuse_two_datasets(operations)
    with ExitStack() as copies:
        trial = _Trial(store, copies, scope, update.union)
        for operation in operations:
            trial.apply(operation)
        return trial.effect()


class _Trial:
    """The operations of one request, one after the other."""

    def __init__(self, store: Store, copies: ExitStack, scope: Scope, union: bool) -> None:
        self._store = store
        self._copies = copies
        self._scope = scope
        self._union = union
        self._asked = store
        self._layer = Layer()
        self._unseen = Layer()
        self._view = Overlay(store, [self._layer])
        self._named: set[NamedNode] = set()

    def apply(self, operation: Operation) -> None:
        """Take down what one operation changes."""
        match operation.kind:
            case "INSERT DATA" | "DELETE DATA":
                self._change(operation, Answer(rows=({},)))
            case "CHANGE" | "DELETE WHERE":
                self._change(operation, self._solutions(operation))
            case "CREATE":
                self._create(operation)
            case "CLEAR" | "DROP":
                self._note(removed=self._held_by(operation, "target"))
            case _:
                self._transfer(operation)

    def effect(self) -> Effect:
        """All that differs in the end."""
        return Effect(
            frozenset(quad for quad in self._layer.added if not _holds(self._store, quad)),
            frozenset(quad for quad in self._layer.removed if _holds(self._store, quad)),
            frozenset(self._named),
        )

    def _change(self, operation: Operation, found: Answer) -> None:
        """Fill in the templates for all solutions; what is deleted goes first."""
        parts = operation.parts
        delete = parts.get("delete") or (parts["where"] if "insert" not in parts else "")
        graph = _iri(operation, "with") if "with" in parts else self._scope.graph
        gone = [*_filled(operation, delete, found)] if delete else []
        come = [*_filled(operation, parts["insert"], found)] if "insert" in parts else []
        names = (quad.graph_name for quad in (*gone, *come))
        self._named |= {name for name in names if isinstance(name, NamedNode)}
        removed = {each for quad in gone for each in self._standing(_moved(quad, graph))}
        self._note(removed, {_moved(quad, graph) for quad in come})

    def _solutions(self, operation: Operation) -> Answer:
        """What WHERE gives, asked of the store as the operations before left it."""
        scope, parts = self._scope, operation.parts
        using = [_resolved(operation, each) for each in operation.using] or [*scope.using]
        named = [_resolved(operation, each) for each in operation.using_named]
        named = named or [*scope.using_named]
        graph = _iri(operation, "with") if "with" in parts else scope.graph
        default: list[NamedNode | DefaultGraph] | None = None
        if using or named:
            default = [*using]
        elif graph or not self._union:
            default = [graph or DefaultGraph()]
        return self._current().query(
            " ".join((operation.prologue, "SELECT *", parts["where"])),
            default_graphs=default,
            named_graphs=named if using or named else None,
        )

    def _current(self) -> Store:
        if self._unseen:
            if self._asked is self._store:
                self._asked = self._copies.enter_context(self._store.scratch())
            self._asked.transact(self._unseen.added, self._unseen.removed)
            self._unseen = Layer()
        return self._asked

    def _standing(self, quad: Quad) -> Iterator[Quad]:
        """The quads that are meant where one is deleted."""
        if quad.graph_name == DefaultGraph() and self._union:
            yield from self._view.find(quad.subject, quad.predicate, quad.object)
        else:
            yield quad

    def _create(self, operation: Operation) -> None:
        graph = _iri(operation, "target")
        if not operation.silent and self._is_there(graph):
            raise Conflict(f"The graph <{graph.value}> is there already.")

    def _transfer(self, operation: Operation) -> None:
        """COPY, MOVE and ADD: one graph's triples into another."""
        source = [*self._held_by(operation, "from")]
        if operation.parts["from"] == operation.parts["to"]:
            return
        target = self._graph(operation, "to")
        cleared = [] if operation.kind == "ADD" else [*self._view.find(graph=target)]
        self._note(removed=cleared, added={in_graph(quad, target) for quad in source})
        if operation.kind == "MOVE":
            self._note(removed=source)

    def _held_by(self, operation: Operation, part: str) -> Iterable[Quad]:
        """The quads of the graph or graphs that a part names."""
        name = operation.parts[part].upper()
        if name in ("ALL", "NAMED"):
            quads = self._view.find()
            return (q for q in quads if name == "ALL" or q.graph_name != DefaultGraph())
        graph = self._graph(operation, part)
        if not operation.silent and isinstance(graph, NamedNode) and not self._is_there(graph):
            raise NotFound(f"There is no graph <{graph.value}>. With SILENT that is no fault.")
        return self._view.match(graph=graph)

    def _graph(self, operation: Operation, part: str) -> NamedNode | DefaultGraph:
        if operation.parts[part].upper() != "DEFAULT":
            graph = _iri(operation, part)
            self._named.add(graph)
            return graph
        if self._scope.graph is None and self._union:
            raise BadInput(
                f"{operation.kind} cannot take DEFAULT: it is the union of all graphs here. "
                "Name the graph that is meant."
            )
        return self._scope.graph or DefaultGraph()

    def _is_there(self, graph: NamedNode) -> bool:
        return any(self._view.find(graph=graph))

    def _note(self, removed: Iterable[Quad] = (), added: Iterable[Quad] = ()) -> None:
        removed, added = ({*islice(quads, _MOST + 1)} for quads in (removed, added))
        for layer in (self._layer, self._unseen):
            layer.apply(added, removed)
        if len(self._layer.added) + len(self._layer.removed) > _MOST:
            raise BadInput(
                f"The update changes more than {_MOST:,} triples in one step: do it in parts."
            )


def _filled(operation: Operation, template: str, found: Answer) -> Iterator[Quad]:
    """A template for each of some solutions.

    The engine fills it in, so that blank nodes are new in each and what does not
    make a triple is left out.
    """
    names = " ".join(f"?{name}" for name in found.variables)
    for start in range(0, len(found.rows), _AT_ONCE):
        rows = found.rows[start : start + _AT_ONCE]
        values = " ".join(
            "(" + " ".join(_written(row.get(name)) for name in found.variables) + ")"
            for row in rows
        )
        filled = ox.Store()
        where = f"{{ VALUES ({names}) {{ {values} }} }}"
        insertion = " ".join((operation.prologue, "INSERT", template, "WHERE", where))
        filled.update(insertion, prefixes=PREFIXES)
        yield from map(_unmasked, filled)


def _read(request: str, base: str) -> list[Operation]:
    """The operations of a request that the engine takes for SPARQL, too.

    The grammar comes first: too deep a request would end the engine. Of a short
    one the engine knows better where it goes wrong. Where it might reach out the
    grammar has the last word, and reads the data, too.
    """
    if _REACHING_OUT.search(request):
        return operations_of(request, base)
    try:
        operations = operations_of(request, base, data_unread=True)
    except SyntaxFault:
        if len(request) < _SHORT:
            _refuse_faults(request, base)
        raise
    _refuse_faults(request, base)
    return operations


def _refuse_faults(request: str, base: str) -> None:
    """Refuse what the engine cannot read, by trying it on an empty store."""
    try:
        ox.Store().update(request, base_iri=base or None, prefixes=PREFIXES)
    except SyntaxError as error:
        raise syntax_fault(error, request, "update") from None
    except (RuntimeError, OSError):  # a graph that is not there
        return


def _refuse_two_datasets(operations: Iterable[Operation]) -> None:
    if any(each.using or each.using_named or "with" in each.parts for each in operations):
        raise BadInput(
            "The request names its dataset twice, by using-graph-uri and by USING or WITH: "
            "leave one of them out."
        )


def _iri(operation: Operation, part: str) -> NamedNode:
    return _resolved(operation, operation.parts[part])


def _resolved(operation: Operation, text: str) -> NamedNode:
    """The IRI that some text stands for under an operation's prefixes and base."""
    query = " ".join((operation.prologue, "SELECT (", text, "AS ?iri) {}"))
    found = ox.Store().query(query, prefixes=PREFIXES)
    assert isinstance(found, ox.QuerySolutions)
    iri = next(found)["iri"]
    assert isinstance(iri, NamedNode)
    return iri


def _holds(store: Store, quad: Quad) -> bool:
    assert not isinstance(quad.graph_name, BlankNode)
    return any(store.find(quad.subject, quad.predicate, quad.object, quad.graph_name))


def _moved(quad: Quad, graph: NamedNode | None) -> Quad:
    return in_graph(quad, graph) if graph and quad.graph_name == DefaultGraph() else quad


def in_graph(quad: Quad, graph: NamedNode | DefaultGraph) -> Quad:
    """The triple of a quad in another graph."""
    return Quad(quad.subject, quad.predicate, quad.object, graph)


def _written(term: Term | None) -> str:
    return "UNDEF" if term is None else str(_masked(term))


def _masked(term: Term) -> Term:
    """A term without blank nodes, which a query cannot name."""
    if isinstance(term, BlankNode):
        return NamedNode(_BLANK + term.value)
    if isinstance(term, Triple):
        return Triple(_masked(term.subject), term.predicate, _masked(term.object))  # type: ignore[arg-type]
    return term


def _unmasked(quad: Quad) -> Quad:
    subject, value = _with_blanks(quad.subject), _with_blanks(quad.object)
    return Quad(subject, quad.predicate, value, quad.graph_name)  # type: ignore[arg-type]


def _with_blanks(term: Term) -> Term:
    if isinstance(term, NamedNode) and term.value.startswith(_BLANK):
        return BlankNode(term.value.removeprefix(_BLANK))
    if isinstance(term, Triple):
        subject, value = _with_blanks(term.subject), _with_blanks(term.object)
        return Triple(subject, term.predicate, value)  # type: ignore[arg-type]
    return term
