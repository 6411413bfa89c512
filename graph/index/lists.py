"""What pages list, read from the index: counts, the latest, who says what about whom."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, product
from typing import Any

from graph.facts import Properties, Subject, facts_of
from graph.index.tables import Tables
from graph.index.told import read, unpacked
from graph.index.writing import ROLES


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
class Opposed:
    """A pair of which somebody said one, and `other` the other."""

    pair: Pair
    other: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A statement, whose speakers are named by their IRIs."""

    iri: str
    speakers: tuple[str, ...]
    is_part: bool = False

    @property
    def speaker(self) -> str:
        """The first of them; empty if there is none."""
        return next(iter(self.speakers), "")


@dataclass(frozen=True, slots=True)
class Source:
    """A source that was read, and how many statements it holds, or how many of some."""

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


class Lists:
    """Reads the tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

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

    def latest(self, limit: int) -> list[Mention]:
        """The whole statements attributed to somebody that were recorded last."""
        order = "recorded DESC, depth DESC, place, iri"
        chosen = f"SELECT id FROM statement WHERE is_latest ORDER BY {order} LIMIT ?"
        return self._mentions(chosen, order, limit)

    def disputes(self, limit: int, offset: int = 0) -> list[Pair]:
        """The statements that disagree, the plainest and surest first."""
        query = (
            "SELECT assessment, subject, relation, object FROM related WHERE counts "
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

    def number_of(self, role: str, thing: str) -> int:
        """In how many statements a thing plays a role."""
        query = "SELECT number FROM tally JOIN thing ON id = thing WHERE role = ? AND iri = ?"
        return sum(number for (number,) in self._rows(query, ROLES[role], thing))

    def mentions(self, role: str, thing: str, limit: int) -> list[Mention]:
        """The last statements in which a thing plays a role, in the order of their recording."""
        return self._mentions(_PLAYING, "id", ROLES[role], thing, limit)

    def of_source(self, version: str) -> list[Mention]:
        """The statements of a source, in the order of its text."""
        chosen = "SELECT id FROM statement WHERE source = (SELECT id FROM source WHERE iri = ?)"
        return self._mentions(chosen, "place, iri", version)

    def together(
        self, role: str, thing: str, others: Iterable[str], most: int
    ) -> dict[str, list[tuple[str, int]]]:
        """What plays other roles where a thing plays one, and how often, the commonest first.

        Shape: by role; counted over the last `most` statements.
        """
        query = f"""
            WITH chosen AS MATERIALIZED ({_PLAYING}), counted AS MATERIALIZED (
              SELECT role, thing, count(*) AS number FROM chosen CROSS JOIN link
              ON statement = chosen.id AND role IN (SELECT value FROM json_each(?))
              GROUP BY role, thing
            )
            SELECT role, iri, number FROM counted CROSS JOIN thing ON id = thing
            ORDER BY number DESC, iri"""
        roles = {ROLES[other]: other for other in others}
        found: dict[str, list[tuple[str, int]]] = {other: [] for other in roles.values()}
        rows = self._rows(query, ROLES[role], thing, most, json.dumps([*roles]))
        for number, iri, times in rows:
            found[roles[number]].append((iri, times))
        return found

    def in_sources(self, role: str, thing: str, most: int, limit: int) -> list[Source]:
        """In which sources a thing plays a role, and in how many statements of each.

        Shape: counted as `together`; the first few.
        """
        query = f"""
            WITH chosen AS MATERIALIZED ({_PLAYING})
            SELECT o.iri, o.title, o.language, count(*) FROM chosen
            CROSS JOIN statement s ON s.id = chosen.id CROSS JOIN source o ON o.id = s.source
            GROUP BY o.id ORDER BY 4 DESC, 1 LIMIT ?"""
        found = self._rows(query, ROLES[role], thing, most, limit)
        return [Source(*row) for row in found]

    def opposed(self, speaker: str, most: int, limit: int) -> list[Opposed]:
        """With what somebody said others disagree, of the last `most` statements."""
        query = f"""
            SELECT assessment, subject, relation, object, {_speakers("other")} FROM (
              SELECT found.*, o.id AS other FROM (
                SELECT r.*, object AS iri FROM ({_PLAYING}) c
                JOIN statement s ON s.id = c.id JOIN related r ON r.subject = s.iri AND r.counts
                UNION ALL SELECT r.*, subject FROM (
                  {_PLAYING.replace("?", "?{}").format(1, 2, 3)}
                ) c
                JOIN statement s ON s.id = c.id JOIN related r ON r.object = s.iri AND r.counts
              ) found JOIN statement o ON o.iri = found.iri
              ORDER BY rank, candidate, confidence DESC, assessment LIMIT ?
            ) ORDER BY rank, candidate, confidence DESC, assessment"""
        rows = self._rows(query, ROLES["speaker"], speaker, most, limit)
        return [Opposed(Pair(*row), next(iter((who or "").split()), "")) for *row, who in rows]

    def related(
        self, finders: Iterable[str], verdicts: Iterable[str], limit: int, offset: int = 0
    ) -> list[Pair]:
        """What some rules or people found between statements, the surest first.

        Shape: with one of some verdicts, of which the empty one is that of nobody.
        """
        ways = [*product(finders, verdicts)]
        each_way = " UNION ALL ".join(
            "SELECT assessment, subject, relation, object, confidence FROM related "
            "WHERE stands AND finder = ? AND verdict = ?"
            for _ in ways
        )
        rows = self._rows(
            f"{each_way} ORDER BY confidence DESC, assessment LIMIT ? OFFSET ?",
            *(*chain.from_iterable(ways), limit, offset),
        )
        return [Pair(*row[:4]) for row in rows]

    def number_related(self, finders: Iterable[str], verdicts: Iterable[str]) -> int:
        """How many there are of these."""
        found = {(finder, verdict): n for finder, verdict, n in self._rows("SELECT * FROM found")}
        return sum(found.get(way, 0) for way in product(finders, verdicts))

    def told(self, statements: Iterable[str]) -> dict[Subject, Properties]:
        """What is told of some statements and of what is their own, and of their sources.

        Shape: all that is stored of each, without types that follow from others and without
            relations, which are assessments' to tell; nothing of withdrawn statements.
        """
        query = """
            SELECT facts FROM json_each(?) JOIN statement s ON s.iri = value
            JOIN told ON told.statement = s.id
            UNION ALL SELECT DISTINCT o.told FROM json_each(?1)
            JOIN statement s ON s.iri = value JOIN source o ON o.id = s.source"""
        rows = self._rows(query, json.dumps([*statements]))
        return facts_of(read(b"".join(unpacked(facts) for (facts,) in rows)))

    def told_shared(self, things: Iterable[str]) -> dict[Subject, Properties]:
        """The same of things that sources share, as far as the index knows them."""
        query = "SELECT facts FROM json_each(?) CROSS JOIN shared ON iri = value"
        rows = self._rows(query, json.dumps([*things]))
        return facts_of(read(b"".join(facts for (facts,) in rows)))

    def disputed(self, statements: Iterable[str]) -> set[str]:
        """Those of some statements with which another disagrees."""
        query = """
            SELECT value FROM json_each(?) WHERE
            EXISTS (SELECT 1 FROM related WHERE subject = value AND counts)
            OR EXISTS (SELECT 1 FROM related WHERE object = value AND counts)"""
        return {iri for (iri,) in self._rows(query, json.dumps([*statements]))}

    def _mentions(self, chosen: str, order: str, *values: object) -> list[Mention]:
        query = f"""
            SELECT iri, {_speakers("statement.id")}, is_part FROM statement
            WHERE id IN ({chosen}) ORDER BY {order}"""
        return [
            Mention(iri, tuple((speakers or "").split()), bool(is_part))
            for iri, speakers, is_part in self._rows(query, *values)
        ]

    def _number(self, query: str, *values: object) -> int:
        return int(self._rows(query, *values)[0][0])

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._tables.faults():
            return self._tables.connection().execute(query, values).fetchall()


_PLAYING = """
    SELECT statement AS id FROM link WHERE role = ? AND thing = (SELECT id FROM thing WHERE iri = ?)
    ORDER BY statement DESC LIMIT ?"""
"""The last statements in which a thing plays a role."""


def _speakers(statement: str) -> str:
    """The IRIs of those who said a statement, joined; none holds a space."""
    return (
        "(SELECT group_concat(iri, ' ') FROM link JOIN thing ON thing.id = thing "
        f"WHERE statement = {statement} AND role = {ROLES['speaker']})"
    )
