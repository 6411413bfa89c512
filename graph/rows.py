"""Statements one by one, for tools that read tables: chosen, and flattened into columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Quad

from graph.errors import BadInput
from graph.past import begins, moment
from graph.relating.dates import exclude, is_date
from graph.schema import subclasses
from graph.selectors import BETWEEN, Selector
from graph.store import Store
from graph.vocab import ASC, ASCV, DCTERMS, LABELS, OA, PROV, RDF, SCHEMA


@dataclass(frozen=True, slots=True)
class Selection:
    """Which statements are meant: those that fit all that is given; all, if nothing is.

    Shape: IRIs; `source` is a document or one of its versions. `said_from` and
        `said_until` are dates (EDTF) between which a statement can have been said,
        or published where nothing is known of when it was said; `recorded_from` and
        `recorded_until` are times or days, which count to their end.
    Raises: BadInput for what is no date or time.
    """

    statement: str = ""
    source: str = ""
    speaker: str = ""
    event: str = ""
    said_from: str = ""
    said_until: str = ""
    recorded_from: str = ""
    recorded_until: str = ""

    def __post_init__(self) -> None:
        for each in filter(None, (self.said_from, self.said_until)):
            if not is_date(each):
                raise BadInput(f"{each!r} is no date: write 2031, 2031-05 or 2031-05-04.")
        for each in filter(None, (self.recorded_from, self.recorded_until)):
            moment(each)

    def fits(self, row: StatementRow) -> bool:
        """Whether a statement is meant."""
        return (
            (not self.statement or row.statement == self.statement)
            and (not self.speaker or self.speaker in row.speaker.split("; "))
            and (not self.event or self.event in row.event.split("; "))
            and self._fits_in_time(row)
        )

    def _fits_in_time(self, row: StatementRow) -> bool:
        if self.said_from or self.said_until:
            meant = f"{self.said_from or '..'}/{self.said_until or '..'}"
            known = (row.said_on or row.published).split("; ")
            if not any(each and not exclude(each, meant) for each in known):
                return False
        if self.recorded_from or self.recorded_until:
            at = moment(row.recorded) if row.recorded else None
            return at is not None and (
                (not self.recorded_from or begins(self.recorded_from) <= at)
                and (not self.recorded_until or at <= moment(self.recorded_until))
            )
        return True

    def __bool__(self) -> bool:
        return any(asdict(self).values())


EVERYTHING = Selection()
"""All statements."""

THINGS = ("statement", "source", "speaker", "event")
"""What statements are chosen by that has an IRI."""


def selection(given: Mapping[str, str], iri: Callable[[str], NamedNode]) -> Selection:
    """What somebody chose by the names of `Selection`, IRIs perhaps relative to the base.

    Raises: BadInput.
    """
    names = [each.name for each in fields(Selection) if given.get(each.name)]
    return Selection(**{n: iri(given[n]).value if n in THINGS else given[n] for n in names})


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement. What the source does not say is empty, and several values stand
    in one cell, with "; " between them."""

    statement: str
    text: str
    kind: str
    speaker: str
    speaker_name: str
    according_to: str
    act: str
    said_on: str
    polarity: str
    certainty: str
    temporality: str
    meaning: str
    event: str
    event_name: str
    source: str
    title: str
    published: str
    language: str
    start: int
    end: int
    recorded: str
    spans: tuple[Selector, ...]


COLUMNS: dict[str, str] = {
    "statement": "the statement's IRI",
    "text": "its words, with […] where the source has others in between",
    "kind": "the most specific class, such as DirectQuotation",
    "speaker": "the IRI of whoever stands nearest the words",
    "speaker_name": "the name of the speaker",
    "according_to": "who passed it on, from the speaker outward, the narrator last",
    "act": "the speaker's act, such as says or denies",
    "said_on": "when it was said, in EDTF, as far as the source says",
    "polarity": "positive or negative",
    "certainty": "certain, probable, possible or certaintyUnderspecified",
    "temporality": "past, present, future and the like",
    "meaning": "what it expresses",
    "event": "the IRI of the event that it is about",
    "event_name": "the name of the event",
    "source": "the IRI of the version that it stands in",
    "title": "the title of the source",
    "published": "when the source was published, as far as it says",
    "language": "the language of the source",
    "start": "where the words begin, in code points from 0",
    "end": "where they end, excluded",
    "recorded": "when it was first stored",
}
"""What each column holds."""

assert [*COLUMNS, "spans"] == [each.name for each in fields(StatementRow)]


def statement_rows(
    store: Store,
    chosen: Selection = EVERYTHING,
    watch: Callable[[list[str]], Iterable[str]] = iter,
) -> Iterator[StatementRow]:
    """The statements that are chosen, source by source, each in the order of its text.

    Shape: what is held at a time is one source; `watch` is handed all of them, and gives
        them on one by one.
    Raises: BadInput for what is no IRI.
    """
    looks = _Looks(store)
    for version in watch(_versions(looks, chosen)):
        rows = (_row(looks, each) for each in looks.turn_to(version))
        yield from sorted(filter(chosen.fits, rows), key=lambda row: (row.start, row.end))


_OF_STATEMENTS = (
    *(ASC.source, ASC.attribution, ASC.contentSpan, ASC.expresses, ASC.event),
    *(ASC.polarity, ASC.certainty, ASC.temporality, PROV.generatedAtTime),
    *(ASC.agent, ASC.act, ASC.saidAt, ASC.relayedBy),
)
"""What statements and their hops have, which stands in their version's graph alone."""

_MOST_KNOWN = 50_000
"""As many answers about what sources share are remembered, some 300 bytes each."""


class _Looks:
    """Short looks into a store, by IRI.

    Shape: what is said of the statements of one version is read at once; what
        several sources name is looked up once, while it is remembered.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._own: dict[NamedNode, dict[str, list[str]]] = {}
        self._known = lru_cache(maxsize=_MOST_KNOWN)(self._look)

    def turn_to(self, version: str) -> list[str]:
        """Read what a version says of its statements, which are given in order."""
        graph = self._graph = _node(version)
        for predicate in _OF_STATEMENTS:
            held: dict[str, set[str]] = defaultdict(set)
            for quad in self._store.find(None, predicate, None, graph):
                subject, value = quad.subject, quad.object
                if isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal):
                    held[subject.value].add(value.value)
            self._own[predicate] = {each: sorted(values) for each, values in held.items()}
        return sorted(each for each, found in self._own[ASC.source].items() if version in found)

    def kinds(self, statement: str) -> tuple[str, ...]:
        """The classes that the version turned to gives a statement."""
        return tuple(_texts(self._store.find(NamedNode(statement), RDF.type, None, self._graph)))

    def span(self, iri: str) -> Selector:
        """Where words stand, and which."""
        found = self._store.find(_node(iri), None, None, self._graph)
        said = {quad.predicate: getattr(quad.object, "value", "") for quad in found}
        words = (said.get(each, "") for each in (OA.exact, OA.prefix, OA.suffix))
        return Selector(int(said.get(OA.start, 0)), int(said.get(OA.end, 0)), *words)

    def values(self, subject: str, predicate: NamedNode) -> list[str]:
        own = self._own.get(predicate)
        return self._known(subject, predicate) if own is None else own.get(subject, [])

    def value(self, subject: str, predicate: NamedNode) -> str:
        return next(iter(self.values(subject, predicate)), "") if subject else ""

    def pointing(self, predicate: NamedNode, value: str) -> list[str]:
        found = {quad.subject for quad in self._store.match(None, predicate, _node(value))}
        return sorted(each.value for each in found if isinstance(each, NamedNode))

    def versions(self) -> list[str]:
        """All sources, in the order of their IRIs."""
        found = {q.subject for q in self._store.find(None, RDF.type, ASC.DocumentVersion)}
        return sorted(each.value for each in found if isinstance(each, NamedNode))

    def name(self, iri: str) -> str:
        return next((name for each in LABELS if (name := self.value(iri, each))), "")

    def _look(self, subject: str, predicate: NamedNode) -> list[str]:
        return _texts(self._store.find(_node(subject), predicate))


def _texts(quads: Iterable[Quad]) -> list[str]:
    found = (quad.object for quad in quads)
    return sorted({each.value for each in found if isinstance(each, NamedNode | Literal)})


def _node(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError:
        raise BadInput(f"{iri!r} is no IRI: write it in full, or relative to the base.") from None


def _versions(looks: _Looks, chosen: Selection) -> list[str]:
    """The sources in which what is chosen can stand."""
    if chosen.statement:
        return looks.values(chosen.statement, ASC.source)
    if chosen.source:
        return [chosen.source, *looks.pointing(ASC.versionOf, chosen.source)]
    for predicate, value in ((ASC.speaker, chosen.speaker), (ASC.event, chosen.event)):
        if value:
            found = looks.pointing(predicate, value)
            return sorted({each for one in found for each in looks.values(one, ASC.source)})
    return looks.versions()


def _row(looks: _Looks, iri: str) -> StatementRow:
    version = looks.value(iri, ASC.source)
    document = looks.value(version, ASC.versionOf)
    chains = [_chain(looks, each) for each in looks.values(iri, ASC.attribution)]
    firsts = [chain[0] for chain in chains if chain]
    speakers = [looks.value(each, ASC.agent) for each in firsts]
    times = [looks.value(each, ASC.saidAt) for each in firsts]
    events = looks.values(iri, ASC.event)
    pieces = sorted(
        map(looks.span, looks.values(iri, ASC.contentSpan)), key=lambda each: (each.start, each.end)
    )
    voices = (" > ".join(_voice(looks, hop) for hop in chain[1:]) for chain in chains)
    return StatementRow(
        statement=iri,
        text=BETWEEN.join(piece.exact for piece in pieces),
        kind=_kind(looks.kinds(iri)),
        speaker="; ".join(speakers),
        speaker_name="; ".join(map(looks.name, speakers)),
        according_to="; ".join(dict.fromkeys(filter(None, voices))),
        act="; ".join(dict.fromkeys(_concept(looks.value(each, ASC.act)) for each in firsts)),
        said_on="; ".join(filter(None, (looks.value(each, ASC.edtf) for each in times))),
        polarity=_concept(looks.value(iri, ASC.polarity)),
        certainty=_concept(looks.value(iri, ASC.certainty)),
        temporality=_concept(looks.value(iri, ASC.temporality)),
        meaning="; ".join(map(looks.name, looks.values(iri, ASC.expresses))),
        event="; ".join(events),
        event_name="; ".join(map(looks.name, events)),
        source=version,
        title=looks.value(document, DCTERMS.term("title")),
        published=looks.value(document, DCTERMS.issued),
        language=looks.value(version, SCHEMA.inLanguage),
        start=pieces[0].start if pieces else 0,
        end=pieces[-1].end if pieces else 0,
        recorded=looks.value(iri, PROV.generatedAtTime),
        spans=tuple(pieces),
    )


def _chain(looks: _Looks, first: str) -> list[str]:
    hops: list[str] = []
    hop = first
    while hop and hop not in hops:
        hops.append(hop)
        hop = looks.value(hop, ASC.relayedBy)
    return hops


def _voice(looks: _Looks, hop: str) -> str:
    return looks.name(looks.value(hop, ASC.agent))


@lru_cache
def _kind(types: tuple[str, ...]) -> str:
    """The class that no other of them is below."""
    below = subclasses()
    ranked = sorted(types, key=lambda each: len(below.get(NamedNode(each), ())))
    return next((each.removeprefix(ASC) for each in ranked if each.startswith(ASC)), "")


def _concept(iri: str) -> str:
    return iri.removeprefix(ASCV)
