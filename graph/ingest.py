"""The one write path: read, complete, check, keep, answer.

Every road into the store (CLI, Python, HTTP) ends in `Writer`, so there is one
gate and one lock: Oxigraph loses updates when two threads read, modify and
write at once (94 to 97 of 100 increments survived), so only one does.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Bundle, Graphs
from graph.errors import Conflict, Gone, NotFound, PreconditionFailed, Refused
from graph.journal import Journal, Write
from graph.quotes import QuoteCheck
from graph.reasoning import entail
from graph.report import Report, Result
from graph.store import Store
from graph.texts import TextArchive
from graph.validation import validate
from graph.vocab import ASC, DCTERMS, PROV, RDF, XSD

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a committed write returns.

    Shape: `state` is added, replaced, unchanged or retracted; `digest` is the
        bundle's content digest, its strong ETag.
    """

    bundle: str
    state: str
    digest: str
    revision: int
    statements: int = 0
    quads: int = 0
    quotes_checked: int = 0
    quotes_unchecked: int = 0
    warnings: tuple[Result, ...] = ()


def _now() -> datetime:
    return datetime.now(UTC)


class Writer:
    """Checks bundles and keeps them, one at a time; with a journal, logged first."""

    def __init__(
        self,
        store: Store,
        texts: TextArchive,
        base: str,
        clock: Clock = _now,
        journal: Journal | None = None,
    ) -> None:
        self._store = store
        self._journal = journal
        self._texts = texts
        self._graphs = Graphs(base)
        self._clock = clock
        self._lock = threading.RLock()
        self._revision: int | None = None

    def check(self, bundle: Bundle, text: bytes | None = None) -> Report:
        """Every rule the bundle would break if it were added now."""
        return self._check(bundle, text)[0]

    def add(
        self,
        bundle: Bundle,
        text: bytes | None = None,
        *,
        replace: bool = False,
        if_match: str | None = None,
        by: str = "",
    ) -> Receipt:
        """Check a bundle and keep it, on disk before this returns.

        The same bundle twice is one bundle: the second time is `unchanged`,
        unless it brings a text that was not archived, whose quotes are checked.
        `by` names who asked, for the log.

        Raises: Refused with the report, nothing stored; Conflict if the version
            is there with other content and `replace` is not asked for;
            PreconditionFailed if `if_match` names another state.
        """
        with self._lock:
            digest = content_digest(bundle)
            stored = self.digest_of(bundle.version)
            _match(bundle.version, if_match, stored)
            if stored == digest and (text is None or self._archived(bundle) == text):
                return self._unchanged(bundle, digest)
            if stored and stored != digest and not replace:
                raise Conflict(
                    f"{bundle.version.value} is stored already with other content. "
                    "Replace it (`ascribe add --replace`, or HTTP PUT) or leave it."
                )
            act = "replaced" if stored else "added"
            return self._keep(bundle, text, digest, act, by)

    def retract(self, version: NamedNode, *, if_match: str | None = None, by: str = "") -> Receipt:
        """Take a bundle out, with the shared things that nothing else names.

        Raises: NotFound; Gone if it was retracted before; PreconditionFailed.
        """
        with self._lock:
            stored = self.digest_of(version)
            if stored is None:
                raise self._absent(version)
            _match(version, if_match, stored)
            removed = self._quads_of(version)
            tombstone = Quad(version, PROV.invalidatedAtTime, self._time(), self._graphs.catalog)
            revision = self._commit("retracted", version, {tombstone}, set(removed), by)
            return Receipt(version.value, "retracted", stored, revision, quads=len(removed))

    def catch_up(self) -> int:
        """Apply the logged writes that the store lacks; gives how many there were.

        They were acknowledged, or about to be, when the process or the power
        went away.
        """
        if self._journal is None:
            return 0
        missing = 0
        for write in self._journal.writes(after=self.revision()):
            self._store.transact(write.added, write.removed)
            self._revision = write.revision
            missing += 1
        return missing

    def digest_of(self, version: NamedNode) -> str | None:
        """The content digest of a stored bundle, or None if it is not stored."""
        found = self._store.match(version, ASC.bundleDigest, None, self._graphs.catalog)
        return found[0].object.value if found else None  # type: ignore[union-attr]

    def revision(self) -> int:
        """How many writes have changed the dataset.

        Each write adds its number and takes none away: without a removal a
        write is one `extend`, three times as fast as an Update.
        """
        if self._revision is None:
            found = self._store.match(self._graphs.catalog, ASC.revision)
            numbers = (int(quad.object.value) for quad in found)  # type: ignore[union-attr]
            self._revision = max(numbers, default=0)
        return self._revision

    def _check(self, bundle: Bundle, text: bytes | None) -> tuple[Report, QuoteCheck]:
        source = text if text is not None else self._archived(bundle)
        return validate(bundle, source, self._context(bundle))

    def _keep(self, bundle: Bundle, text: bytes | None, digest: str, act: str, by: str) -> Receipt:
        complete = bundle.with_quads(self._stamps(bundle))
        report, quotes = self._check(complete, text)
        if not report.conforms:
            raise Refused(report)
        if text is not None:
            self._texts.put(text)
        statements = len(bundle.subjects_of(ASC.Statement))
        added = {
            *complete.quads,
            *entail(complete, quotes.verbatim),
            *self._catalog_entry(complete, digest, statements),
        }
        removed = {*self._quads_of(bundle.version), *self._tombstones(bundle.version)}
        revision = self._commit(act, bundle.version, added, removed, by)
        return Receipt(
            bundle.version.value,
            act,
            digest,
            revision,
            statements,
            len(added),
            report.quotes_checked,
            report.quotes_unchecked,
            report.warnings,
        )

    def _commit(
        self, act: str, version: NamedNode, added: set[Quad], removed: set[Quad], by: str
    ) -> int:
        """Log a change and make it, as the next revision."""
        catalog = self._graphs.catalog
        revision = self.revision() + 1
        new = added | {Quad(catalog, ASC.revision, Literal(revision), catalog)}
        write = Write(
            *(revision, self._time().value, act, version.value, by),
            added=(*(new - removed),),
            removed=(*(removed - new),),
        )
        with self._journal.entry(write) if self._journal else nullcontext():
            self._store.transact(write.added, write.removed)
        self._revision = revision
        return revision

    def _stamps(self, bundle: Bundle) -> Iterable[Quad]:
        """The record time of each statement that does not bring its own.

        A statement that is stored already keeps the time it was first recorded.
        """
        stamped = {q.subject for q in bundle.quads if q.predicate == PROV.generatedAtTime}
        kept = {
            q.subject: q
            for q in self._store.match(None, PROV.generatedAtTime, None, bundle.version)
        }
        now = self._time()
        for statement in bundle.subjects_of(ASC.Statement) - stamped:
            new = Quad(statement, PROV.generatedAtTime, now, bundle.version)
            yield kept.get(statement, new)

    def _catalog_entry(self, bundle: Bundle, digest: str, statements: int) -> Iterable[Quad]:
        version, catalog = bundle.version, self._graphs.catalog
        yield Quad(version, RDF.type, PROV.Bundle, catalog)
        yield Quad(version, ASC.bundleDigest, Literal(digest), catalog)
        yield Quad(version, ASC.statementCount, Literal(statements), catalog)
        yield Quad(version, DCTERMS.dateAccepted, self._time(), catalog)
        shared = self._graphs.shared
        for subject in {q.subject for q in bundle.quads if q.graph_name in shared}:
            yield Quad(version, ASC.describes, subject, catalog)

    def _quads_of(self, version: NamedNode) -> list[Quad]:
        """All that leaves with a bundle."""
        own = Bundle(version, self._graphs, frozenset()).own_graphs
        leaving = {quad for graph in own for quad in self._store.match(graph=graph)}
        entry = self._store.match(version, None, None, self._graphs.catalog)
        leaving.update(entry)
        described = {q.object for q in entry if q.predicate == ASC.describes}
        waiting = {node for node in described if isinstance(node, NamedNode)}
        while freed := {node for node in waiting if self._is_free(node, leaving)}:
            for node in freed:
                for graph in self._graphs.shared:
                    leaving.update(self._store.match(node, None, None, graph))
            waiting -= freed
        return list(leaving)

    def _is_free(self, node: NamedNode, leaving: set[Quad]) -> bool:
        """Whether nothing that stays names a shared thing."""
        return all(quad in leaving for quad in self._store.match(value=node))

    def _context(self, bundle: Bundle) -> list[Quad]:
        """What the store says about things the bundle names.

        Shared things that the bundle describes come whole, so that two names
        for one agent are seen; others come with their types.
        """
        graphs = self._graphs.shared
        described = {quad.subject for quad in bundle.quads}
        shared = {quad.subject for quad in bundle.quads if quad.graph_name in graphs}
        named = {q.object for q in bundle.quads if isinstance(q.object, NamedNode)} - described
        found = [
            quad
            for subject in shared
            if isinstance(subject, NamedNode)
            for quad in self._store.match(subject)
            if quad.graph_name in graphs
        ]
        for node in named:
            if isinstance(node, NamedNode) and node.value.startswith(self._graphs.base):
                found.extend(self._store.match(node, RDF.type))
        return found

    def _archived(self, bundle: Bundle) -> bytes | None:
        for quad in bundle.quads:
            if quad.predicate == ASC.sha256 and isinstance(quad.object, Literal):
                return self._texts.get(quad.object.value)
        return None

    def _unchanged(self, bundle: Bundle, digest: str) -> Receipt:
        statements = len(bundle.subjects_of(ASC.Statement))
        return Receipt(bundle.version.value, "unchanged", digest, self.revision(), statements)

    def _tombstones(self, version: NamedNode) -> list[Quad]:
        return self._store.match(version, PROV.invalidatedAtTime, None, self._graphs.catalog)

    def _absent(self, version: NamedNode) -> NotFound:
        if gone := self._tombstones(version):
            when = gone[0].object.value  # type: ignore[union-attr]
            return Gone(f"{version.value} was retracted on {when}.")
        return NotFound(f"No bundle {version.value} is stored. `ascribe log` lists what was added.")

    def _time(self) -> Literal:
        return Literal(self._clock().isoformat().replace("+00:00", "Z"), datatype=XSD.dateTime)


def content_digest(bundle: Bundle) -> str:
    """The SHA-256 of a bundle's sorted quads, record times left out.

    Record times are stamped on the way in, so the same file added on two days
    is the same bundle.
    """
    return digest_of_quads(q for q in bundle.quads if q.predicate != PROV.generatedAtTime)


def digest_of_quads(quads: Iterable[Quad]) -> str:
    """The SHA-256 of some quads, whatever their order."""
    return hashlib.sha256("\n".join(sorted(map(str, quads))).encode()).hexdigest()


def _match(version: NamedNode, wanted: str | None, stored: str | None) -> None:
    if wanted is not None and wanted not in (stored, "*" if stored else None):
        raise PreconditionFailed(
            f"{version.value} has changed: If-Match names {wanted}, and stored is "
            f"{stored or 'nothing'}. Fetch it again and redo the change."
        )
