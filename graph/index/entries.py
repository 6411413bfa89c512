"""What the index keeps of a bundle, read from its line in the log or from the store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from graph.bundle import assessments_of, entailed_of
from graph.facts import Facts, Subject, Term, facts_of
from graph.index.folding import fold
from graph.index.told import Told
from graph.journal import Write
from graph.schema import is_own, labels, narrowest, superclasses
from graph.selectors import BETWEEN
from graph.store import Store
from graph.vocab import ASC, ASCV, DCTERMS, LABELS, OA, PROV, RDF, RDFS, SCHEMA, SKOS

_ALL_STATEMENTS = {ASC.Statement, ASC.AttributedStatement}
_NAMES = frozenset((*LABELS, SKOS.altLabel))
_MONTH = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))(?:-\d\d)?")

_NAMING = (RDFS.label, SKOS.prefLabel, SKOS.altLabel)
_OF_SPANS = (OA.exact, OA.start)
_READ = (
    *(ASC.source, ASC.contentSpan, ASC.attribution, ASC.event, ASC.expresses, ASC.partOf),
    *(ASC.saidAt, ASC.edtf, ASC.speaker, ASC.relay, ASC.chainDepth, ASC.versionOf),
    *(ASC.relation, ASC.subject, ASC.object, ASC.confidence, ASC.basis, ASC.rule, ASC.author),
    *(ASC.quoteMarks, RDF.type, PROV.generatedAtTime, PROV.invalidatedAtTime, SCHEMA.inLanguage),
    *map(DCTERMS.term, ("title", "publisher", "issued")),
    *(*_NAMING, *_OF_SPANS),
)
"""The properties that are read."""


def _written(terms: Iterable[NamedNode]) -> frozenset[bytes]:
    return frozenset(str(each).encode() for each in terms)


_AS_READ, _AS_NAMING, _AS_OF_SPANS = map(_written, (_READ, _NAMING, _OF_SPANS))
_AS_TYPE, _AS_SOURCE, _AS_CONTENT_SPAN, _AS_JUDGED = (
    str(each).encode() for each in (RDF.type, ASC.source, ASC.contentSpan, ASC.judged)
)


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that statements have in common, and what it is called.

    Shape: `names` are all its names, folded; `is_outlet` marks a newspaper or station, and
        `narrates` the voice of a source itself.
    """

    iri: str
    label: str
    language: str
    names: str
    is_outlet: bool = False
    narrates: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: its words, and what it is found by: `links` are facets with their values."""

    iri: str
    quote: str
    marks: str
    meaning: str
    kind: str
    place: int
    depth: int
    recorded: str
    is_latest: bool
    is_part: bool
    links: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One source with its statements, in the order of its text."""

    version: str
    title: str
    language: str
    statements: tuple[Said, ...]
    related: tuple[Related, ...]
    told: Told

    @property
    def recorded(self) -> str:
        """When the last of its statements was recorded."""
        return max((each.recorded for each in self.statements), default="")


class Names:
    """What things are called, each looked up once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Named] = {}

    def of(self, iri: str) -> Named:
        """A thing's English label, else its first, and all its names."""
        found = self._known.get(iri)
        if found is None:
            found = self._known[iri] = named(iri, self._store.match(NamedNode(iri)))
        return found

    def forget(self, iris: Iterable[str]) -> None:
        """Look these up again: somebody has described them since."""
        for iri in iris:
            self._known.pop(iri, None)

    def __len__(self) -> int:
        return len(self._known)

    def learn(self, quads: Iterable[Quad]) -> None:
        """Take the names of contents from a bundle: they are part of what a content is."""
        for quad in quads:
            if quad.predicate == RDFS.label and isinstance(quad.subject, NamedNode):
                iri = quad.subject.value
                if "/proposition/" in iri and iri not in self._known:
                    self._known[iri] = named(iri, [quad])


def named(iri: str, quads: Iterable[Quad]) -> Named:
    """What a thing is called by some quads about it.

    Shape: a narrator has no name to be found by, since it is the title of the source.
    """
    texts: list[tuple[bool, bool, str, Literal]] = []
    kinds = set()
    for quad in quads:
        predicate, value = quad.predicate, quad.object
        if predicate == RDF.type:
            kinds.add(value)
        elif predicate in _NAMES and isinstance(value, Literal) and value.value.strip():
            foreign = not (value.language or "").startswith("en")
            texts.append((predicate not in LABELS, foreign, str(value), value))
    texts.sort(key=lambda each: each[:3])
    if not texts:
        return Named(iri, labels().get(iri) or iri, "", "")
    first = texts[0][3]
    names = " | ".join(dict.fromkeys(fold(value.value) for *_, value in texts))
    return Named(
        *(iri, first.value, first.language or ""),
        names="" if ASC.Narrator in kinds else names,
        is_outlet=ASC.NewsOrganization in kinds,
        narrates=ASC.Narrator in kinds,
    )


def logged(write: Write) -> list[Quad]:
    """Of what a write brought, the quads that are read: of a thousand some two hundred.

    Shape: of types those of statements, of text spans those that are quoted.
    """
    rows = [row for row in _rows(write.coming) if row[1] in _AS_READ]
    statements = {subject for subject, predicate, _ in rows if predicate == _AS_SOURCE}
    spans = {_first(rest) for _, predicate, rest in rows if predicate == _AS_CONTENT_SPAN}
    wanted = (
        b" ".join((subject, predicate, rest))
        for subject, predicate, rest in rows
        if (predicate not in _AS_OF_SPANS or subject in spans)
        and (predicate != _AS_TYPE or subject in statements)
    )
    return [*parse(b"\n".join(wanted), RdfFormat.N_QUADS, lenient=True)]


def renamed_in(write: Write, graph: NamedNode) -> set[str]:
    """The things in a graph to which a write gave a name, or from which it took one."""
    end = f" {graph} .".encode()
    return {
        subject[1:-1].decode()
        for quads in (write.coming, write.leaving)
        for subject, predicate, rest in _rows(quads)
        if predicate in _AS_NAMING and rest.endswith(end)
    }


def judged_in(write: Write) -> set[NamedNode]:
    """The assessments on which a write changed a judgement."""
    return {
        NamedNode(_first(rest)[1:-1].decode())
        for quads in (write.coming, write.leaving)
        if _AS_JUDGED in quads
        for _, predicate, rest in _rows(quads)
        if predicate == _AS_JUDGED
    }


def _rows(nquads: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """The lines of N-Quads as our serialiser writes them, cut before and after the predicate."""
    for line in nquads.split(b"\n"):
        if line:
            subject, predicate, rest = line.split(b" ", 2)
            yield subject, predicate, rest


def _first(rest: bytes) -> bytes:
    return rest.split(b" ", 1)[0]


def stored(store: Store, version: NamedNode) -> list[Quad]:
    """Of what is stored of a bundle, the quads that are read."""
    graphs = (version, entailed_of(version), assessments_of(version))
    return [q for graph in graphs for each in _READ for q in store.find(None, each, None, graph)]


def entry_of(version: NamedNode, quads: Sequence[Quad], names: Names, told: Told) -> Entry:
    """What the index keeps of a bundle that says this."""
    return _Reader(version, quads, names).entry(told)


class _Reader:
    """Reads one bundle."""

    def __init__(self, version: NamedNode, quads: Sequence[Quad], names: Names) -> None:
        self._version = version
        self._facts = facts_of(quads)
        self._names = names

    def entry(self, told: Told) -> Entry:
        document = next(iter(self._values(self._version, ASC.versionOf)), self._version)
        titles = self._literals(document, DCTERMS.term("title"))
        title = min(
            titles, key=lambda each: not (each.language or "").startswith("en"), default=None
        )
        language = self._text(self._version, SCHEMA.inLanguage)
        outlets = self._iris(document, DCTERMS.publisher)
        month = _month(self._text(document, DCTERMS.issued))
        said = [
            self._said(subject, outlets, month)
            for subject, told in self._facts.items()
            if ASC.source in told and PROV.invalidatedAtTime not in told
        ]
        said.sort(key=lambda each: (each.place, each.iri))
        related = related_in(self._facts, self._version.value)
        name = title.value if title else ""
        return Entry(self._version.value, name, language, (*said,), (*related,), told)

    def _said(self, statement: Subject, outlets: set[str], month: str) -> Said:
        spans = self._values(statement, ASC.contentSpan)
        pieces = sorted((self._number(s, OA.start), self._text(s, OA.exact)) for s in spans)
        speakers, relays = (self._iris(statement, each) for each in (ASC.speaker, ASC.relay))
        events = self._iris(statement, ASC.event)
        outlets = outlets | {a for a in speakers | relays if self._names.of(a).is_outlet}
        types = frozenset(self._iris(statement, RDF.type))
        kind = (narrowest(types) or "").removeprefix(ASC)
        month = self._month_of(statement) or month
        links = {
            *(("speaker", each) for each in speakers),
            *(("relay", each) for each in relays),
            *(("outlet", each) for each in outlets),
            *(("event", each) for each in events),
            *(("kind", each) for each in _kinds(kind)),
            ("hand", "relayed" if relays else "first"),
            *((("month", month),) if month else ()),
        }
        contents = sorted(self._iris(statement, ASC.expresses))
        is_part = bool(self._values(statement, ASC.partOf))
        return Said(
            iri=statement.value,  # type: ignore[union-attr]
            quote=BETWEEN.join(exact for _, exact in pieces),
            marks=self._text(statement, ASC.quoteMarks),
            meaning=" | ".join(self._names.of(each).names for each in contents),
            kind=kind,
            place=pieces[0][0] if pieces else 0,
            depth=self._number(statement, ASC.chainDepth),
            recorded=self._text(statement, PROV.generatedAtTime),
            is_latest=ASC.AttributedStatement.value in types and bool(pieces) and not is_part,
            is_part=is_part,
            links=frozenset(links),
        )

    def _month_of(self, statement: Subject) -> str:
        """The month in which it was said, where the source tells the year."""
        hops = self._values(statement, ASC.attribution)
        times = (time for hop in hops for time in self._values(hop, ASC.saidAt))
        months = {_month(self._text(time, ASC.edtf)) for time in times}
        return min(months - {""}, default="")

    def _values(self, subject: Term, predicate: NamedNode) -> Sequence[Term]:
        return self._facts.get(subject, {}).get(predicate, ())  # type: ignore[arg-type]

    def _iris(self, subject: Term, predicate: NamedNode) -> set[str]:
        found = self._values(subject, predicate)
        return {each.value for each in found if isinstance(each, NamedNode)}

    def _literals(self, subject: Term, predicate: NamedNode) -> list[Literal]:
        found = self._values(subject, predicate)
        return sorted((each for each in found if isinstance(each, Literal)), key=str)

    def _text(self, subject: Term, predicate: NamedNode) -> str:
        return next((each.value for each in self._literals(subject, predicate)), "")

    def _number(self, subject: Term, predicate: NamedNode) -> int:
        return int(self._text(subject, predicate) or 0)


@cache
def _kinds(kind: str) -> frozenset[str]:
    """A kind of statement with all that it is a kind of: who wants direct quotes wants those
    that are set apart, too."""
    above = superclasses().get(ASC.term(kind), frozenset()) - _ALL_STATEMENTS
    return frozenset({kind, *(each.value.removeprefix(ASC) for each in above if is_own(each))})


PEOPLE = "people"
"""Who found what no rule did."""


@dataclass(frozen=True, slots=True)
class Related:
    """Two statements and what one makes of the other, in somebody's judgement or by rule.

    Shape: `rank` is 0 unless they disagree; `finder` names the rule, or is `people`;
        `candidate` marks what a rule found and nobody has judged; `source` is the version
        that states it, empty for what a rule found; `stands` is not so where one of the two
        is withdrawn or is no statement.
    """

    assessment: str
    subject: str
    relation: str
    object: str
    rank: int
    candidate: bool
    confidence: float
    source: str = ""
    finder: str = PEOPLE
    verdict: str = ""
    stands: bool = True

    @property
    def counts(self) -> bool:
        """Whether the two disagree, and nobody has rejected that."""
        return self.stands and self.rank > 0 and self.verdict != "rejected"


def related_in(facts: Facts, source: str = "") -> Iterator[Related]:
    """The assessments among some facts that say what two statements make of each other."""
    for assessment, told in facts.items():
        if not isinstance(assessment, NamedNode) or not told.keys() >= _TOLD:
            continue
        subject, relation, other, confidence = (
            told[each][0].value  # type: ignore[union-attr]
            for each in (ASC.subject, ASC.relation, ASC.object, ASC.confidence)
        )
        rule = next((each.value for each in told.get(ASC.rule, ())), "")  # type: ignore[union-attr]
        yield Related(
            *(assessment.value, subject, relation, other),
            *(_RANKS.get(relation.removeprefix(ASC), 0), bool(rule), float(confidence), source),
            finder=rule.removeprefix(ASCV) if rule else PEOPLE if ASC.author in told else "",
        )


_TOLD = {ASC.subject, ASC.relation, ASC.object, ASC.confidence, ASC.basis}
_RANKS = {
    **{"contradicts": 1, "denies": 1, "competesAsExplanationWith": 2},
    **{"inTensionWith": 3, "conflictsWith": 3},
}
"""The relations of accounts that disagree, the plainest first."""


def _month(edtf: str) -> str:
    """The month of a date that names its year and month."""
    found = _MONTH.match(edtf)
    return found[1] if found else ""
