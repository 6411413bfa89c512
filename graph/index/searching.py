"""Asking the index: statements by words and facets, counts, what is new, who disagrees."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graph.index.folding import fold
from graph.index.tables import Tables
from graph.index.wanted import FACETS, Term, Wanted
from graph.index.writing import ROLES

_MOST_NAMESAKES = 40
"""As many things that have a word in their names are looked for by it, those with most to
say first."""

_MOST_RANKED = 5_000
"""Of more statements than these the latest come first, not those that fit best."""

_MOST_COUNTED = 2_000
"""Of more statements than these the facets are counted over the latest so many."""


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

    Shape: `total` counts all statements that fit, `hits` are those from `offset` on;
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


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are of each."""

    statements: int
    speakers: int
    events: int
    sources: int
    disputes: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two statements that disagree."""

    assessment: str
    subject: str
    relation: str
    object: str


@dataclass(frozen=True, slots=True)
class Source:
    """A source that was read, and how many statements it holds."""

    iri: str
    title: str
    language: str
    statements: int


@dataclass(frozen=True, slots=True)
class Listed:
    """Something with a page of its own, and when it was recorded, if that is known."""

    iri: str
    recorded: str


_LISTED_AT_ONCE = 50_000
"""As many addresses may stand in one sitemap. Source: sitemaps.org, Protocol."""

LISTED = {
    "statements": "SELECT id, iri, recorded FROM statement",
    "sources": "SELECT id, iri, recorded FROM source",
    "things": "SELECT id, iri || '.html' AS iri, '' AS recorded FROM thing WHERE NOT narrates "
    "AND iri LIKE '%:%'",
}
"""What has pages, each with a number of its own."""


class Searcher:
    """Reads the tables; `base` is what relative IRIs are relative to."""

    def __init__(self, tables: Tables, base: str) -> None:
        self._tables = tables
        self._base = base

    def search(self, wanted: Wanted, limit: int = 20, offset: int = 0, values: int = 12) -> Found:
        """The statements that fit, the best or latest first, with the commonest facets.

        Raises: StoreFault if the index cannot be read.
        """
        with self._tables.faults():
            ask = _Asking(self._tables.connection(), self._base, wanted)
            total = ask.total()
            ranked = ask.is_ranked(total)
            return Found(
                wanted,
                total,
                tuple(ask.hits(limit, offset, ranked)) if total else (),
                offset,
                ask.facets(values) if total else dict.fromkeys(FACETS, ()),
                ask.chosen(),
                min(total, _MOST_COUNTED) if not wanted.is_open else total,
                ranked,
            )

    def all_hits(self, wanted: Wanted) -> Iterator[Hit]:
        """Every statement that fits, in the order of `search`."""
        with self._tables.faults():
            ask = _Asking(self._tables.connection(), self._base, wanted)
            yield from ask.hits(-1, 0, ask.is_ranked(ask.total()))

    def counts(self) -> Counts:
        """How much there is."""
        of_role = "SELECT count(*) FROM tally WHERE role = ?"
        return Counts(
            self._number(
                "SELECT coalesce(sum(number), 0) FROM tally WHERE role = ?", ROLES["hand"]
            ),
            self._number(of_role, ROLES["speaker"]),
            self._number(of_role, ROLES["event"]),
            self._number("SELECT count(*) FROM source"),
            self._number("SELECT number FROM tally WHERE role = 0"),
        )

    def latest(self, limit: int) -> list[str]:
        """The whole statements attributed to somebody that were recorded last."""
        order = "recorded DESC, depth DESC, place, iri"
        query = f"SELECT iri FROM statement WHERE is_latest ORDER BY {order} LIMIT ?"
        return [iri for (iri,) in self._rows(query, limit)]

    def disputes(self, limit: int, offset: int = 0) -> list[Pair]:
        """The statements that disagree, the plainest and surest first."""
        query = (
            "SELECT assessment, subject, relation, object FROM dispute WHERE counts "
            "ORDER BY rank, candidate, confidence DESC, assessment LIMIT ? OFFSET ?"
        )
        return [Pair(*row) for row in self._rows(query, limit, offset)]

    def sources(self, limit: int, offset: int = 0) -> list[Source]:
        """The sources, the latest first."""
        query = (
            "SELECT iri, title, language, statements FROM source "
            "ORDER BY recorded DESC, iri LIMIT ? OFFSET ?"
        )
        return [Source(*row) for row in self._rows(query, limit, offset)]

    def lists(self, kind: str) -> Iterator[tuple[int, str]]:
        """The parts in which all of a kind are listed, and when the last of each was recorded."""
        last = self._number(f"SELECT coalesce(max(id), 0) FROM ({LISTED[kind]})")
        for number in range(1, -(-last // _LISTED_AT_ONCE) + 1):
            latest = f"SELECT recorded FROM ({LISTED[kind]}) WHERE id <= ? ORDER BY id DESC LIMIT 1"
            rows = self._rows(latest, number * _LISTED_AT_ONCE)
            yield number, rows[0][0] if rows else ""

    def listed(self, kind: str, number: int) -> list[Listed]:
        """One of those parts."""
        query = f"SELECT iri, recorded FROM ({LISTED[kind]}) WHERE id > ? AND id <= ? ORDER BY id"
        first = (number - 1) * _LISTED_AT_ONCE
        return [Listed(*row) for row in self._rows(query, first, first + _LISTED_AT_ONCE)]

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

    def _number(self, query: str, *values: int) -> int:
        return int(self._rows(query, *values)[0][0])

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._tables.faults():
            return self._tables.connection().execute(query, values).fetchall()


class _Asking:
    """One search, put into SQL."""

    def __init__(self, connection: sqlite3.Connection, base: str, wanted: Wanted) -> None:
        self._run = connection.execute
        self._base = base
        self._wanted = wanted
        self._things = {name: self._thing(value) for name, value in wanted.facets.items()}
        self._match = " AND ".join(self._expression(t) for t in wanted.terms if not t.without)
        self._narrowed: list[str] = []  # conditions on {id}, the words aside
        self._values: list[object] = []
        for name, thing in self._things.items():
            self._narrowed.append(
                "{id} IN (SELECT statement FROM link WHERE role = ? AND thing = ?)"
            )
            self._values += (ROLES[name], thing)
        for term in wanted.terms:
            if term.without:
                self._narrowed.append(f"{{id}} NOT IN ({_MATCHING})")
                self._values.append(self._expression(term))
        if self._match:
            self._values.append(self._match)
        self._where = self._conditions("id", f"id IN ({_MATCHING})")

    def total(self) -> int:
        """How many statements fit."""
        if not self._match and len(self._wanted.facets) == 1 and not self._wanted.terms:
            ((name, thing),) = self._things.items()
            query = "SELECT number FROM tally WHERE role = ? AND thing = ?"
            row = self._run(query, (ROLES[name], thing)).fetchone()
            return int(row[0]) if row else 0
        query = f"SELECT count(*) FROM statement {self._where}"
        return int(self._run(query, self._values).fetchone()[0])

    def is_ranked(self, total: int) -> bool:
        """Whether so many statements are put in the order of how well they fit."""
        return bool(self._match) and total <= _MOST_RANKED

    def hits(self, limit: int, offset: int, ranked: bool) -> Iterator[Hit]:
        """Some of the statements that fit, in order."""
        if ranked:
            where = self._conditions("+words.rowid", "words MATCH ?")
            chosen = f"SELECT rowid AS id, bm25(words) AS place FROM words {where} ORDER BY 2, 1"
        else:
            chosen = f"SELECT id, -id AS place FROM statement {self._where} ORDER BY id DESC"
        query = f"""
            WITH chosen AS MATERIALIZED ({chosen} LIMIT ? OFFSET ?)
            SELECT s.iri, s.quote, s.marks, s.language, s.kind, {_NAMES}, {_NAMES}, {_NAMES},
              o.iri, o.title, s.recorded, {_NARRATED}
            FROM chosen JOIN statement s ON s.id = chosen.id JOIN source o ON o.id = s.source
            ORDER BY chosen.place, chosen.id"""
        roles = (*(ROLES[each] for each in ("speaker", "relay", "outlet", "speaker")),)
        rows = self._run(query, (*self._values, limit, offset, *roles))
        for row in rows:
            told: list[Any] = [*(each or "" for each in row[:-1]), bool(row[-1])]
            yield Hit(*told)

    def facets(self, most: int) -> dict[str, tuple[Value, ...]]:
        """The commonest values of each facet among the statements that fit."""
        if self._wanted.is_open:
            return {name: self._commonest(ROLES[name], most) for name in FACETS}
        query = f"""
            WITH chosen AS MATERIALIZED (
              SELECT id FROM statement {self._where} ORDER BY id DESC LIMIT {_MOST_COUNTED}
            ),
            counted AS MATERIALIZED (
              SELECT role, thing, count(*) AS number FROM chosen JOIN link ON statement = id
              WHERE thing NOT IN (SELECT id FROM thing WHERE narrates) GROUP BY role, thing
            ),
            placed AS (
              SELECT *, row_number() OVER (PARTITION BY role ORDER BY number DESC, thing) AS place
              FROM counted
            )
            SELECT role, iri, label, language, number FROM placed JOIN thing ON thing.id = thing
            WHERE place <= ? ORDER BY role, place"""
        found: dict[int, list[Value]] = {role: [] for role in ROLES.values()}
        for role, *value in self._run(query, (*self._values, most)):
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

    def _conditions(self, column: str, matching: str) -> str:
        """What the number of a statement that fits fulfils, in a column of that name."""
        narrowed = [each.format(id=column) for each in self._narrowed]
        conditions = [*narrowed, *([matching] if self._match else ())]
        return f"WHERE {' AND '.join(conditions)}" if conditions else ""

    def _thing(self, value: str) -> int:
        """The number of what a facet's value names; 0 if nothing is called so."""
        for name in (value, self._base + value):
            row = self._run("SELECT id FROM thing WHERE iri = ?", (name,)).fetchone()
            if row:
                return int(row[0])
        row = self._run("SELECT id FROM thing WHERE folded = ?", (fold(value),)).fetchone()
        return int(row[0]) if row else 0

    def _expression(self, term: Term) -> str:
        """A term as FTS5 takes it: in the words, or in the name of somebody or something."""
        phrase = f'"{term.words}"{" *" if term.begins else ""}'
        query = """
            SELECT rowid FROM names WHERE names MATCH ?
            ORDER BY (SELECT sum(number) FROM tally WHERE thing = names.rowid) DESC LIMIT ?"""
        found = self._run(query, (phrase, _MOST_NAMESAKES)).fetchall()
        among = f"{{quote meaning}} : {phrase}"
        if not found:
            return f"({among})"
        namesakes = " OR ".join(f'"t{thing}"' for (thing,) in found)
        return f"(({among}) OR ({{things}} : ({namesakes})))"


_MATCHING = "SELECT rowid FROM words WHERE words MATCH ?"

_NARRATED = """EXISTS (
  SELECT 1 FROM link JOIN thing ON thing.id = thing
  WHERE statement = s.id AND role = ? AND narrates
)"""

_NAMES = """(
  SELECT group_concat(label, '; ') FROM link JOIN thing ON thing.id = thing
  WHERE statement = s.id AND role = ?
)"""
