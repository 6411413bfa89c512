"""The index kept in step with the store: in the same write, or as soon as somebody looks.

What is in it follows from what is stored, and it says up to which write. So nothing is
lost where it lags behind after a crash, a bulk load or a write by an older program:
whoever reads it has what is missing read first. New bundles are read from their lines
in the log, where a quad costs a tenth of what it costs in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice

from pyoxigraph import NamedNode

from graph.bundle import Graphs, entailed_of
from graph.commits import Commits
from graph.facts import facts_of
from graph.index.entries import (
    Entry,
    Names,
    Related,
    entry_of,
    judged_in,
    logged,
    related_in,
    renamed_in,
    stored,
)
from graph.index.tables import Tables
from graph.index.told import as_nquads, shared_in, shared_of, told_in
from graph.index.writing import Writing
from graph.journal import Journal, Write
from graph.store import Store
from graph.vocab import ASC, PROV

_AT_ONCE = 40
"""As many writes are read while the store is held still, some 100 ms."""

_MOST_NAMES = 200_000

Told = Callable[[int, int], object]
"""Is told how many writes are done, of how many."""


class Keeper:
    """Keeps the tables of one dataset's index."""

    def __init__(
        self, tables: Tables, commits: Commits, graphs: Graphs, journal: Journal | None = None
    ) -> None:
        self.tables = tables
        self._commits = commits
        self._graphs = graphs
        self._journal = journal

    def lag(self) -> int:
        """How many writes are acknowledged and not in the index; below 0 if it is of
        another dataset."""
        return self._commits.revision() - self._at("revision")

    def doubt_relations(self) -> None:
        """Have all computed relations read again."""
        with self.tables.writing():
            self.tables.set("related", -1)

    def anew(self, told: Told = lambda _done, _all: None) -> int:
        """Make the index anew; gives how many writes were read."""
        self.tables.make_anew()
        return self.catch_up(told)

    def catch_up(self, told: Told = lambda _done, _all: None) -> int:
        """Read what is missing now; gives how many writes were looked at.

        Shape: those who come meanwhile wait, and share what the next of them reads.
        Raises: StoreFault if the disk refuses.
        """
        wanted, related = self._commits.revision(), self._commits.related_upto()
        with self.tables.lock:
            if self.lag() < 0:
                self.tables.make_anew()
            elif self._at("revision") >= wanted and self._at("related") >= related:
                return 0
            with self._commits.standing() as upto:
                after = self._at("revision")
            names, done = Names(self._commits.store), 0
            waiting = iter(self._writes(after, upto))
            while part := [*islice(waiting, _AT_ONCE)]:
                self._read(part, names)
                done += len(part)
                told(done, upto - after)
                if len(names) > _MOST_NAMES:
                    names = Names(self._commits.store)
            self._merge(names)
            self._relate()
        return done

    def _at(self, name: str) -> int:
        """Up to which write something is in the index; below 0 if that is in doubt."""
        return int(self.tables.get(name) or 0)

    def _writes(self, after: int, upto: int) -> Iterator[Write]:
        """The writes after one; where there is no log, what each was about."""
        if self._journal is not None:
            yield from (each for each in self._journal.writes(after) if each.revision <= upto)
            return
        store, catalog = self._commits.store, self._graphs.catalog
        for number in range(after + 1, upto + 1):
            write = NamedNode(f"{self._graphs.base}write/{number}")
            for quad in store.match(write, PROV.used, None, catalog):
                yield Write(number, "", "", quad.object.value, "")  # type: ignore[union-attr]

    def _read(self, writes: list[Write], names: Names) -> None:
        """Put in what some writes brought, as it is stored now."""
        last = {each.bundle: each for each in writes}  # the last write of a bundle counts
        with self._commits.standing():
            assessments = {each for write in writes for each in judged_in(write)}
            entries: list[Entry] = []
            renamed: set[str] = set()
            for write in writes:
                renamed |= renamed_in(write, self._graphs.entities)
            for write in sorted(last.values(), key=lambda each: each.revision):
                version = NamedNode(write.bundle)
                entries += self._entries([version], names, write)
                if self._journal is None:
                    assessments.add(version)
                    renamed.update(self._described(version))
            names.forget(renamed)
            related = [
                *self._weighed(each for entry in entries for each in entry.related),
                *self._weighed(self._related(assessments)),
            ]
            with self.tables.writing() as connection:
                writing = Writing(connection, names)
                for bundle in last:
                    writing.remove(bundle)
                for entry in entries:
                    writing.put(entry)
                writing.put_related((each.value for each in assessments), related)
                self._share(writing, writes)
                writing.finish(renamed)
                self.tables.set("revision", writes[-1].revision)

    def _entries(
        self, versions: Iterable[NamedNode], names: Names, write: Write | None = None
    ) -> Iterator[Entry]:
        """What to keep of some bundles, those that are stored; of a new one as the log has it."""
        store, catalog = self._commits.store, self._graphs.catalog
        for version in versions:
            if not any(store.find(version, ASC.bundleDigest, None, catalog)):
                continue
            if write is not None and write.act == "added" and not self._commits.merged:
                quads, lines = logged(write), write.coming
            else:
                whole = (store.match(graph=each) for each in (version, entailed_of(version)))
                quads, lines = stored(store, version), as_nquads(chain.from_iterable(whole))
            names.learn(quads)
            yield entry_of(version, quads, names, told_in(lines, version))

    def _share(self, writing: Writing, writes: Iterable[Write]) -> None:
        """Put in what some writes tell of things that sources share.

        Shape: what only came is added to what is there; else it is read from the store.
        """
        anew: set[str] = set()
        for write in writes:
            coming, leaving = (
                shared_in(quads, self._graphs) for quads in (write.coming, write.leaving)
            )
            anew.update(leaving)
            if kept := self._commits.merged.kept:
                for iri in (*coming, *leaving):
                    anew.update((iri, kept.get(node := NamedNode(iri), node).value))
            else:
                writing.add_shared(coming)
            if self._journal is None:
                anew.update(self._described(NamedNode(write.bundle)))
        self._share_anew(writing, anew)

    def _share_anew(self, writing: Writing, iris: Iterable[str]) -> None:
        store = self._commits.store
        writing.put_shared({iri: shared_of(store, self._graphs, iri) for iri in iris})

    def _merge(self, names: Names) -> None:
        """Read anew what speaks of those for whom another stands now, or no longer."""
        with self._commits.standing():
            kept = {(a.value, b.value) for a, b in self._commits.merged.kept.items()}
            run = self.tables.connection().execute
            changed = kept ^ {*run("SELECT gone, kept FROM merged")}
            if not changed:
                return
            concerned = {(iri,) for pair in changed for iri in pair}
            names.forget(iri for (iri,) in concerned)
            query = """
                SELECT DISTINCT o.iri FROM told t
                JOIN statement s ON s.id = t.statement JOIN source o ON o.id = s.source
                WHERE instr(unpacked(t.facts), ?) OR instr(unpacked(o.told), ?)"""
            sharing = "SELECT iri FROM shared WHERE instr(facts, ?)"
            found: set[str] = set()
            shared = {iri for (iri,) in concerned}
            for (iri,) in concerned:
                written = f"<{iri}>".encode()
                found.update(each for (each,) in run(query, (written, written)))
                shared.update(each for (each,) in run(sharing, (written,)))
            with self.tables.writing() as connection:
                writing = Writing(connection, names)
                for version in sorted(found):
                    writing.remove(version)
                    for entry in self._entries([NamedNode(version)], names):
                        writing.put(entry)
                        writing.put_related((), self._weighed(entry.related))
                self._share_anew(writing, shared)
                writing.finish({iri for (iri,) in concerned})
                connection.execute("DELETE FROM merged")
                connection.executemany("INSERT INTO merged VALUES (?, ?)", kept)

    def _described(self, version: NamedNode) -> Iterator[str]:
        """The shared things that a bundle describes."""
        for quad in self._commits.store.find(version, ASC.describes, None, self._graphs.catalog):
            if isinstance(quad.object, NamedNode):
                yield quad.object.value

    def _related(self, assessments: Iterable[NamedNode]) -> Iterator[Related]:
        """What is stored of some assessments."""
        for each in assessments:
            quads = self._commits.store.match(each)
            home = quads[0].graph_name.value if quads else ""  # type: ignore[union-attr]
            is_stated = home != self._graphs.relations.value
            yield from related_in(
                facts_of(quads), home.removesuffix("/assessments") if is_stated else ""
            )

    def _weighed(self, related: Iterable[Related]) -> Iterator[Related]:
        """The same, with what has become of them since."""
        store = self._commits.store
        are_judged = any(store.find(graph=self._graphs.judgements))
        stand: dict[str, bool] = {}
        for each in related:
            for end in (each.subject, each.object):
                if end not in stand:
                    node = NamedNode(end)
                    stand[end] = any(store.find(node, ASC.source)) and not any(
                        store.find(node, PROV.invalidatedAtTime)
                    )
            verdicts = _verdicts(store, each.assessment) if are_judged else set()
            yield replace(
                each,
                candidate=each.candidate and not verdicts,
                verdict=min(verdicts, key=lambda one: (one != "rejected", one), default=""),
                stands=stand[each.subject] and stand[each.object],
            )

    def _relate(self) -> None:
        """Bring the computed relations up to what rules have found."""
        with self._commits.standing():
            upto, changed = self._commits.related_since(self._at("related"))
            found = self._all_computed() if changed is None else self._related(changed)
            related = [*self._weighed(found)]
            with self.tables.writing() as connection:
                if changed is None:
                    connection.execute("DELETE FROM related WHERE source = ''")
                writing = Writing(connection, Names(self._commits.store))
                writing.put_related((each.value for each in changed or ()), related)
                self.tables.set("related", upto)

    def _all_computed(self) -> Iterator[Related]:
        """All that rules have found, property by property: sooner than one by one."""
        store, graph = self._commits.store, self._graphs.relations
        wanted = (ASC.subject, ASC.relation, ASC.object, ASC.confidence, ASC.basis, ASC.rule)
        return related_in(
            facts_of(q for each in wanted for q in store.find(None, each, None, graph))
        )


def _verdicts(store: Store, assessment: str) -> set[str]:
    found = set()
    for judged in store.match(None, ASC.judged, NamedNode(assessment)):
        for quad in store.find(judged.subject, ASC.verdict):
            found.add(quad.object.value.rpartition("#")[2])  # type: ignore[union-attr]
    return found
