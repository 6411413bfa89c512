"""The lists of the index, read from the store: of the past, and while the index is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from pyoxigraph import NamedNode

from graph.index import PEOPLE, Lists, Mention, Opposed, Pair, Source
from graph.index.lists import Counts
from graph.kg import KnowledgeGraph
from graph.tables import as_python
from graph.vocab import ASC, ASCV, DCTERMS, PROV
from graph.web.views.cards import CONFLICTS, title_of
from graph.web.views.facts import Facts
from graph.web.views.relations import value
from graph.web.views.times import month_of

_MOST_READ = 400
"""As many statements or relations of a kind are looked through."""


class Stored:
    """What `graph.index.Lists` gives; of very many statements, of some."""

    def __init__(self, kg: KnowledgeGraph, facts: Facts) -> None:
        self._kg = kg
        self._facts = facts

    def counts(self) -> Counts:
        """How much there is."""
        of = ("statements", "speakers", "events", "sources")
        rows = (self._kg.answer(f"page_count_{each}").rows[0] for each in of)
        numbers = dict(zip(of, (int(as_python(row["count"])) for row in rows), strict=True))
        return Counts(**numbers, disputes=len(self._disputes()))

    def latest(self, limit: int) -> list[Mention]:
        """The whole statements attributed to somebody that were recorded last."""
        rows = self._kg.answer("page_latest").rows
        return [self._mention(value(row, "statement")) for row in rows[:limit]]

    def disputes(self, limit: int) -> list[Pair]:
        """The statements that disagree, the plainest and surest first."""
        return self._disputes()[:limit]

    def sources(self, limit: int) -> list[Source]:
        """The sources, the latest first."""
        return [
            self._source(value(row, "version"), int(value(row, "statements")))
            for row in self._kg.answer("page_sources").rows[:limit]
        ]

    def number_of(self, role: str, thing: str) -> int:
        """In how many statements a thing plays a role."""
        return len(self.mentions(role, thing, _MOST_READ))

    def mentions(self, role: str, thing: str, limit: int) -> list[Mention]:
        """The statements in which a thing plays a role."""
        quads = self._kg.store.find(None, ASC.term(role), NamedNode(thing))
        iris = {q.subject.value for q in islice(quads, limit) if isinstance(q.subject, NamedNode)}
        return [self._mention(each) for each in sorted(iris) if self._stands(each)]

    def of_source(self, version: str) -> list[Mention]:
        """The statements of a source, in the order of its text."""
        rows = self._kg.answer("page_quotes", {"version": version}).rows
        return [self._mention(each) for each in dict.fromkeys(value(r, "statement") for r in rows)]

    def together(
        self, role: str, thing: str, others: Iterable[str], most: int
    ) -> dict[str, list[tuple[str, int]]]:
        """What plays other roles where a thing plays one, and how often, the commonest first."""
        said = self.mentions(role, thing, most)
        counted = {
            other: Counter(each for m in said for each in self._in_role(m.iri, other))
            for other in others
        }
        return {
            other: sorted(count.items(), key=lambda pair: (-pair[1], pair[0]))
            for other, count in counted.items()
        }

    def in_sources(self, role: str, thing: str, most: int, limit: int) -> list[Source]:
        """In which sources a thing plays a role, and in how many statements of each."""
        found = self.mentions(role, thing, most)
        counted = Counter(self._facts.iri(each.iri, ASC.source) or "" for each in found)
        return [self._source(version, n) for version, n in counted.most_common(limit)]

    def opposed(self, speaker: str, most: int, limit: int) -> list[Opposed]:
        """With what somebody said others disagree."""
        said = (each.iri for each in self.mentions("speaker", speaker, most))
        return [*islice(chain.from_iterable(map(self._opposed, said)), limit)]

    def related(
        self, finders: Iterable[str], verdicts: Iterable[str], limit: int, offset: int = 0
    ) -> list[Pair]:
        """What some rules or people found between statements, the surest first."""
        return self._related(finders, {*verdicts})[offset : offset + limit]

    def number_related(self, finders: Iterable[str], verdicts: Iterable[str]) -> int:
        """How many there are of these."""
        return len(self._related(finders, {*verdicts}))

    def _disputes(self) -> list[Pair]:
        ends = ("assessment", "subject", "relation", "object")
        rows = self._kg.answer("page_disagreements").rows
        return [Pair(*(value(row, each) for each in ends)) for row in rows]

    def _mention(self, statement: str) -> Mention:
        speakers = self._facts.iris(statement, ASC.speaker)
        whole = self._facts.iri(statement, ASC.partOf)
        return Mention(statement, tuple(speakers), whole is not None)

    def _source(self, version: str, statements: int) -> Source:
        title = title_of(self._facts, version)
        return Source(version, title.text, title.language or "", statements)

    def _stands(self, iri: str) -> bool:
        """Whether it is a statement that nobody has withdrawn."""
        facts = self._facts
        return facts.is_a(iri, ASC.Statement) and not facts.text(iri, PROV.invalidatedAtTime)

    def _in_role(self, statement: str, role: str) -> list[str]:
        if role != "month":
            return self._facts.iris(statement, ASC.term(role))
        month = self._month(statement)
        return [month] if month else []

    def _month(self, statement: str) -> str:
        """The month in which something was said, else that of its source; empty if untold."""
        facts = self._facts
        for hop in facts.iris(statement, ASC.attribution):
            when = facts.iri(hop, ASC.saidAt)
            if when and (month := month_of(facts.text(when, ASC.edtf))):
                return month
        version = facts.iri(statement, ASC.source) or ""
        document = facts.iri(version, ASC.versionOf) or ""
        return month_of(facts.text(document, DCTERMS.issued))

    def _opposed(self, statement: str) -> Iterator[Opposed]:
        facts = self._facts
        for end, other_end in ((ASC.subject, ASC.object), (ASC.object, ASC.subject)):
            for assessment in facts.pointing_at(statement, end):
                other = facts.iri(assessment, other_end) or ""
                if facts.iri(assessment, ASC.relation) not in CONFLICTS or not self._stands(other):
                    continue
                if "rejected" not in self._verdicts(assessment):
                    yield Opposed(self._pair(assessment), facts.iri(other, ASC.speaker) or "")

    def _related(self, finders: Iterable[str], verdicts: set[str]) -> list[Pair]:
        facts = self._facts
        found: dict[str, None] = {}
        for finder in finders:
            by_rule = finder != PEOPLE
            way = (ASC.rule, ASCV.term(finder)) if by_rule else (ASC.author, None)
            quads = islice(self._kg.store.find(None, *way), _MOST_READ)
            found.update((q.subject.value, None) for q in quads if isinstance(q.subject, NamedNode))
        pairs = [
            pair
            for pair in map(self._pair, found)
            if self._stands(pair.subject) and self._stands(pair.object)
            if (self._verdicts(pair.assessment) or {""}) & verdicts
        ]
        pairs.sort(
            key=lambda p: (-float(facts.text(p.assessment, ASC.confidence) or 0), p.assessment)
        )
        return pairs

    def _pair(self, assessment: str) -> Pair:
        ends = (ASC.subject, ASC.relation, ASC.object)
        return Pair(assessment, *(self._facts.iri(assessment, each) or "" for each in ends))

    def _verdicts(self, assessment: str) -> set[str]:
        judged = self._facts.pointing_at(assessment, ASC.judged)
        given = (self._facts.iri(each, ASC.verdict) or "" for each in judged)
        return {each.removeprefix(ASCV) for each in given}


def lists_for(kg: KnowledgeGraph, facts: Facts) -> Lists | Stored:
    """The lists that a page shows, from the index that its facts are read by, or the store."""
    return facts.index or Stored(kg, facts)
