"""Oxigraph: on disk (RocksDB) for data that is kept, in memory for a moment."""

from __future__ import annotations

import gc
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Self

import pyoxigraph as ox
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Triple

from graph.errors import StoreFault
from graph.formats import (
    NTRIPLES,
    Format,
    after_prefixes,
    dumps,
    keeping_returns,
    write_quads,
    write_rows,
)
from graph.store import Answer, Kind, Store, Term
from graph.store.faults import as_ours
from graph.store.loading import load
from graph.vocab import PREFIXES

Node = NamedNode | BlankNode
GraphName = Node | DefaultGraph

_UNKNOWN_FUNCTION = re.compile("custom function <(.*)> is not supported")
_MOST_UNKNOWN = 100
_PREFIXES = [(name, f"{name}:", iri) for name, iri in PREFIXES.items()]
_MUCH_UNFILED = 16_000_000


class OxigraphStore:
    """Quads in Oxigraph, behind the store protocol.

    Shape: relative IRIs in queries are resolved against `base`; without `union`
        the default graph is one of its own.
    """

    def __init__(
        self,
        store: ox.Store,
        *,
        synced: bool,
        path: Path | None = None,
        base: str = "",
        union: bool = True,
    ) -> None:
        self._store = store
        self._synced = synced
        self.path = path
        self._base = base
        self._union = union

    @classmethod
    def in_memory(cls, base: str = "", *, union: bool = True) -> Self:
        """An empty store that ends with the process."""
        return cls(ox.Store(), synced=False, base=base, union=union)

    @classmethod
    def open(
        cls,
        path: Path,
        base: str = "",
        *,
        read_only: bool = False,
        synced: bool = True,
        union: bool = True,
    ) -> Self:
        """The store in a folder, made where there is none.

        Shape: `synced` has each transaction flushed to disk (13 ms); leave it
            out where a journal is synced before (0.3 ms).
        Raises: StoreFault if another process holds it or the disk refuses.
        """
        try:
            if read_only:
                return cls(_read_only(path), synced=False, base=base, union=union)
            store = cls(ox.Store(str(path)), synced=synced, path=path, base=base, union=union)
        except (OSError, RuntimeError) as error:
            raise StoreFault(_opening(path, str(error))) from None
        _remove_copies(path)
        return store

    def query(
        self,
        sparql: str,
        *,
        default_graphs: Iterable[NamedNode | DefaultGraph] | None = None,
        named_graphs: Iterable[NamedNode] | None = None,
    ) -> Answer:
        """The answer to a query; see `graph.store.Store`."""
        with engine_faults(sparql):
            return taken_out(self.ask(sparql, default_graphs, named_graphs))

    def serialize(
        self,
        sparql: str,
        output: IO[bytes],
        pick: Callable[[Kind], Format],
        *,
        default_graphs: Iterable[NamedNode | DefaultGraph] | None = None,
        named_graphs: Iterable[NamedNode] | None = None,
    ) -> Format:
        """Write the answer to a query; see `graph.store.Store`."""
        try:
            found = self.ask(sparql, default_graphs, named_graphs)
            if isinstance(found, ox.QueryTriples):
                write_rows(found, output, form := pick("graph"))
            else:
                form = pick("ask" if isinstance(found, ox.QueryBoolean) else "select")
                found.serialize(keeping_returns(output, form), form.results)
            return form
        except (SyntaxError, OSError, RuntimeError) as error:
            raise as_ours(error, sparql) from None

    def ask(
        self,
        sparql: str,
        default_graphs: Iterable[NamedNode | DefaultGraph] | None = None,
        named_graphs: Iterable[NamedNode] | None = None,
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """The engine's own answer, for the thread that asks; it is worked out as it is read.

        The engine stops at a function it does not know: to SPARQL its value is an
        error, which leaves a variable unbound.

        Raises: as `engine_faults` turns them into ours.
        """
        unknown: dict[NamedNode, Callable[..., Term | None]] = {}
        default: list[GraphName] | None = None if default_graphs is None else [*default_graphs]
        named: list[Node] | None = None if named_graphs is None else [*named_graphs]
        while True:
            try:
                return self._store.query(
                    sparql,
                    base_iri=self._base or None,
                    prefixes={name: iri for name, start, iri in _PREFIXES if start in sparql},
                    use_default_graph_as_union=self._union and default is None and named is None,
                    default_graph=default,
                    named_graphs=named,
                    custom_functions=unknown,
                )
            except RuntimeError as error:
                name = _UNKNOWN_FUNCTION.search(str(error))
                if name is None or len(unknown) == _MOST_UNKNOWN:
                    raise
                unknown[NamedNode(name[1])] = lambda *_: None

    def match(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> list[Quad]:
        """The quads that fit; see `graph.store.Store`."""
        return list(self.find(subject, predicate, value, graph))

    def find(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """The quads that fit, as they are met; see `graph.store.Store`."""
        return self._store.quads_for_pattern(subject, predicate, value, graph)

    def transact(self, add: Iterable[Quad] = (), remove: Iterable[Quad] = ()) -> None:
        """Remove and add in one atomic step; see `graph.store.Store`.

        What has blank nodes, which no Update can name, is removed before.
        """
        quads = set(remove)
        removed = [quad for quad in quads if not _has_blank_nodes(quad)]
        try:
            for quad in quads.difference(removed):
                self._store.remove(quad)
            if removed:
                self._store.update(_as_update(removed, list(add)))
            else:
                self._store.extend(add)
            for graph in {quad.graph_name for quad in quads}:
                if not any(self._store.quads_for_pattern(None, None, None, graph)):
                    self._store.remove_graph(graph)
            if self._synced:
                self._store.flush()
        except (OSError, RuntimeError) as error:  # the latter where it is opened to be read
            raise StoreFault(f"The store did not take a write: {error}.") from None

    def load(self, nquads: bytes) -> None:
        """Add quads as fast as can be; see `graph.store.Store`."""
        try:
            load(self._store, nquads)
        except OSError as error:
            raise StoreFault(f"The load stopped part of the way: {error}.") from None

    def compact(self) -> None:
        """Have RocksDB merge its files, of which each load adds some; see `graph.store.Store`."""
        with engine_faults():
            self._store.optimize()

    def dump(
        self,
        output: IO[bytes],
        form: Format,
        graphs: Iterable[NamedNode | DefaultGraph] | None = None,
    ) -> None:
        """Write quads as they are streamed; see `graph.store.Store`."""
        store = self._store
        if graphs is None:
            quads: Iterable[Quad] = store.quads_for_pattern(None, None, None, None)
        else:
            parts = (store.quads_for_pattern(None, None, None, each) for each in graphs)
            quads = chain.from_iterable(parts)
        write_quads(quads, output, form)

    def text_of(self, graph: NamedNode, form: Format) -> bytes:
        """A graph as text; see `graph.store.Store`."""
        prefixes = None if form == NTRIPLES else PREFIXES
        text = self._store.dump(None, form.rdf, from_graph=graph, prefixes=prefixes) or b""
        return after_prefixes(text) if prefixes else text

    def copy(self, target: Path) -> None:
        """Copy the store to a new folder beside it, by hard links, while others write.

        Raises: StoreFault if the disk refuses.
        """
        with engine_faults():
            self._store.backup(str(target))

    @contextmanager
    def scratch(self) -> Iterator[Store]:
        """A copy to try changes on; see `graph.store.Store`.

        Of a folder it is made of hard links beside it: 70 ms for a million quads,
        and the same for a thousand.
        """
        if self.path is None:
            copy = OxigraphStore.in_memory(self._base, union=self._union)
            copy.transact(self.match())
            yield copy
            return
        beside, prefix = place_of_copies(self.path)
        with engine_faults(), TemporaryDirectory(prefix=prefix, dir=beside) as folder:
            target = Path(folder) / "store"
            self.copy(target)
            copy = OxigraphStore.open(target, self._base, synced=False, union=self._union)
            try:
                yield copy
            finally:
                copy.close()

    def graphs(self) -> Iterator[NamedNode]:
        """The names of all graphs."""
        return iter([g for g in self._store.named_graphs() if isinstance(g, NamedNode)])

    def __len__(self) -> int:
        return len(self._store)

    def close(self) -> None:
        """Let go of the lock; RocksDB does so when the last reference goes.

        References that wait to be collected are rare, and a collection costs a large
        process 100 ms and more. Of many writes that are in RocksDB's log alone the files
        are made now: each opening would read them again, 6 s for 100 MB.
        """
        if self.path is not None and _unfiled(self.path) > _MUCH_UNFILED:
            with suppress(OSError, RuntimeError):  # nothing is lost: they stay in the log
                self._store.flush()
        del self._store
        if self.path is not None and _is_open_here(self.path / "LOCK"):
            gc.collect()


def _is_open_here(path: Path) -> bool:
    """Whether this process has a file open."""
    with suppress(OSError):
        wanted = path.stat()
        for each in Path("/proc/self/fd").iterdir():
            with suppress(OSError):  # another thread has closed it since
                if os.path.samestat(each.stat(), wanted):
                    return True
    return False


def _unfiled(path: Path) -> int:
    """How many bytes of writes are in RocksDB's log alone."""
    return sum(each.stat().st_size for each in path.glob("*.log"))


def place_of_copies(path: Path) -> tuple[Path, str]:
    """Where copies of a store are made, and how their names begin: a killed process's
    are removed when the store is opened next."""
    whole = path.absolute()
    return whole.parent, f".{whole.name}-scratch-"


def _remove_copies(path: Path) -> None:
    """Remove the copies that a killed process left beside its folder."""
    beside, prefix = place_of_copies(path)
    for entry in beside.iterdir():
        if entry.name.startswith(prefix):
            shutil.rmtree(entry, ignore_errors=True)


@contextmanager
def engine_faults(sparql: str = "") -> Iterator[None]:
    """The engine's errors as ours."""
    try:
        yield
    except (SyntaxError, OSError, RuntimeError) as error:
        raise as_ours(error, sparql) from None


def _read_only(path: Path, tries: int = 6, pause_s: float = 0.05) -> ox.Store:
    """A second handle beside a writer, once its files hold still.

    RocksDB's manifest may name files that the writer is just replacing, which
    the first read notices: seen once in 50 opens, gone at the next try.
    """
    for attempt in range(1, tries + 1):
        try:
            store = ox.Store.read_only(str(path))
            next(store.quads_for_pattern(None, None, None, None), None)
            return store
        except (OSError, RuntimeError):
            if attempt == tries:
                raise
            time.sleep(pause_s * attempt)
    raise AssertionError("unreachable")


def taken_out(
    found: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, most: int | None = None
) -> Answer:
    """The engine's answer, or the first rows of it, as one that any thread may have."""
    if isinstance(found, ox.QueryBoolean):
        return Answer(truth=bool(found))
    if isinstance(found, ox.QueryTriples):
        return Answer(triples=tuple(islice(found, most)))
    names = tuple(variable.value for variable in found.variables)
    rows = tuple(
        {name: value for name, value in zip(names, solution, strict=True) if value is not None}
        for solution in islice(found, most)
    )
    return Answer(variables=names, rows=rows)


def _has_blank_nodes(quad: Quad) -> bool:
    return isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode)


def _as_update(remove: list[Quad], add: list[Quad]) -> str:
    """One Update whose operations are atomic together (measured)."""
    return "DELETE DATA {" + _quad_data(remove) + "} ; INSERT DATA {" + _quad_data(add) + "}"


def _quad_data(quads: list[Quad]) -> str:
    by_graph = sorted(quads, key=lambda quad: str(quad.graph_name))
    parts = []
    for graph, group in groupby(by_graph, key=lambda quad: str(quad.graph_name)):
        triples = dumps((quad.triple for quad in group), NTRIPLES).decode()
        named = graph != str(ox.DefaultGraph())
        parts.append(" ".join(("GRAPH", graph, "{", triples, "}")) if named else triples)
    return "\n".join(parts)


def _opening(path: Path, reason: str) -> str:
    if "lock" in reason.lower():
        return (
            f"{path} is in use by another process. Stop it (an `ascribe serve` perhaps), "
            "or write through its HTTP address."
        )
    return f"{path} cannot be opened: {reason}."
