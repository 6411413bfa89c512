"""Proof that a dataset is whole: its store against its log, its quotes against their texts.

The log is replayed into a second store, on disk beside the first, what follows from it
is worked out there anew, and the two are compared quad by quad, so that memory does not
follow the size of the dataset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from graph.bundle import Graphs
from graph.errors import StoreFault
from graph.groups import WORTH_LOADING
from graph.journal import Journal, Write
from graph.merging import Merger
from graph.overlay import Overlay
from graph.quotes import check_quotes
from graph.relating import Relator
from graph.store import Store
from graph.store.oxigraph import OxigraphStore, place_of_copies
from graph.surroundings import stated
from graph.texts import TextArchive
from graph.vocab import ASC

_LOAD_BYTES = 8_000_000
"""How much of a log is loaded at once."""

_SHOWN = 20
"""As many faults are told in words; the others are counted."""


@dataclass(slots=True)
class Proof:
    """What was compared, and what did not fit.

    Shape: `faults` holds the first twenty, `found` counts them all; `checked`
        spans were compared with their text, `unchecked` have none archived.
    """

    writes: int = 0
    quads: int = 0
    bundles: int = 0
    texts: int = 0
    checked: int = 0
    unchecked: int = 0
    found: int = 0
    faults: list[str] = field(default_factory=list)

    def note(self, faults: Iterable[str]) -> None:
        """Count some faults, and keep the first."""
        for fault in faults:
            self.found += 1
            if self.found <= _SHOWN:
                self.faults.append(fault)


def prove(
    store: Store,
    graphs: Graphs,
    texts: TextArchive,
    journal: Journal | None = None,
    path: Path | None = None,
    begin: Callable[[str], None] = lambda _: None,
) -> Proof:
    """Whether a store holds what its log says, and its quotes what their texts say.

    Shape: `path` is the store's folder; beside it the log is replayed, which
        takes as much room for a while. Nothing may be written meanwhile. `begin` is
        told what is done next.
    Raises: StoreFault if the log is damaged, or the disk refuses.
    """
    proof = Proof()
    if journal is not None:
        with _scratch(path) as logged:
            begin("replaying the log beside the store, and what follows from it")
            proof.writes = replay(journal, logged, graphs)
            begin(f"comparing {len(logged):,} quads with the store's")
            proof.note(_differences(store, logged, graphs, proof))
    begin("comparing quotes with archived texts")
    proof.note(_damaged(texts, proof))
    proof.note(_unfounded(store, graphs, texts, proof))
    return proof


@contextmanager
def _scratch(path: Path | None) -> Iterator[Store]:
    """An empty store on disk, gone at the end of the block.

    Raises: StoreFault if the disk refuses.
    """
    folder, prefix = place_of_copies(path) if path else (None, None)
    try:
        with TemporaryDirectory(prefix=prefix, dir=folder) as made:
            store = OxigraphStore.open(Path(made) / "store", synced=False)
            try:
                yield store
            finally:
                store.close()
    except OSError as error:
        raise StoreFault(f"The log cannot be replayed: {error}. Make room on the disk.") from None


def replay(journal: Journal, store: Store, graphs: Graphs, until: int | None = None) -> int:
    """Bring an empty store all that a log says, up to a revision, and what follows from
    it; gives the last revision.

    What was only added goes in by large loads. What was taken away goes alone: to
    sum up several writes would need Oxigraph's own view of when two literals are
    one (`.120Z` and `.12Z`).

    Raises: StoreFault naming a damaged line, or a gap.
    """
    revision, waiting, size = 0, list[bytes](), 0
    for write in in_order(journal.writes()):
        if until is not None and write.revision > until:
            break
        if write.leaving or size >= _LOAD_BYTES:
            _bring(store, b"".join(waiting))
            waiting, size = [], 0
        if write.leaving:
            store.transact(write.added, write.removed)
        else:
            waiting.append(write.coming)
            size += len(write.coming)
        revision = write.revision
    _bring(store, b"".join(waiting))
    Merger(store, graphs).all()
    Relator(store, graphs).catch_up()
    return revision


def _bring(store: Store, nquads: bytes) -> None:
    if len(nquads) >= WORTH_LOADING:
        store.load(nquads)
    else:
        store.transact(parse(nquads, RdfFormat.N_QUADS))


def in_order(writes: Iterable[Write], after: int = 0) -> Iterator[Write]:
    """The same writes, as long as each follows the one before it.

    Raises: StoreFault at a gap.
    """
    for expected, write in enumerate(writes, after + 1):
        if write.revision != expected:
            raise StoreFault(
                f"The log has revision {write.revision} where {expected} was expected: "
                "a line is missing or stands there twice. Restore a backup."
            )
        yield write


def _differences(ours: Store, logged: Store, graphs: Graphs, proof: Proof) -> Iterator[str]:
    """The quads, and the revision, that only one of two stores holds."""
    alike = 0
    for quad in _comparable(ours, graphs):
        proof.quads += 1
        if _holds(logged, quad):
            alike += 1
        else:
            yield f"only in the store: {quad}"
    numbers = sum(1 for quad in logged.find(None, ASC.revision) if _counts(quad, graphs))
    if alike < len(logged) - numbers:
        for quad in _comparable(logged, graphs):
            if not _holds(ours, quad):
                yield f"only in the log: {quad}"
    here, there = _revision(ours, graphs), _revision(logged, graphs)
    if here != there:
        yield f"the store is at revision {here} and its log at {there}"


def _comparable(store: Store, graphs: Graphs) -> Iterator[Quad]:
    """The quads that a log accounts for one by one.

    The ontology is ours, and of the numbers of past writes a store keeps the latest.
    """
    for quad in store.find():
        if graphs.ontology not in (quad.graph_name, quad.subject) and not _counts(quad, graphs):
            yield quad


def _counts(quad: Quad, graphs: Graphs) -> bool:
    """Whether a quad says how far a store has come."""
    return quad.predicate == ASC.revision and quad.subject in (graphs.catalog, graphs.relations)


def _holds(store: Store, quad: Quad) -> bool:
    return next(store.find(*quad), None) is not None


def _revision(store: Store, graphs: Graphs) -> int:
    numbers = store.find(graphs.catalog, ASC.revision, None, graphs.catalog)
    values = (quad.object.value for quad in numbers if isinstance(quad.object, Literal))
    return max(map(int, values), default=0)


def _damaged(texts: TextArchive, proof: Proof) -> Iterator[str]:
    """The archived texts that are not what their names say."""
    for digest in texts.digests():
        proof.texts += 1
        text = texts.get(digest)
        if text is None or hashlib.sha256(text).hexdigest() != digest:
            yield f"the archived text {digest} is damaged: its SHA-256 is another"


def _unfounded(store: Store, graphs: Graphs, texts: TextArchive, proof: Proof) -> Iterator[str]:
    """The quotes whose source is unknown, or that do not stand in its archived text."""
    for entry in store.find(None, ASC.bundleDigest, None, graphs.catalog):
        if not isinstance(entry.subject, NamedNode) or entry.subject == graphs.ontology:
            continue
        proof.bundles += 1
        bundle = stated(Overlay(store, []), entry.subject, graphs)
        for quad in bundle.quads:
            if quad.predicate == ASC.source and not any(store.find(quad.object, ASC.sha256)):  # type: ignore[arg-type]
                yield f"{quad.subject} is from {quad.object}, and no such source is stored"
        quotes = check_quotes(bundle, texts.of(bundle))
        proof.checked += quotes.checked
        proof.unchecked += quotes.unchecked
        yield from (each.sentence(graphs.base) for each in quotes.results if each.is_violation)
