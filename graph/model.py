"""The records: what a graph of statements is made of, as plain Python values.

A record is flat: it points at others by IRI. Each field knows the property it
is written as and the kind of value it takes, so that `graph.mapping` needs no
code of its own for any of them. Fields may be empty: what must be there is
said once, by the shapes.
"""

# ruff: noqa: RUF009 (one() and many() make dataclass fields, which is what belongs here)

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from graph.fields import Iris, Kind, Record, Texts, asc_classes, class_iris, many, one
from graph.vocab import ASC, DCTERMS, FOAF, OA, ORG, PROV, RDFS, SCHEMA, SKOS


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Record):
    """A work; author, date and publisher only where the text names them."""

    classes = asc_classes("Document")
    title: Texts = many(DCTERMS.term("title"), Kind.TEXT)
    creator: Iris = many(DCTERMS.creator)
    issued: str | None = one(DCTERMS.issued, Kind.DATE)
    publisher: Iris = many(DCTERMS.publisher)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVersion(Record):
    """One byte string of a document; its IRI names the graph of its statements."""

    classes = asc_classes("DocumentVersion")
    version_of: str | None = one(ASC.versionOf)
    sha256: str | None = one(ASC.sha256, Kind.STRING)
    code_points: int | None = one(ASC.codePoints, Kind.INTEGER)
    byte_length: int | None = one(ASC.byteLength, Kind.INTEGER)
    language: str | None = one(SCHEMA.inLanguage, Kind.STRING)
    was_revision_of: str | None = one(PROV.wasRevisionOf)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSpan(Record):
    """Words of a version, and where they stand (code points, `end` excluded)."""

    classes = asc_classes("TextSpan")
    in_version: str | None = one(ASC.inVersion)
    start: int | None = one(OA.start, Kind.INTEGER)
    end: int | None = one(OA.end, Kind.INTEGER)
    exact: str | None = one(OA.exact, Kind.STRING)
    prefix: str | None = one(OA.prefix, Kind.STRING)
    suffix: str | None = one(OA.suffix, Kind.STRING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(Record):
    """Somebody who can say something: a person, an organization, a group, a narrator."""

    classes = asc_classes(
        "Agent Person Organization State NewsOrganization Group JointGroup "
        "UnidentifiedAgent UnidentifiedGroup Narrator"
    )
    label: Texts = many(RDFS.label, Kind.TEXT)
    alt_label: Texts = many(SKOS.altLabel, Kind.TEXT)
    member: Iris = many(FOAF.member)
    speaks_for: Iris = many(ASC.speaksFor)
    part_of: Iris = many(ASC.partOfAgent)
    narrates: str | None = one(ASC.narrates)
    described_in: str | None = one(ASC.describedIn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post(Record):
    """An office somebody may hold."""

    classes = asc_classes("Post")
    label: Texts = many(RDFS.label, Kind.TEXT)
    post_in: str | None = one(ORG.postIn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership(Record):
    """Somebody's holding a post, for a time that may be unknown."""

    classes = class_iris(ORG.Membership)
    member: str | None = one(ORG.member)
    post: str | None = one(ASC.post)
    member_during: str | None = one(ORG.memberDuring)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Record):
    """What happened; when, where and how many come from statements."""

    classes = asc_classes("Event CommunicationEvent")
    label: Texts = many(RDFS.label, Kind.TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Record):
    """Where something is said to have happened."""

    classes = asc_classes("Place")
    label: Texts = many(RDFS.label, Kind.TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept(Record):
    """Anything else a proposition is about."""

    classes = class_iris(SKOS.Concept)
    label: Texts = many(SKOS.prefLabel, Kind.TEXT)
    definition: Texts = many(SKOS.definition, Kind.TEXT)
    in_scheme: Iris = many(SKOS.inScheme)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeExpression(Record):
    """A time in the source's words, with what is missing left missing."""

    classes = asc_classes("TimeExpression")
    wording: str | None = one(ASC.wording, Kind.STRING)
    edtf: str | None = one(ASC.edtf, Kind.STRING)
    month_day_key: int | None = one(ASC.monthDayKey, Kind.INTEGER)
    year_status: str | None = one(ASC.yearStatus)
    weekday: int | None = one(ASC.weekday, Kind.INTEGER)
    approximate: bool | None = one(ASC.approximate, Kind.BOOLEAN)
    anchor: str | None = one(ASC.anchor)
    offset: str | None = one(ASC.offset, Kind.STRING)
    time_span: str | None = one(ASC.timeSpan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution(Record):
    """One hop: who, by which act, with which cue, and who passes it on."""

    classes = asc_classes("Attribution")
    agent: str | None = one(ASC.agent)
    act: str | None = one(ASC.act)
    relayed_by: str | None = one(ASC.relayedBy)
    cue_span: str | None = one(ASC.cueSpan)
    agent_span: str | None = one(ASC.agentSpan)
    said_at: str | None = one(ASC.saidAt)
    addressee: Iris = many(ASC.addressee)
    capacity: str | None = one(ASC.capacity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Record):
    """What somebody is reported to have said, once, in one source."""

    classes = asc_classes(
        "Statement AttributedStatement DirectQuotation BlockQuotation MixedQuotation "
        "IndirectSpeech ReportedAttitude ReportedBelief ReportedDesire ReportedIntention "
        "ReportedPerception SpeechActReport NarratorAssertion HeadlineAssertion "
        "Presupposition Paratext"
    )
    source: str | None = one(ASC.source)
    content_span: Iris = many(ASC.contentSpan)
    attribution: Iris = many(ASC.attribution)
    expresses: Iris = many(ASC.expresses)
    polarity: str | None = one(ASC.polarity)
    certainty: str | None = one(ASC.certainty)
    temporality: str | None = one(ASC.temporality)
    event: Iris = many(ASC.event)
    time_mention: Iris = many(ASC.timeMention)
    part_of: str | None = one(ASC.partOf)
    quote_marks: str | None = one(ASC.quoteMarks, Kind.STRING)
    original_language: str | None = one(ASC.originalLanguage, Kind.STRING)
    emendation: str | None = one(ASC.emendation, Kind.STRING)
    generated_by: Iris = many(PROV.wasGeneratedBy)
    generated_at: str | None = one(PROV.generatedAtTime, Kind.DATE_TIME)
    invalidated_at: str | None = one(PROV.invalidatedAtTime, Kind.DATE_TIME)
    was_revision_of: str | None = one(PROV.wasRevisionOf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposition(Record):
    """What a statement says, apart from who says it and whether it is denied."""

    classes = asc_classes(
        "Proposition EventProposition CausalProposition QuantityProposition "
        "TemporalProposition RelationProposition RoleProposition IdentityProposition "
        "EvaluativeProposition DesireProposition IntentionProposition SpeechActProposition"
    )
    label: Texts = many(RDFS.label, Kind.TEXT)
    predicate: str | None = one(ASC.predicate)
    agent_arg: Iris = many(ASC.agentArg)
    patient_arg: Iris = many(ASC.patientArg)
    theme_arg: Iris = many(ASC.themeArg)
    holder_arg: Iris = many(ASC.holderArg)
    recipient_arg: Iris = many(ASC.recipientArg)
    place_arg: Iris = many(ASC.placeArg)
    time_arg: Iris = many(ASC.timeArg)
    content_arg: Iris = many(ASC.contentArg)
    event_arg: Iris = many(ASC.eventArg)
    goal_arg: Iris = many(ASC.goalArg)
    cause: str | None = one(ASC.cause)
    effect: str | None = one(ASC.effect)
    blames: Iris = many(ASC.blames)
    counted_kind: str | None = one(ASC.countedKind)
    lower_bound: int | Decimal | None = one(ASC.lowerBound, Kind.NUMBER)
    lower_inclusive: bool | None = one(ASC.lowerInclusive, Kind.BOOLEAN)
    upper_bound: int | Decimal | None = one(ASC.upperBound, Kind.NUMBER)
    upper_inclusive: bool | None = one(ASC.upperInclusive, Kind.BOOLEAN)
    margin: int | Decimal | None = one(ASC.margin, Kind.NUMBER)
    wording: str | None = one(ASC.wording, Kind.STRING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment(Record):
    """Somebody's judgement about two statements, or about two names for one thing."""

    classes = asc_classes("Assessment RelationAssessment IdentityAssessment")
    subject: str | None = one(ASC.subject)
    relation: str | None = one(ASC.relation)
    object: str | None = one(ASC.object)
    confidence: Decimal | None = one(ASC.confidence, Kind.DECIMAL)
    basis: str | None = one(ASC.basis)
    author: str | None = one(ASC.author)
    rationale: Texts = many(ASC.rationale, Kind.TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(Record):
    """Who or what made a record or checked it, with which tool, and when."""

    classes = asc_classes("ExtractionActivity ReviewActivity")
    associated_with: str | None = one(PROV.wasAssociatedWith)
    ended_at: str | None = one(PROV.endedAtTime, Kind.DATE_TIME)
    tool: str | None = one(ASC.tool, Kind.STRING)
    tool_version: str | None = one(ASC.toolVersion, Kind.STRING)
    reviewed: str | None = one(ASC.reviewed)
    text_digest: str | None = one(ASC.textDigest, Kind.STRING)
    quotes_checked: int | None = one(ASC.quotesChecked, Kind.INTEGER)


RECORD_TYPES: tuple[type[Record], ...] = (
    Document,
    DocumentVersion,
    TextSpan,
    Agent,
    Post,
    Membership,
    Event,
    Place,
    Concept,
    TimeExpression,
    Attribution,
    Statement,
    Proposition,
    Assessment,
    Activity,
)
"""Every kind of record; a subject with several types is the first that fits."""
