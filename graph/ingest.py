"""The one write path: read, complete, check, keep, log, answer.

Every road into the store (CLI, Python, HTTP) ends in `Writer`, so there is one
gate and one lock: Oxigraph loses updates when two threads read, modify and
write at once (94 to 97 of 100 increments survived), so only one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from time import perf_counter

from pyoxigraph import Literal, NamedNode, Quad

from graph import catalog
from graph.bundle import Bundle, Graphs, content_digest
from graph.commits import Commits
from graph.conditions import Match, require
from graph.errors import Conflict, Gone, NotFound, Refused
from graph.facts import Subject
from graph.formats import NQUADS, dumps
from graph.groups import Group
from graph.journal import Journal, Write
from graph.overlay import Layer, Overlay
from graph.quotes import QuoteCheck
from graph.report import Report, Result
from graph.store import Store
from graph.surroundings import Leaving, adopted, context_of, leaning, leaving, less_judged, stated
from graph.texts import TextArchive
from graph.validation import validate
from graph.vocab import ASC, PROV, RDF, XSD

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


@dataclass(slots=True)
class _Put:
    """A bundle on its way in: what is to be done with it, and the verdict on it."""

    bundle: Bundle
    digest: str
    act: str
    text: bytes | None
    report: Report = field(default_factory=lambda: Report(()))
    verbatim: frozenset[Subject] = frozenset()

    @property
    def version(self) -> NamedNode:
        return self.bundle.version


def _now() -> datetime:
    return datetime.now(UTC)


class Writer:
    """Checks bundles and keeps them; with a journal, logged first, and the store follows."""

    def __init__(
        self,
        store: Store,
        texts: TextArchive,
        base: str,
        clock: Clock = _now,
        journal: Journal | None = None,
    ) -> None:
        self._texts = texts
        self._graphs = Graphs(base)
        self._clock = clock
        self.on_check: Callable[[float], object] = lambda _: None  # told the seconds it took
        self.commits = Commits(store, self._graphs, journal)
        self._view = self.commits.view
        latest = journal.latest() if journal else None
        self._latest = datetime.fromisoformat(latest.at) if latest else None

    def check(self, bundle: Bundle, text: bytes | None = None) -> Report:
        """Every rule the bundle would break if it were put in the store now."""
        layer = Layer()
        view = Overlay(self.commits.stated, [layer])
        left = leaving(view, self._graphs, [bundle.version], _shared_of(bundle))
        layer.apply(removed=left.quads[bundle.version])
        return self._judge(view, bundle, text)[0]

    def add(
        self,
        bundle: Bundle,
        text: bytes | None = None,
        *,
        replace: bool = False,
        if_match: Match = None,
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
        texts = {bundle.version: text} if text is not None else {}
        return self._write([bundle], (), texts, replace=replace, if_match=if_match, by=by)[0]

    def write(
        self,
        bundles: Sequence[Bundle] = (),
        retract: Sequence[NamedNode] = (),
        *,
        texts: Mapping[NamedNode, bytes] | None = None,
        replace: bool = True,
        if_match: Match = None,
        by: str = "",
    ) -> list[Receipt]:
        """Put several bundles in the store and take others out, in one atomic step.

        They are checked as they will stand together: all go in, or none.

        Shape: one receipt for each bundle, then one for each retraction;
            `texts` holds the bytes of sources by version.
        Raises: as `add`, with the results of all bundles in one report; NotFound
            and Gone as `retract`.
        """
        return self._write(bundles, retract, texts or {}, replace=replace, if_match=if_match, by=by)

    def retract(self, version: NamedNode, *, if_match: Match = None, by: str = "") -> Receipt:
        """Take a bundle out, with the shared things that nothing else names.

        Raises: NotFound; Gone if it was retracted before; PreconditionFailed;
            Refused if another bundle could not stand without it.
        """
        return self._write((), [version], {}, replace=True, if_match=if_match, by=by)[0]

    def alone(self) -> AbstractContextManager[None]:
        """Keep others from writing; see `graph.commits.Commits.alone`."""
        return self.commits.alone()

    def catch_up(self) -> int:
        """Apply the logged writes that the store lacks; gives how many there were."""
        return self.commits.catch_up()

    def digest_of(self, version: NamedNode) -> str | None:
        """The content digest of a stored bundle, or None if it is not stored."""
        return catalog.digest_in(Overlay(self.commits.stated, []), version, self._graphs)

    def pending_digest_of(self, version: NamedNode) -> str | None:
        """The digest of a bundle, "" for one that was retracted, pending writes counted."""
        with self.commits.trial():
            entry = self._view.match(version, None, None, self._graphs.catalog)
        digests = (q.object for q in entry if q.predicate == ASC.bundleDigest)
        return (
            next((each.value for each in digests if isinstance(each, Literal)), "")
            if entry
            else None
        )

    def revision(self) -> int:
        """How many writes have changed the dataset."""
        return self.commits.revision()

    def stated(self, version: NamedNode) -> Bundle:
        """A stored bundle as it was stated: nothing derived, no bookkeeping."""
        return stated(Overlay(self.commits.stated, []), version, self._graphs)

    def latest(self) -> datetime | None:
        """When the last write was, as far as is known."""
        return self._latest

    def _write(
        self,
        bundles: Sequence[Bundle],
        retract: Sequence[NamedNode],
        texts: Mapping[NamedNode, bytes],
        *,
        replace: bool,
        if_match: Match,
        by: str,
    ) -> list[Receipt]:
        group: Group | None = None
        with self.commits.trial() as layer:
            time = self.time()
            puts = [self._put(each, texts.get(each.version), replace, if_match) for each in bundles]
            drops = {version: self._stored(version, if_match) for version in retract}
            new = [put for put in puts if put.act != "unchanged"]
            if new or drops:
                for put in new:
                    put.bundle = self._stamped(put, time)
                found = self._admit(layer, new, drops, time)
                receipts, writes = self._changes(layer, new, drops, found, time, by)
                group = self.commits.enlist(writes, layer)
            else:
                receipts = {}
        if group is None:
            self.commits.flush()
        else:
            self.commits.settle(group)
        return [
            *(receipts.get(put.version) or self._unchanged(put) for put in puts),
            *(receipts[version] for version in drops),
        ]

    def _put(self, bundle: Bundle, text: bytes | None, replace: bool, if_match: Match) -> _Put:
        digest = content_digest(bundle)
        bundle = less_judged(self._view, bundle)
        stored = catalog.digest_in(self._view, bundle.version, self._graphs)
        require(if_match, bundle.version.value, stored)
        news = any(quad.graph_name == self._graphs.judgements for quad in bundle.quads)
        if stored == digest and not news and (text is None or self._texts.of(bundle) == text):
            return _Put(bundle, digest, "unchanged", text)
        if stored and stored != digest and not replace:
            raise Conflict(
                f"{bundle.version.value} is stored already with other content. "
                "Replace it (`ascribe add --replace`, or HTTP PUT) or leave it."
            )
        return _Put(bundle, digest, "replaced" if stored else "added", text)

    def _stored(self, version: NamedNode, if_match: Match) -> str:
        stored = catalog.digest_in(self._view, version, self._graphs)
        if stored is None:
            raise self._absent(version)
        require(if_match, version.value, stored)
        return stored

    def _admit(
        self, layer: Layer, puts: Sequence[_Put], drops: Iterable[NamedNode], time: Literal
    ) -> Leaving:
        """What leaves with the change, if all that would then stand is sound.

        Raises: Refused with everything that would not be.
        """
        going = {*drops, *(put.version for put in puts if put.act == "replaced")}
        anew = {subject for put in puts for subject in _shared_of(put.bundle)}
        found = leaving(self._view, self._graphs, going, anew)
        left = found.quads
        for put in puts:
            entry = self._view.match(put.version, None, None, self._graphs.catalog)
            left.setdefault(put.version, set()).update(entry)
        for quads in left.values():
            layer.apply(removed=quads)
        layer.apply(added=(catalog.retracted(self._graphs, each, time) for each in drops))
        if len(puts) > 1:  # each is seen by the others
            for put in puts:
                layer.apply(added=put.bundle.quads)
        for put in puts:
            put.report, quotes = self._judge(self._view, put.bundle, put.text)
            put.verbatim = quotes.verbatim
        broken = [put.report for put in puts if not put.report.conforms]
        if going and not broken:
            layer.apply(added=(quad for put in puts for quad in put.bundle.quads))
            broken = self._broken_by(left, layer, {*going, *(put.version for put in puts)})
        if broken:
            raise Refused(reduce(Report.joined, broken))
        return found

    def _broken_by(
        self, left: Mapping[NamedNode, set[Quad]], layer: Layer, changed: set[NamedNode]
    ) -> list[Report]:
        """What no longer holds in stored bundles that name what loses its class."""
        lost = {
            quad.subject
            for quads in left.values()
            for quad in quads
            if quad.predicate == RDF.type
            and quad.graph_name not in (self._graphs.entailed, self._graphs.catalog)
            and quad in layer.removed
        }
        found = []
        before = self._view.without(layer)
        for version in leaning(self._view, self._graphs, lost, changed):
            now = self._judge(self._view, stated(self._view, version, self._graphs))[0]
            if not now.conforms:
                then = self._judge(before, stated(before, version, self._graphs))[0]
                new = tuple(each for each in now.results if each not in then.results)
                found.append(Report(new))
        return [report for report in found if not report.conforms]

    def _changes(
        self,
        layer: Layer,
        puts: Iterable[_Put],
        drops: Mapping[NamedNode, str],
        found: Leaving,
        time: Literal,
        by: str,
    ) -> tuple[dict[NamedNode, Receipt], list[Write]]:
        """An admitted change as receipts and lines for the log, one for each bundle."""
        left = found.quads
        revision = self.commits.next_revision()
        receipts: dict[NamedNode, Receipt] = {}
        coming: dict[NamedNode, set[Quad]] = {}
        for put in puts:
            if put.text is not None:
                self._texts.put(put.text)
            quads = catalog.completed(put.bundle, put.digest, put.verbatim, time)
            coming[put.version] = quads
            number = revision + len(receipts)
            quads.add(catalog.made_by(self._graphs, put.version, number))
            receipts[put.version] = self._receipt(put, number, len(quads))
        for version, digest in drops.items():
            number = revision + len(receipts)
            stays = catalog.tombstone(self._graphs, version, number, time, left[version])
            coming[version] = {*stays}
            receipts[version] = Receipt(
                version.value, "retracted", digest, number, quads=len(left[version])
            )
        for version, receipt in receipts.items():
            activity = catalog.activity(self._graphs, version, receipt.revision, time, by)
            coming[version].update(activity)
        layer.apply(added=set().union(*coming.values()))
        children = set(adopted(self._view, self._graphs, found.orphans))
        next(iter(coming.values())).update(children)
        layer.apply(added=children)
        until = revision + len(receipts) - 1 if len(receipts) > 1 else 0
        lines = catalog.lines(self._view.without(layer), self._graphs, coming, left)
        writes = [
            Write(
                *(receipts[version].revision, time.value, receipts[version].state, version.value),
                by=by,
                coming=dumps(new, NQUADS),
                leaving=dumps(gone, NQUADS),
                until=until,
                exact=True,
            )
            for version, new, gone in lines
        ]
        return receipts, writes

    def _judge(
        self, view: Overlay, bundle: Bundle, text: bytes | None = None
    ) -> tuple[Report, QuoteCheck]:
        started = perf_counter()
        source = text if text is not None else self._texts.of(bundle)
        found = validate(bundle, source, context_of(view, bundle))
        self.on_check(perf_counter() - started)
        return found

    def _stamped(self, put: _Put, now: Literal) -> Bundle:
        """A bundle with record times; stored statements keep the one they have."""
        wanted = (None, PROV.generatedAtTime, None, put.version)
        kept = self._view.find(*wanted) if put.act == "replaced" else ()
        return put.bundle.with_quads(catalog.stamps(put.bundle, now, kept))

    def _receipt(self, put: _Put, revision: int, quads: int) -> Receipt:
        report = put.report
        return Receipt(
            *(put.version.value, put.act, put.digest, revision),
            statements=len(put.bundle.subjects_of(ASC.Statement)),
            quads=quads,
            quotes_checked=report.quotes_checked,
            quotes_unchecked=report.quotes_unchecked,
            warnings=report.warnings,
        )

    def _unchanged(self, put: _Put) -> Receipt:
        statements = len(put.bundle.subjects_of(ASC.Statement))
        return Receipt(put.version.value, put.act, put.digest, self.revision(), statements)

    def _absent(self, version: NamedNode) -> NotFound:
        gone = self._view.match(version, PROV.invalidatedAtTime, None, self._graphs.catalog)
        if gone:
            when = gone[0].object.value  # type: ignore[union-attr]
            return Gone(f"{version.value} was retracted on {when}.")
        return NotFound(f"No bundle {version.value} is stored. `ascribe log` lists what was added.")

    def time(self) -> Literal:
        """The record time of a write, never before an earlier one, spelt as the store does."""
        now = self._clock()
        self._latest = now if self._latest is None else max(now, self._latest)
        day, dot, fraction = self._latest.isoformat().removesuffix("+00:00").partition(".")
        return Literal(day + (dot + fraction).rstrip("0.") + "Z", datatype=XSD.dateTime)


def _shared_of(bundle: Bundle) -> set[Subject]:
    """The shared things that a bundle describes."""
    return {quad.subject for quad in bundle.quads if quad.graph_name in bundle.graphs.shared}
