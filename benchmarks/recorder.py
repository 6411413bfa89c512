"""The bundle of a generated article, made as `graph.annotation` would make it."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from itertools import combinations
from typing import Any, NamedTuple

from article import Article, Hop, Moment, Place, Said
from pyoxigraph import NamedNode, Quad
from world import FIRST_NAMES, Thing, World, concept, surname, zipf

from graph.annotation.makers import month_and_day
from graph.bundle import assessments_of
from graph.fields import Record, Text
from graph.iris import content_of
from graph.mapping import to_quads
from graph.model import (
    Activity,
    Agent,
    Assessment,
    Attribution,
    Document,
    DocumentVersion,
    Event,
    Proposition,
    Statement,
    TextSpan,
    TimeExpression,
)
from graph.records import Records
from graph.selectors import select
from graph.vocab import ASC


class Source(NamedTuple):
    """A text, its bundle in the order of an export, and how many statements that holds."""

    text: bytes
    quads: list[Quad]
    statements: int


class Recorder:
    """Makes the records of an article, as `graph.annotation` would."""

    def __init__(self, world: World, article: Article) -> None:
        self.world, self.article, self.mint = world, article, world.mint
        self.data = article.text.encode()
        self.sha256 = hashlib.sha256(self.data).hexdigest()
        self.document = self.mint.document(article.title, self.sha256)
        self.version = self.mint.version(self.document, self.sha256)
        self.records: dict[str, Record] = {}
        self.judgements: dict[str, Assessment] = {}
        self.things: dict[str, Thing] = {}
        self.narrator = self._narrator()
        self.annotator = self._annotator()
        self.extraction = self._activity("ExtractionActivity")

    def source(self) -> Source:
        """The text with its bundle."""
        self._keep_thing(self.article.outlet)
        self._keep(
            Document(
                iri=self.document,
                types=_types("Document"),
                title=(Text(self.article.title),),
                issued=self.article.day.isoformat(),
                publisher=(self.article.outlet.iri,),
            )
        )
        self._keep(
            DocumentVersion(
                iri=self.version,
                types=_types("DocumentVersion"),
                version_of=self.document,
                sha256=self.sha256,
                code_points=len(self.article.text),
                byte_length=len(self.data),
                language="en",
            )
        )
        made: list[str] = []
        for said in self.article.said:
            made.append(self._statement(said, made))
        relations = self._relations(made)
        self._review()
        return Source(self.data, self._in_order(relations), len(made))

    def _keep(self, record: Record) -> str:
        self.records[record.iri] = record
        return record.iri

    def _keep_thing(self, thing: Thing) -> str:
        iri = thing.record.iri
        if iri not in self.things:
            self.things[iri] = thing
            for each in thing.needs:
                self._keep_thing(each)
        return iri

    def _narrator(self) -> str:
        label = f"Narrator of “{self.article.title}”"
        iri = self.mint.agent(label, "Narrator", self.document)
        types, labels = _types("Narrator"), (Text(label),)
        narrator = Agent(iri=iri, types=types, label=labels, narrates=self.document)
        return self._keep_thing(Thing(narrator))

    def _annotator(self) -> str:
        number = zipf(self.article.chance, 20)
        return self._keep_thing(
            self.world.agent(f"{FIRST_NAMES[-number]} {surname(7919 * number)}", "Person")
        )

    def _activity(self, kind: str, **more: Any) -> str:
        tool = "ascribe annotate"
        return self._keep(
            Activity(
                iri=self.mint.activity(self.sha256, kind, self.annotator, tool),
                types=_types(kind),
                associated_with=self.annotator,
                ended_at=f"{self.article.day.isoformat()}T18:00:00Z",
                tool=tool,
                tool_version="1",
                **more,
            )
        )

    def _review(self) -> None:
        spans = sum(isinstance(each, TextSpan) for each in self.records.values())
        more = {"reviewed": self.version, "text_digest": self.sha256, "quotes_checked": spans}
        self._activity("ReviewActivity", **more)

    def _span(self, place: Place | None) -> str | None:
        if place is None:
            return None
        iri = self.mint.span(self.sha256, *place)
        if iri not in self.records:
            text = self.article.text
            found = select(text, text[place.start : place.end], place.start)
            self.records[iri] = TextSpan(
                iri=iri,
                types=_types("TextSpan"),
                in_version=self.version,
                start=found.start,
                end=found.end,
                exact=found.exact,
                prefix=found.prefix,
                suffix=found.suffix,
            )
        return iri

    def _time(self, moment: Moment | None) -> str | None:
        if moment is None:
            return None
        edtf = moment.day.isoformat() if moment.day else None
        values: dict[str, Any] = {
            "wording": self.article.text[slice(*moment.place)],
            "edtf": edtf,
            "anchor": self._time(moment.anchor),
            "offset": moment.offset,
            "time_span": self._span(moment.place),
            **month_and_day(edtf),
        }
        iri = self.mint.time(self.sha256, *content_of(values))
        return self._keep(TimeExpression(iri=iri, types=_types("TimeExpression"), **values))

    def _chain(self, said: Said) -> str:
        """Hop 0 of a statement, with all hops outward to the narrator."""
        acts = {"Paratext": "credits", "IndirectSpeech": "reports"}
        act = "quotes" if said.kind.endswith("Quotation") else acts.get(said.kind, "asserts")
        outward = self._attribution({"agent": self.narrator, "act": concept(act)})
        for hop in reversed(said.chain):
            outward = self._attribution(self._hop(hop, outward))
        return outward

    def _hop(self, hop: Hop, outward: str) -> dict[str, Any]:
        return {
            "agent": self._keep_thing(hop.agent),
            "act": concept(hop.act),
            "relayed_by": outward,
            "cue_span": self._span(hop.cue),
            "agent_span": self._span(hop.words),
            "said_at": self._time(hop.said_at),
        }

    def _attribution(self, values: dict[str, Any]) -> str:
        iri = self.mint.attribution(self.sha256, *content_of(values))
        return self._keep(Attribution(iri=iri, types=_types("Attribution"), **values))

    def _statement(self, said: Said, before: list[str]) -> str:
        content = {
            "content_span": (self._span(said.quote),),
            "attribution": (self._chain(said),),
            "expresses": tuple(sorted(self._keep_thing(each) for each in said.propositions)),
            **(_factuality(said) if said.propositions else {}),
        }
        iri = self.mint.statement(
            self.sha256, *said.quote, *content_of({"kind": said.kind, **content})
        )
        time = self._time(said.mentions)
        return self._keep(
            Statement(
                iri=iri,
                types=_types(said.kind),
                source=self.version,
                event=_events(said.propositions),
                time_mention=(time,) if time else (),
                part_of=None if said.part_of is None else before[said.part_of],
                quote_marks=said.marks,
                generated_by=(self.extraction,),
                **content,
            )
        )

    def _relations(self, made: list[str]) -> list[Quad]:
        """Judgements about a few of the pairs that speak of one thing."""
        told = zip(made, self.article.said, strict=True)
        pairs = [
            (other, relation, one)
            for (one, first), (other, second) in combinations(told, 2)
            if (relation := _relation(first, second))
        ]
        chosen = self.article.chance.sample(pairs, min(len(pairs), len(made) // 5))
        return [self._assessed(*each) for each in chosen]

    def _assessed(self, subject: str, relation: str, object_: str) -> Quad:
        """The triple that a judgement backs, which is kept."""
        property_ = ASC.term(relation)
        ends = {"subject": subject, "relation": property_.value, "object": object_}
        content = content_of({"kind": "RelationAssessment", "author": self.annotator, **ends})
        iri = self.mint.assessment(self.sha256, *content)
        self.judgements[iri] = Assessment(
            iri=iri,
            types=_types("RelationAssessment"),
            author=self.annotator,
            confidence=Decimal(self.article.chance.choice(("0.6", "0.75", "0.9"))),
            basis=concept("inferred"),
            rationale=(Text("Both speak of the same thing."),),
            **ends,
        )
        home = assessments_of(NamedNode(self.version))
        return Quad(NamedNode(subject), property_, NamedNode(object_), home)

    def _in_order(self, relations: list[Quad]) -> list[Quad]:
        """The bundle's quads: its own graphs first, then the shared ones."""
        base, homes = self.mint.base, dict.fromkeys(self.records, self.version)
        said = sorted(self.things.values(), key=lambda each: isinstance(each.record, Proposition))
        return [
            *to_quads(Records(self.records.values(), graphs=homes), base),
            *to_quads(Records(self.judgements.values()), self.version),
            *relations,
            *(quad for each in said for quad in self.world.quads(each.record)),
        ]


def _relation(one: Said, other: Said) -> str | None:
    """How a later statement stands to an earlier one of other voices."""
    if not one.propositions or not other.propositions or one.chain[:1] == other.chain[:1]:
        return None
    first, second = one.propositions[0].record, other.propositions[0].record
    assert isinstance(first, Proposition)
    assert isinstance(second, Proposition)
    if first == second:
        return "corroborates" if one.negative == other.negative else "denies"
    if first.effect and second.effect and first.effect == second.effect:
        return "competesAsExplanationWith"
    if first.counted_kind and _counted(first) == _counted(second):
        return "inTensionWith"
    return None


def _counted(proposition: Proposition) -> tuple[object, ...]:
    """What a proposition gives a number of."""
    return proposition.counted_kind, proposition.predicate, proposition.event_arg


def _factuality(said: Said) -> dict[str, str | None]:
    return {
        "polarity": concept("negative" if said.negative else "positive"),
        "certainty": concept(said.certain),
        "temporality": concept("past"),
    }


def _events(propositions: tuple[Thing, ...]) -> tuple[str, ...]:
    """The events that some propositions are about."""
    needed = (each for proposition in propositions for each in proposition.needs)
    return tuple(sorted({each.iri for each in needed if isinstance(each.record, Event)}))


def _types(kind: str) -> tuple[str, ...]:
    return (ASC.term(kind).value,)
