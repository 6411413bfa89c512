"""Putting sources into the tables of the index, and taking them out."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple

from graph.index.entries import Entry, Named, Names, Related
from graph.index.folding import fold
from graph.index.wanted import FACETS

ROLES = {name: number for number, name in enumerate((*FACETS, "relay"), 1)}
"""The facets, and who passes words on, as the tables have them."""


class Writing:
    """One change of the tables, within one transaction."""

    def __init__(self, connection: sqlite3.Connection, names: Names) -> None:
        self._run = connection.execute
        self._run_many = connection.executemany
        self._names = names
        self._next = {each: self._one(f"SELECT max(id) FROM {each}") + 1 for each in _NUMBERED}
        self._tally: Counter[tuple[int, int]] = Counter()
        self._things: dict[str, int] = {}
        self._new: set[str] = set()
        self._doubted: set[int] = set()  # things that may be called otherwise, or be gone

    def remove(self, version: str) -> None:
        """Take out what the index has of a source."""
        row = self._run("SELECT id FROM source WHERE iri = ?", (version,)).fetchone()
        if row is None:
            return
        within = "(SELECT id FROM statement WHERE source = ?)"
        links = f"SELECT role, thing, count(*) FROM link WHERE statement IN {within} GROUP BY 1, 2"
        for role, thing, number in self._run(links, row).fetchall():
            self._tally[role, thing] -= number
            self._doubted.add(thing)
        self._run(f"DELETE FROM link WHERE statement IN {within}", row)
        self._run(f"DELETE FROM words WHERE rowid IN {within}", row)
        self._run(f"DELETE FROM told WHERE statement IN {within}", row)
        self._run("DELETE FROM statement WHERE source = ?", row)
        self._run("DELETE FROM titles WHERE rowid = ?", row)
        self._run("DELETE FROM source WHERE id = ?", row)
        self._run("DELETE FROM related WHERE source = ?", (version,))

    def put(self, entry: Entry) -> None:
        """Put a source in, which is not there."""
        source = self._number("source")
        facts = (entry.title, entry.language, len(entry.statements), entry.recorded)
        row = (source, entry.version, *facts, entry.told.source)
        self._run("INSERT INTO source VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self._run("INSERT INTO titles (rowid, text) VALUES (?, ?)", (source, fold(entry.title)))
        rows, links, words, told = [], [], [], []
        for said in entry.statements:
            number = self._number("statement")
            rows.append(
                (
                    *(number, said.iri, source, said.quote, said.marks, entry.language),
                    *(said.kind, said.place, said.depth, said.recorded, said.is_latest),
                    said.is_part,
                )
            )
            told.append((number, entry.told.statements[said.iri]))
            for facet, value in said.links:
                role, thing = ROLES[facet], self._thing(value)
                links.append((number, role, thing))
                self._tally[role, thing] += 1
            things = sorted({self._thing(value) for _, value in said.links})
            found_by = " ".join(f"t{thing}" for thing in things)
            words.append((number, fold(said.quote), said.meaning, found_by))
        self._run_many("INSERT INTO statement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._run_many("INSERT INTO told VALUES (?, ?)", told)
        self._run_many("INSERT INTO link VALUES (?, ?, ?)", links)
        self._run_many(
            "INSERT INTO words (rowid, quote, meaning, things) VALUES (?, ?, ?, ?)", words
        )

    def put_related(self, asked: Iterable[str], found: Iterable[Related]) -> None:
        """Have these relations in place of what was there of some assessments."""
        self._run_many("DELETE FROM related WHERE assessment = ?", ((each,) for each in asked))
        self._run_many(
            "INSERT OR REPLACE INTO related VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((*astuple(each), each.counts) for each in found),
        )

    def add_shared(self, told: Mapping[str, bytes]) -> None:
        """Have this told of things that sources share, beside what was told before."""
        self._run_many(
            "INSERT INTO shared VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET facts = CAST(facts || excluded.facts AS BLOB)",
            told.items(),
        )

    def put_shared(self, told: Mapping[str, bytes]) -> None:
        """Have this told of them and nothing else; nothing at all where it is empty."""
        self._run_many("DELETE FROM shared WHERE iri = ?", ((iri,) for iri in told))
        self.add_shared({iri: facts for iri, facts in told.items() if facts})

    def finish(self, renamed: set[str]) -> None:
        """Bring the counts up to what was put in and taken out, and the names to what they are."""
        count = "INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET number = number + ?"
        changes = ((*at, number, number) for at, number in self._tally.items() if number)
        self._run_many(count, changes)
        if self._doubted:
            self._run("DELETE FROM tally WHERE number = 0 AND role > 0")
        for iri in renamed - self._new:
            row = self._run("SELECT id FROM thing WHERE iri = ?", (iri,)).fetchone()
            self._doubted.update(row or ())
        for thing in self._doubted:
            self._settle(thing)

    def _settle(self, thing: int) -> None:
        """Have a thing called as it is now, or leave it out if nothing is said by or about it."""
        is_used = "SELECT 1 FROM tally WHERE thing = ?"
        if not self._run(is_used, (thing,)).fetchone():
            self._run("DELETE FROM names WHERE rowid = ?", (thing,))
            self._run("DELETE FROM thing WHERE id = ?", (thing,))
            return
        row = self._run("SELECT iri, label, language FROM thing WHERE id = ?", (thing,)).fetchone()
        if ":" not in row[0]:
            return
        now = self._names.of(row[0])
        names = self._run("SELECT text FROM names WHERE rowid = ?", (thing,)).fetchone()
        if (now.label, now.language, now.names) != (row[1], row[2], names[0]):
            label = (now.label, now.language, fold(now.label), thing)
            self._run("UPDATE thing SET label = ?, language = ?, folded = ? WHERE id = ?", label)
            self._run("UPDATE names SET text = ? WHERE rowid = ?", (now.names, thing))

    def _thing(self, iri: str) -> int:
        """The number of something that statements have in common; kinds, months and hands
        stand for themselves."""
        known = self._things.get(iri)
        if known is not None:
            return known
        row = self._run("SELECT id FROM thing WHERE iri = ?", (iri,)).fetchone()
        if row is None:
            row = (self._number("thing"),)
            named = self._names.of(iri) if ":" in iri else Named(iri, iri, "", "")
            told = (row[0], iri, named.label, named.language, fold(named.label), named.narrates)
            self._run("INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?)", told)
            self._run("INSERT INTO names (rowid, text) VALUES (?, ?)", (row[0], named.names))
            self._new.add(iri)
        self._things[iri] = row[0]
        return int(row[0])

    def _number(self, table: str) -> int:
        self._next[table] += 1
        return self._next[table] - 1

    def _one(self, query: str) -> int:
        return int(self._run(query).fetchone()[0] or 0)


_NUMBERED = ("source", "statement", "thing")
