"""The knowledge graph as one object, for Python, the command line and the web.

>>> import graph
>>> with graph.open() as kg:
...     kg.stats()["statements"]
0
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self

from pyoxigraph import Quad

from graph.asked import Asked
from graph.backup import Backup, back_up
from graph.bundle import Bundle, Graphs
from graph.catalog import keep_ontology
from graph.census import Counter
from graph.changing import BundleGate, Changer, Gate, NoGate
from graph.conditions import Match
from graph.dataset import DATASET, LOG, TOKENS, holds_something, read_manifest, write_manifest
from graph.describe import described
from graph.errors import BadInput
from graph.export import Watch, export_entailed
from graph.exports import EXPORTS
from graph.extract import Extract
from graph.formats import Format
from graph.identity import merge, part
from graph.indexing import Index
from graph.ingest import Clock, Receipt, Writer
from graph.journal import Journal, Write
from graph.judging import Judgement, judge
from graph.past import Past, revision_at
from graph.proof import Proof, prove
from graph.reading import Reader
from graph.report import Report
from graph.rows import EVERYTHING, Selection
from graph.settings import Settings
from graph.store import Dumpable, Store
from graph.store.oxigraph import OxigraphStore, place_of_copies
from graph.tables import as_python
from graph.texts import TextArchive
from graph.tokens import TokenBook

_PART_TO_COMPACT = 4
"""Where one bundle in so many has just been loaded, putting all in order is worth it."""


class KnowledgeGraph(Asked):
    """A dataset: what is stored, and the one gate into it."""

    def __init__(
        self,
        settings: Settings | None = None,
        store: Store | None = None,
        texts: TextArchive | None = None,
        clock: Clock = lambda: datetime.now(UTC),
        *,
        journal: Journal | None = None,
        read_only: bool = False,
    ) -> None:
        self.settings = settings or Settings.from_environment()
        if store is None:  # an empty one is falsy too
            store = OxigraphStore.in_memory(self.settings.base, union=self.settings.gate)
        self._store: Store = store
        self.graphs = Graphs(self.settings.base)
        self.texts = texts or TextArchive()
        self.journal = journal
        self.reader = Reader(self.settings)
        self.writer = Writer(self._store, self.texts, self.settings.base, clock, journal)
        self.changer = Changer(self.stated, self.reader, self._gate())
        self._past: Past | None = None
        self.counter = Counter(lambda: self.store, self.revision)
        place = self.settings.data if journal else ""  # the past has none of its own
        self.index = Index(
            *(Path(place) if place else None, self.writer.commits, self.graphs, journal),
            is_past=read_only and journal is None,
        )
        if not read_only:
            self.writer.commits.on_stored = self.index.follow
        if self.settings.gate and not read_only:
            self.writer.catch_up()
            keep_ontology(self.store, self.graphs)

    @property
    def store(self) -> Store:
        """The store, with everything in it that was acknowledged before.

        Raises: StoreFault if the store refuses what is logged.
        """
        return self.writer.commits.store

    def revision(self) -> int:
        """How many writes have been acknowledged."""
        gate = self.changer.gate
        return gate.revision if isinstance(gate, NoGate) else self.writer.revision()

    def copy(self, target: Path) -> int:
        """Copy the store to a new folder beside it, with all that was acknowledged before.

        Shape: gives the revision of the copy; writers go on meanwhile.
        Raises: BadInput if it is in memory only; StoreFault if the disk refuses.
        """
        if not isinstance(self._store, OxigraphStore):
            raise BadInput("This dataset is in memory only: there is nothing to copy.")
        if isinstance(self.changer.gate, NoGate):
            revision = self.revision()
            self._store.copy(target)
            return revision
        with self.writer.commits.standing() as revision:
            self._store.copy(target)
            return revision

    def place_of_copies(self) -> tuple[Path, str] | None:
        """Where copies of the store are made, and how their names begin; None for memory."""
        path = self._store.path if isinstance(self._store, OxigraphStore) else None
        return place_of_copies(path) if path else None

    def read(self, source: Path | str | bytes | Bundle, form: Format | None = None) -> Bundle:
        """A bundle from a file name, or from bytes in a named format."""
        if isinstance(source, Bundle):
            return source
        if isinstance(source, bytes):
            if form is None:
                raise BadInput("Bytes have no extension: name their format, such as form=TURTLE.")
            return self.reader.read(source, form)
        return self.reader.read_file(source, form)

    def add(
        self,
        source: Path | str | bytes | Bundle,
        *,
        text: bytes | None = None,
        form: Format | None = None,
        replace: bool = False,
        if_match: Match = None,
        by: str = "",
    ) -> Receipt:
        """Check a bundle and keep it; see `graph.ingest.Writer.add`."""
        bundle = self.read(source, form)
        return self.writer.add(bundle, text, replace=replace, if_match=if_match, by=by)

    def validate(
        self,
        source: Path | str | bytes | Bundle,
        *,
        text: bytes | None = None,
        form: Format | None = None,
    ) -> Report:
        """Every rule a bundle would break, nothing stored."""
        return self.writer.check(self.read(source, form), text)

    def import_csv(self, path: Path | str, *, by: str = "", **how: Path | str) -> list[Receipt]:
        """Keep the statements of a table, all or none; see `graph.importing`."""
        from graph.importing import import_file, keep_all

        return keep_all(self, import_file(self, path, **how), by=by)

    def retract(self, version: str, *, if_match: Match = None, by: str = "") -> Receipt:
        """Take a bundle out by the IRI of its version."""
        return self.writer.retract(self.iri(version), if_match=if_match, by=by)

    def update(self, request: str, *, by: str = "") -> list[Receipt]:
        """Run a SPARQL Update through the gate; see `graph.changing.Changer.update`."""
        return self.changer.update(request, by=by)

    def judge(self, assessment: str, verdict: str, name: str, *, by: str = "") -> Judgement:
        """Keep a person's verdict on an assessment; see `graph.judging.judge`."""
        return judge(self.writer, self.graphs, self.iri(assessment), verdict, name, by=by)

    def merge(
        self, kept: str, other: str, name: str, *, because: str = "", by: str = ""
    ) -> Judgement:
        """Have one thing stand for another, on a person's word; see `graph.identity.merge`."""
        ends = self.iri(kept), self.iri(other)
        return merge(self.writer, self.graphs, *ends, name, because=because, by=by)

    def part(self, one: str, other: str, name: str, *, by: str = "") -> Judgement:
        """Take back that two are one; see `graph.identity.part`."""
        return part(self.writer, self.graphs, self.iri(one), self.iri(other), name, by=by)

    def stands_for(self, iri: str) -> str | None:
        """Who stands for a thing that was merged; None for what stands for itself."""
        kept = self.writer.commits.merged.kept.get(self.iri(iri))
        return kept.value if kept else None

    @property
    def stated(self) -> Dumpable:
        """The store as it was stated, whatever is merged in it."""
        return self.writer.commits.stated

    def relate(self, *, anew: bool = False) -> int:
        """Find the relations that a stopped load left out, or all; gives how many bundles.

        Where these are much of the dataset, its store is put in order for those who read.
        """
        if anew:
            self.index.doubt_relations()
        bundles = self.writer.commits.relate(anew=anew)
        if bundles * _PART_TO_COMPACT > sum(1 for _ in self.store.graphs()):
            self.store.compact()
        return bundles

    def revision_at(self, when: str) -> int:
        """The last write that had been made by then; see `graph.past.revision_at`."""
        return revision_at(self.store, self.graphs, when, self.revision())

    def past_store(self, revision: int) -> Path:
        """The folder of the store as it was after a write, made from the log if need be.

        Raises: BadInput if the dataset is in memory only; Busy; StoreFault.
        """
        if self.journal is None:
            raise BadInput("This dataset is in memory only: it keeps no log to look back into.")
        past = self._past or Past(Path(self.settings.data), self.settings.base, self.journal, self)
        self._past = past
        return past.store_at(revision)

    def as_of(self, when: str | int | datetime) -> KnowledgeGraph:
        """The dataset as it was, to be read; to be closed.

        Shape: `when` is the number of a write, a time, or a day, which counts to its end.
        Raises: as `revision_at` and `past_store`.
        """
        told = when.isoformat() if isinstance(when, datetime) else str(when)
        place = self.past_store(self.revision_at(told))
        store = OxigraphStore.open(place, self.settings.base, read_only=True)
        return KnowledgeGraph(self.settings, store, self.texts, read_only=True)

    def describe(self, iri: str, *, whole: bool = True) -> list[Quad]:
        """All that should be said about a resource, or about what stands for it; see `described`.

        Raises: NotFound if nothing is said about it; Gone if it was retracted.
        """
        node = self.iri(self.stands_for(iri) or iri)
        return described(self.store, self.graphs, node, whole=whole)

    def history(self, after: int = 0) -> Iterator[Write]:
        """The writes after a revision, oldest first, as the log has them."""
        return self.journal.writes(after) if self.journal else iter(())

    def prove(self, begin: Callable[[str], None] = lambda _: None) -> Proof:
        """Whether the store holds what the log says, and quotes what their texts say.

        Writers wait until it is done; memory does not follow the dataset's size. `begin` is
        told what is done next.

        Raises: StoreFault if the log is damaged or there is no room to replay it.
        """
        path = Path(self.settings.data) / "store" if self.settings.data else None
        with self.writer.alone():
            return prove(self.store, self.graphs, self.texts, self.journal, path, begin)

    def backup(self, target: Path | str) -> Backup:
        """Copy the dataset to a folder, or bring an earlier copy there up to date.

        Raises: BadInput if it is in memory only; see `graph.backup.back_up`.
        """
        if not self.settings.data:
            raise BadInput("This dataset is in memory only: export it instead.")
        return back_up(Path(self.settings.data), Path(target))[1]

    def astray(self) -> list[str]:
        """What `prove` finds wrong, in words."""
        return self.prove().faults

    def export(
        self,
        output: IO[bytes],
        form: Format,
        *,
        entailed: bool = False,
        chosen: Selection = EVERYTHING,
        watch: Watch = iter,
    ) -> None:
        """Write what bundles state, or of some statements, in any form of `graph.exports`.

        Shape: streamed; with `entailed` RDF of what follows from it, in its place.
        Raises: ToolMissing; BadInput for what cannot be chosen.
        """
        if entailed:
            export_entailed(self.stated, output, form, self.settings.base)
        else:
            EXPORTS[form].write(Extract(self, self.settings.base, chosen, watch), output)

    def stats(self) -> dict[str, int]:
        """How much is stored: the counts that `counts.rq` asks for, and quads."""
        found = {name: as_python(term) for name, term in self.answer("counts").rows[0].items()}
        return {**found, "quads": len(self.store), "revision": self.writer.revision()}

    def close(self) -> None:
        """Let go of files, locks and the process that parses.

        Raises: StoreFault if the store refuses what is logged; nothing is lost.
        """
        self.reader.close()
        try:
            self.writer.commits.close()
        finally:
            self.index.close()
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _gate(self) -> Gate:
        if not self.settings.gate:
            return NoGate(self._store, self.settings.base)
        return BundleGate(self.writer, self._store, self.graphs)


def create(folder: Path | str, base: str = "") -> Path:
    """A new, empty dataset folder.

    Raises: BadInput if the folder holds something already, or the base is no
        http IRI that ends in a slash.
    """
    folder = Path(folder)
    if holds_something(folder):
        known = (folder / DATASET).exists()
        hint = "It is a dataset already: add to it." if known else "Name a new or empty folder."
        raise BadInput(f"{folder} is not empty. {hint}")
    settings = Settings.from_environment().but(base=base or None)
    write_manifest(folder, settings.base)
    open_dataset(folder).close()
    return folder


def open_dataset(
    folder: Path | str = "",
    *,
    read_only: bool = False,
    settings: Settings | None = None,
    clock: Clock = lambda: datetime.now(UTC),
) -> KnowledgeGraph:
    """The dataset in a folder, or an empty one in memory.

    Raises: NotFound if the folder is no dataset; StoreFault if it is in use.
    """
    settings = settings or Settings.from_environment()
    if not folder:
        return KnowledgeGraph(settings, clock=clock)
    folder = Path(folder)
    settings = settings.but(data=str(folder), base=read_manifest(folder)["base"])
    if not settings.gate:
        ungated = OxigraphStore.open(folder / "ungated", settings.base, union=False)
        return KnowledgeGraph(settings, ungated)
    store = OxigraphStore.open(folder / "store", settings.base, read_only=read_only, synced=False)
    texts = TextArchive(folder / "texts")
    journal = Journal(folder / LOG, read_only=read_only)
    return KnowledgeGraph(settings, store, texts, clock, journal=journal, read_only=read_only)


def token_book(folder: Path | str) -> TokenBook:
    """The tokens of a dataset folder.

    Raises: NotFound if the folder is no dataset.
    """
    read_manifest(Path(folder))
    return TokenBook(Path(folder) / TOKENS)
