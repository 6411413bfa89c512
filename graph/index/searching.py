"""Asking the index for statements, by words and facets."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graph.index.folding import fold
from graph.index.lists import Lists
from graph.index.tables import Tables
from graph.index.wanted import FACETS, Term, Wanted
from graph.index.writing import ROLES

_MOST_NAMESAKES = 40
"""As many things that have a word in their names are looked for by it, those with most to
say first."""

_MOST_NAMES = 1_000
"""So many names that have a word are looked through for these."""

_MOST_FOUND = 1_000
"""Statements are read and counted up to here, and put in the order of how well they fit. Of
more it is said that there are more, and the latest come first."""

_MOST_COUNTED = 500
"""Of more statements than these the facets are counted over the latest so many."""

_SHARED = frozenset({"speaker", "outlet"})
"""The facets whose values statements have in other roles, too."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A statement that was found.

    Shape: `speakers`, `relays` (who passed it on) and `outlets` are names, several joined
        by a semicolon; `marks` are the quotation marks of the source, and `narrated` says
        that it speaks itself.
    """

    iri: str
    quote: str
    marks: str
    language: str
    kind: str
    speakers: str
    relays: str
    outlets: str
    source: str
    title: str
    recorded: str
    narrated: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet, and how many of the statements have it."""

    value: str
    label: str
    language: str
    number: int


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something with a name.

    Shape: `names` are the words of all its names, folded.
    """

    iri: str
    label: str
    names: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Shape: `total` counts the statements that fit, of which there are `more` where nobody
        counted on; `hits` are those from `offset` on;
        `facets` give the commonest values, narrators left out, counted over `counted` of
        them; `ranked` says whether the best come first, and not the latest.
    """

    wanted: Wanted
    total: int
    hits: tuple[Hit, ...]
    offset: int
    facets: dict[str, tuple[Value, ...]]
    chosen: dict[str, Value]
    counted: int
    ranked: bool
    more: bool


class Searcher(Lists):
    """Finds statements by words and facets; `base` is what relative IRIs are relative to."""

    def __init__(self, tables: Tables, base: str) -> None:
        super().__init__(tables)
        self._base = base

    def search(self, wanted: Wanted, limit: int = 20, offset: int = 0, values: int = 12) -> Found:
        """The statements that fit, the best or latest first, with the commonest facets.

        Raises: StoreFault if the index cannot be read.
        """
        with self._tables.faults():
            ask = _Asking(self._tables.connection(), self._base, wanted)
            total, more = ask.total()
            ranked = ask.is_ranked(more)
            return Found(
                wanted,
                total,
                tuple(ask.page(limit, offset, ranked)) if total else (),
                offset,
                ask.facets(values) if total else dict.fromkeys(FACETS, ()),
                ask.chosen(),
                min(total, _MOST_COUNTED) if not wanted.is_open else total,
                ranked,
                more,
            )

    def all_hits(self, wanted: Wanted) -> Iterator[Hit]:
        """Every statement that fits, in the order of `search`."""
        with self._tables.faults():
            ask = _Asking(self._tables.connection(), self._base, wanted)
            yield from ask.hits(-1, 0, ask.is_ranked(ask.total()[1]))

    def named(self, words: str, limit: int, *, begins: bool = False) -> list[Named]:
        """Who and what has any of some folded words in a name, the best first; sources too.

        Shape: with `begins` all words are looked for, the last as the beginning of one.
        """
        parts = [f'"{word}"' for word in words.split()]
        match = " ".join(parts) + " *" if begins else " OR ".join(parts)
        found = self._rows(
            "SELECT iri, label, text FROM names JOIN thing ON thing.id = names.rowid "
            "WHERE names MATCH ? AND NOT narrates ORDER BY bm25(names), names.rowid LIMIT ?",
            *(match, limit),
        )
        titles = self._rows(
            "SELECT iri, title FROM titles JOIN source ON source.id = titles.rowid "
            "WHERE titles MATCH ? ORDER BY bm25(titles), titles.rowid LIMIT ?",
            *(match, limit),
        )
        documents = {iri.partition("/v/")[0]: title for iri, title in titles}
        return [
            *(Named(*row) for row in found),
            *(Named(iri, title, fold(title)) for iri, title in documents.items()),
        ]


class _Asking:
    """One search, put into SQL."""

    def __init__(self, connection: sqlite3.Connection, base: str, wanted: Wanted) -> None:
        self._run = connection.execute
        self._base = base
        self._wanted = wanted
        self._things = {name: self._thing(value) for name, value in wanted.facets.items()}
        self._match, without = self._expression()
        self._narrowed: list[str] = []  # conditions on {id}, the words aside
        self._values: list[object] = []
        if self._match:
            for name in _SHARED & self._things.keys():
                self._narrowed.append(
                    "EXISTS (SELECT 1 FROM link WHERE statement = {id} AND role = ? AND thing = ?)"
                )
                self._values += (ROLES[name], self._things[name])
        elif without:
            self._narrowed.append("{id} NOT IN (SELECT rowid FROM words WHERE words MATCH ?)")
            self._values.append(without)
        self._fitting, self._given = self._by_time()

    @cached_property
    def _latest(self) -> list[int]:
        """The latest statements that fit, one more than are counted."""
        rows = self._run(f"{self._fitting} LIMIT ?", (*self._given, _MOST_FOUND + 1))
        return [number for (number,) in rows]

    def total(self) -> tuple[int, bool]:
        """How many statements fit, and whether there are more that nobody counted."""
        if self._match or self._narrowed:
            return min(len(self._latest), _MOST_FOUND), len(self._latest) > _MOST_FOUND
        return self._number(next(iter(self._things), "")), False

    def is_ranked(self, more: bool) -> bool:
        """Whether those that fit are put in the order of how well they do."""
        return not more and any(not each.without for each in self._wanted.terms)

    def page(self, limit: int, offset: int, ranked: bool) -> Iterator[Hit]:
        """As `hits`, from what was read for the count where that will do."""
        if ranked or offset + limit > _MOST_FOUND:
            return self.hits(limit, offset, ranked)
        chosen = self._latest[offset : offset + limit]
        return self._hits("SELECT value AS id FROM json_each(?)", json.dumps(chosen))

    def hits(self, limit: int, offset: int, ranked: bool) -> Iterator[Hit]:
        """Some of the statements that fit, in order."""
        if ranked:
            conditions = " AND ".join(["words MATCH ?", *self._conditions("words.rowid")])
            order = "ORDER BY bm25(words), rowid"
            fitting = f"SELECT rowid AS id FROM words WHERE {conditions} {order}"
            given = [self._match, *self._values]
        else:
            fitting, given = self._fitting, self._given
        return self._hits(f"{fitting} LIMIT ? OFFSET ?", *given, limit, offset)

    def _hits(self, fitting: str, *given: object) -> Iterator[Hit]:
        query = f"""
            WITH fitting AS MATERIALIZED ({fitting}),
            chosen AS MATERIALIZED (SELECT id, row_number() OVER () AS place FROM fitting)
            SELECT s.iri, s.quote, s.marks, s.language, s.kind, {_NAMES}, {_NAMES}, {_NAMES},
              o.iri, o.title, s.recorded, {_NARRATED}
            FROM chosen CROSS JOIN statement s ON s.id = chosen.id
            JOIN source o ON o.id = s.source ORDER BY chosen.place"""
        roles = (*(ROLES[each] for each in ("speaker", "relay", "outlet", "speaker")),)
        for row in self._run(query, (*given, *roles)):
            told: list[Any] = [*(each or "" for each in row[:-1]), bool(row[-1])]
            yield Hit(*told)

    def facets(self, most: int) -> dict[str, tuple[Value, ...]]:
        """The commonest values of each facet among the statements that fit."""
        if self._wanted.is_open:
            return {name: self._commonest(ROLES[name], most) for name in FACETS}
        query = """
            WITH counted AS MATERIALIZED (
              SELECT role, thing, count(*) AS number FROM json_each(?)
              CROSS JOIN link ON statement = value GROUP BY role, thing
            ),
            placed AS (
              SELECT counted.*, iri, label, language,
                row_number() OVER (PARTITION BY role ORDER BY number DESC, thing) AS place
              FROM counted CROSS JOIN thing ON thing.id = thing WHERE NOT narrates
            )
            SELECT role, iri, label, language, number FROM placed
            WHERE place <= ? ORDER BY role, place"""
        found: dict[int, list[Value]] = {role: [] for role in ROLES.values()}
        chosen = json.dumps(self._latest[:_MOST_COUNTED])
        for role, *value in self._run(query, (chosen, most)):
            found[role].append(Value(*value))
        return {name: tuple(found[ROLES[name]]) for name in FACETS}

    def chosen(self) -> dict[str, Value]:
        """What the chosen values are called; one that nothing has stands for itself."""
        query = "SELECT iri, label, language, 0 FROM thing WHERE id = ?"
        found: dict[str, Value] = {}
        for name, thing in self._things.items():
            given = self._wanted.facets[name]
            row = self._run(query, (thing,)).fetchone()
            found[name] = Value(*row) if row else Value(given, given, "", 0)
        return found

    def _commonest(self, role: int, most: int) -> tuple[Value, ...]:
        query = """
            SELECT iri, label, language, number FROM tally JOIN thing ON id = thing
            WHERE role = ? AND NOT narrates ORDER BY number DESC, thing LIMIT ?"""
        return tuple(Value(*row) for row in self._run(query, (role, most)))

    def _by_time(self) -> tuple[str, list[object]]:
        """The statements that fit, the latest first.

        Words and several facets meet in the index of words, where each is looked up once and
        read from its end, so that nobody reads more than is shown.
        """
        if self._match:
            conditions = ["words MATCH ?", *self._conditions("words.rowid")]
            query = f"SELECT rowid AS id FROM words WHERE {' AND '.join(conditions)}"
            return f"{query} ORDER BY rowid DESC", [self._match, *self._values]
        for name, thing in self._things.items():
            query = "SELECT statement AS id FROM link WHERE role = ? AND thing = ?"
            return f"{query} ORDER BY statement DESC", [ROLES[name], thing]
        where = f"WHERE {' AND '.join(self._conditions('id'))}" if self._narrowed else ""
        return f"SELECT id FROM statement {where} ORDER BY id DESC", self._values

    def _number(self, name: str) -> int:
        """How many statements have the value of a facet; how many there are, for none."""
        query = "SELECT coalesce(sum(number), 0) FROM tally WHERE role = ? AND (? OR thing = ?)"
        given = (ROLES[name or "hand"], not name, self._things.get(name, 0))
        return int(self._run(query, given).fetchone()[0])

    def _conditions(self, column: str) -> list[str]:
        """What the number of a statement that fits fulfils, in a column of that name."""
        return [each.format(id=column) for each in self._narrowed]

    def _thing(self, value: str) -> int:
        """The number of what a facet's value names; 0 if nothing is called so."""
        for name in (value, self._base + value):
            row = self._run("SELECT id FROM thing WHERE iri = ?", (name,)).fetchone()
            if row:
                return int(row[0])
        row = self._run("SELECT id FROM thing WHERE folded = ?", (fold(value),)).fetchone()
        return int(row[0]) if row else 0

    def _expression(self) -> tuple[str, str]:
        """What words and facets must match, and what must not if nothing else is wanted.

        Shape: one facet alone is looked up where its statements are listed.
        """
        terms = self._wanted.terms
        must = [self._alternatives(each) for each in terms if not each.without]
        without = " OR ".join(self._alternatives(each) for each in terms if each.without)
        if must or without or len(self._things) > 1:
            must += (f'{{things}} : "t{thing}"' for thing in self._things.values())
        match = " AND ".join(must)
        if match and without:
            return f"({match}) NOT ({without})", ""
        return match, without

    def _alternatives(self, term: Term) -> str:
        """A term as FTS5 takes it: in the words, or in the name of somebody or something."""
        phrase = f'"{term.words}"{" *" if term.begins else ""}'
        query = """
            SELECT id FROM (SELECT rowid AS id FROM names WHERE names MATCH ? LIMIT ?)
            ORDER BY (SELECT sum(number) FROM tally WHERE thing = id) DESC LIMIT ?"""
        found = self._run(query, (phrase, _MOST_NAMES, _MOST_NAMESAKES)).fetchall()
        among = f"{{quote meaning}} : {phrase}"
        if not found:
            return f"({among})"
        namesakes = " OR ".join(f'"t{thing}"' for (thing,) in found)
        return f"(({among}) OR ({{things}} : ({namesakes})))"


_NARRATED = """EXISTS (
  SELECT 1 FROM link JOIN thing ON thing.id = thing
  WHERE statement = s.id AND role = ? AND narrates
)"""

_NAMES = """(
  SELECT group_concat(label, '; ') FROM link JOIN thing ON thing.id = thing
  WHERE statement = s.id AND role = ?
)"""
