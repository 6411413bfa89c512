"""A statement as pages show it everywhere: its words, its kind and its chain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.selectors import BETWEEN
from graph.vocab import ASC, ASCV, DCTERMS, OA, SCHEMA
from graph.web.views.chains import Hop, chains_of
from graph.web.views.facts import Facts
from graph.web.views.kinds import Kind, kind_of
from graph.web.views.names import Name, names_of
from graph.web.words import say

_CONTEXT = 32  # code points of prefix and suffix where the text goes on
CONFLICTS = frozenset(
    ASC + name
    for name in (
        *("contradicts", "denies", "inTensionWith", "conflictsWith"),
        "competesAsExplanationWith",
    )
)
"""The relations of accounts that disagree."""


ENDS = (ASC.subject, ASC.object)
"""What an assessment is about."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words in a row: one text span.

    Units: code points from 0; `end` is excluded.
    """

    iri: str
    start: int
    end: int
    exact: str
    prefix: str = ""
    suffix: str = ""

    @property
    def before(self) -> str:
        """The words before, from the first whole one on."""
        head, _, rest = self.prefix.partition(" ")
        return self.prefix if len(self.prefix) < _CONTEXT else f"…\u00a0{rest or head}"

    @property
    def after(self) -> str:
        """The words after, up to the last whole one."""
        rest, _, tail = self.suffix.rpartition(" ")
        return self.suffix if len(self.suffix) < _CONTEXT else f"{rest or tail}\u00a0…"


@dataclass(frozen=True, slots=True)
class Card:
    """One statement.

    Shape: `pieces` in the order of the text; `chains` hold one chain for each
        hop 0; `marks` are the quotation marks, empty unless the words are direct.
    """

    iri: str
    pieces: tuple[Piece, ...]
    kind: Kind
    chains: tuple[tuple[Hop, ...], ...]
    marks: tuple[str, str]
    language: str
    version: str
    title: Name
    disputed: bool
    meanings: tuple[Name, ...]
    denied: bool

    @property
    def text(self) -> str:
        """The words, an ellipsis standing for what lies between the pieces."""
        return BETWEEN.join(piece.exact for piece in self.pieces)

    @property
    def start(self) -> int:
        """Where the first piece starts."""
        return self.pieces[0].start if self.pieces else 0

    @property
    def end(self) -> int:
        """Where the last piece ends."""
        return self.pieces[-1].end if self.pieces else 0

    @property
    def anchor(self) -> str:
        """What a source page calls the place of this statement."""
        return "s" + self.iri.rpartition("/")[2]

    @property
    def speakers(self) -> tuple[Hop, ...]:
        """Hop 0 of each chain."""
        return tuple(chain[0] for chain in self.chains if chain)

    @property
    def unnamed(self) -> bool:
        """Whether no speaker has a name."""
        return bool(self.speakers) and all(hop.unnamed for hop in self.speakers)


def card_of(facts: Facts, iri: str) -> Card:
    """A statement's card."""
    version = facts.iri(iri, ASC.source) or ""
    chains = chains_of(facts, iri)
    acts = {facts.iri(hop.iri, ASC.act) for chain in chains for hop in chain}
    kind = kind_of(facts.kind(iri), translated=ASCV.translates.value in acts)
    pieces = pieces_of(facts, iri)
    return Card(
        iri=iri,
        pieces=pieces,
        kind=kind,
        chains=chains,
        marks=marks_of(kind, pieces[0].exact if pieces else "", facts.text(iri, ASC.quoteMarks)),
        language=(facts.text(version, SCHEMA.inLanguage) or "") if version else "",
        version=version,
        title=title_of(facts, version),
        disputed=_is_disputed(facts, iri),
        meanings=names_of(facts, iri, ASC.expresses),
        denied=facts.iri(iri, ASC.polarity) == ASCV.negative.value,
    )


def cards_of(facts: Facts, statements: Iterable[str]) -> list[Card]:
    """The cards of some statements, in their order."""
    listed = [*statements]
    facts.prepare(listed)
    return [card_of(facts, each) for each in listed]


def _is_disputed(facts: Facts, iri: str) -> bool:
    """Whether an assessment that nobody has rejected has it in conflict with another."""
    known = facts.is_disputed(iri)
    if known is not None:
        return known
    assessments = (each for end in ENDS for each in facts.pointing_at(iri, end))
    return any(
        facts.iri(each, ASC.relation) in CONFLICTS and not _is_rejected(facts, each)
        for each in assessments
    )


def _is_rejected(facts: Facts, assessment: str) -> bool:
    return any(
        facts.iri(judgement, ASC.verdict) == ASCV.rejected.value
        for judgement in facts.pointing_at(assessment, ASC.judged)
    )


def pieces_of(facts: Facts, iri: str) -> tuple[Piece, ...]:
    """The text spans of a statement in the order of the text."""
    return tuple(
        sorted((piece_of(facts, span) for span in facts.iris(iri, ASC.contentSpan)), key=_place)
    )


def piece_of(facts: Facts, span: str) -> Piece:
    """One text span."""
    return Piece(
        span,
        facts.number(span, OA.start) or 0,
        facts.number(span, OA.end) or 0,
        facts.text(span, OA.exact) or "",
        facts.text(span, OA.prefix) or "",
        facts.text(span, OA.suffix) or "",
    )


def title_of(facts: Facts, version: str) -> Name:
    """The title of a version's document, leading to the version."""
    document = facts.iri(version, ASC.versionOf) if version else None
    title = facts.literal(document, DCTERMS.term("title")) if document else None
    if title is None:
        return Name(version, say("part.no_title"))
    return Name(version, title.value, title.language)


def _place(piece: Piece) -> tuple[int, int]:
    return piece.start, piece.end


def marks_of(kind: Kind, words: str, in_source: str | None) -> tuple[str, str]:
    """Quotation marks for direct words, unless the words bring their own.

    Shape: those of the source, so that Arabic has its «»; curly ones for straight ones.
    """
    own = in_source and words.startswith(in_source[0])
    if not kind.direct or own:
        return ("", "")
    typographic = in_source and len(in_source) == 2 and not in_source.isascii()
    return (in_source[0], in_source[1]) if in_source and typographic else ("“", "”")
