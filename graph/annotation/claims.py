"""What an annotation says was said: statements, their chains, their relations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from graph.annotation.cast import Cast
from graph.annotation.chains import Chains
from graph.annotation.source import Source
from graph.annotation.table import Table
from graph.fields import Text
from graph.iris import content_of
from graph.model import Assessment, Attribution, Event, Proposition, Statement, TextSpan
from graph.vocab import ASC, ASCV

STATEMENT_KEYS = frozenset(
    {"id", "kind", "quote", "near", "occurrence", "chain", "chains", "about", "expresses"}
    | {"polarity", "certainty", "temporality", "times", "part_of", "quote_marks", "emendation"}
    | {"original_language"}
)
JUDGEMENT_KEYS = frozenset({"subject", "object", "confidence", "basis", "because"})
RELATION_KEYS = JUDGEMENT_KEYS | {"relation", "hop"}
_QUOTE_KEYS = frozenset({"words", "near", "occurrence", "from", "to"})


class Claims:
    """Makes statements and judgements; `statements` maps their ids to IRIs."""

    def __init__(self, file: Table, source: Source, cast: Cast, activity_iri: str) -> None:
        self.source = source
        self.cast = cast
        self.statements: dict[str, str] = {}
        self._activity_iri = activity_iri
        self._chains = Chains(file, source, cast)

    def statement(self, table: Table) -> Statement:
        """The statement that a [[statement]] table describes, kept in the cast's records.

        Raises: AnnotationFault naming the statement, the key and what was expected.
        """
        name, kind = table.text("id"), table.text("kind")
        if name in self.statements:
            raise table.fault("id", "another statement has it; expected an id of its own")
        if ASC.term(kind).value not in Statement.classes:
            known = ", ".join(sorted(each.removeprefix(ASC) for each in Statement.classes))
            raise table.fault("kind", f"{kind!r} is no kind of statement; expected one of {known}")
        spans = self._spans(table)
        values: dict[str, Any] = {
            "content_span": tuple(sorted(self.cast.keep(span) for span in spans)),
            "attribution": self._chains.of(table, kind, spans[0]),
            "expresses": self.cast.iris(table, "expresses"),
            **({} if kind == "Paratext" else _factuality(self.cast, table)),
        }
        start = min(span.start or 0 for span in spans)
        end = max(span.end or 0 for span in spans)
        content = content_of({"kind": kind, **values})
        iri = self.source.mint.statement(self.source.sha256, start, end, *content)
        if iri in self.cast.records:
            raise table.fault("quote", "an earlier statement says the same in the same words")
        statement = Statement(
            iri=iri,
            types=(ASC.term(kind).value,),
            source=self.source.version_iri,
            event=self._spoken_of(table, "about", values["expresses"]),
            time_mention=self._spoken_of(table, "times", values["expresses"]),
            part_of=self._whole(table),
            quote_marks=table.maybe("quote_marks"),
            emendation=table.maybe("emendation"),
            original_language=table.maybe("original_language"),
            generated_by=(self._activity_iri,),
            **values,
        )
        self.statements[name] = self.cast.keep(statement)
        return statement

    def relation(self, table: Table, author: str) -> Assessment:
        """The judgement that a [[relation]] table passes on two statements."""
        word = table.text("relation")
        ends = {key: self._judged(table, key) for key in ("subject", "object")}
        hop = table.number("hop")
        if hop is not None or word == "deniesSaying":
            ends["object"] = self._hop_of(table, ends["object"], hop or 0)
        return self._judgement(table, "RelationAssessment", author, ASC.term(word).value, **ends)

    def identity(self, table: Table, author: str) -> Assessment:
        """The judgement of an [[identity]] table: two names, one thing."""
        ends = {key: self.cast.iri(table.text(key), table, key) for key in ("subject", "object")}
        return self._judgement(table, "IdentityAssessment", author, None, **ends)

    def _judged(self, table: Table, key: str) -> str:
        """The statement under a key: one of this file by its id, another by its <IRI>."""
        name = table.text(key)
        if key == "object" and name.startswith("<") and name.endswith(">"):
            return self.source.elsewhere(name[1:-1])
        if name not in self.statements:
            raise table.fault(
                key,
                f"no statement has the id {name!r}; one of another bundle is named by its <IRI>",
            )
        return self.statements[name]

    def _hop_of(self, table: Table, iri: str, number: int) -> str:
        """A hop of a statement's first chain, counted from the words outward."""
        statement = self.cast.records.get(iri)
        if not isinstance(statement, Statement):
            return iri  # of another bundle, where the file names the attribution itself
        hop: str | None = statement.attribution[0]
        for _ in range(number):
            attribution = self.cast.records.get(hop or "")
            hop = attribution.relayed_by if isinstance(attribution, Attribution) else None
        if hop is None:
            raise table.fault("hop", f"the chain has no hop {number}; the words' own is hop 0")
        return hop

    def _spans(self, table: Table) -> list[TextSpan]:
        spans = [self._span(table, item) for item in table.items("quote")]
        if not spans:
            raise table.fault("quote", "nothing there; expected the words of the source")
        return sorted(spans, key=lambda span: span.start or 0)

    def _span(self, table: Table, item: object) -> TextSpan:
        if isinstance(item, str):
            where = {key: table.get(key, object) for key in ("near", "occurrence") if key in table}
            item = {"words": item, **where}
        quote = Table(item, f"{table.where}, quote", _QUOTE_KEYS)
        return self.source.stretch(quote) if "from" in quote else self.source.point(quote, "words")

    def _whole(self, table: Table) -> str | None:
        name = table.maybe("part_of")
        if name is not None and name not in self.statements:
            raise table.fault("part_of", f"no statement above this one has the id {name!r}")
        return self.statements[name] if name is not None else None

    def _spoken_of(self, table: Table, key: str, expressed: tuple[str, ...]) -> tuple[str, ...]:
        """What is listed under `key`, or else what the propositions are about."""
        if key in table:
            return self.cast.iris(table, key)
        found: set[str] = set()
        for iri in expressed:
            proposition = self.cast.records[iri]
            assert isinstance(proposition, Proposition)
            if key == "times":
                found.update(proposition.time_arg)
            else:
                ends = {proposition.cause or "", proposition.effect or "", *proposition.event_arg}
                found |= {end for end in ends if isinstance(self.cast.records.get(end), Event)}
        return tuple(sorted(found))

    def _judgement(
        self, table: Table, kind: str, author: str, relation: str | None, **ends: str
    ) -> Assessment:
        confidence = table.get("confidence", (int, float), "a number from 0.0 to 1.0")
        if confidence is None or not 0 <= confidence <= 1:
            raise table.fault(
                "confidence", f"it is {confidence}; expected a number from 0.0 to 1.0"
            )
        content = content_of({"kind": kind, "author": author, "relation": relation, **ends})
        because = table.maybe("because")
        record = Assessment(
            iri=self.source.mint.assessment(self.source.sha256, *content),
            types=(ASC.term(kind).value,),
            relation=relation,
            author=author,
            confidence=Decimal(str(confidence)),
            basis=self.cast.concept(table, "basis", "Basis", "inferred"),
            rationale=(Text(because),) if because else (),
            **ends,
        )
        self.cast.keep(record)
        return record


def _factuality(cast: Cast, table: Table) -> dict[str, str | None]:
    defaults = {"polarity": "positive", "certainty": "certain", "temporality": "past"}
    return {
        key: ASCV.term(f"{key}Underspecified").value
        if table.maybe(key) == "underspecified"
        else cast.concept(table, key, key.capitalize(), default)
        for key, default in defaults.items()
    }
