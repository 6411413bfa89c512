"""Small sources that speak of the same events, for tests that hold them against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

PREFIXES = """
@prefix asc: <https://w3id.org/ascribe/ns#> .
@prefix ascv: <https://w3id.org/ascribe/vocab#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <http://schema.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

CAST = """
<event/strike> a asc:Event ; rdfs:label "the strike"@en .
<event/fog> a asc:Event ; rdfs:label "the fog"@en .
<event/error> a asc:Event ; rdfs:label "a pilot's error"@en .
<agent/state> a asc:State ; rdfs:label "Norland"@en .
<agent/army> a asc:Organization ; rdfs:label "the army of Norland"@en ;
    asc:partOfAgent <agent/state> .
<agent/rebels> a asc:Organization ; rdfs:label "the rebels"@en .
"""


def toll(bounds: str, words: str) -> tuple[str, str]:
    """That so many people died in the strike."""
    return f"toll-{words.replace(' ', '-')}", (
        f'a asc:QuantityProposition ; rdfs:label "The strike killed {words}."@en ; '
        f"asc:eventArg <event/strike> ; asc:predicate ascv:kills ; asc:countedKind ascv:people ; "
        f'asc:wording "{words} people" ; {bounds}'
    )


MORE_THAN_60 = toll("asc:lowerBound 60 ; asc:lowerInclusive false", "more than 60")
AT_LEAST_60 = toll("asc:lowerBound 60 ; asc:lowerInclusive true", "at least 60")
EXACTLY_60 = toll(
    "asc:lowerBound 60 ; asc:lowerInclusive true ; asc:upperBound 60 ; asc:upperInclusive true",
    "60",
)
AT_MOST_45 = toll("asc:upperBound 45 ; asc:upperInclusive true", "at most 45")
HAPPENED = (
    "happened",
    'a asc:EventProposition ; rdfs:label "The strike happened."@en ; asc:eventArg <event/strike>',
)


def cause(name: str) -> tuple[str, str]:
    """That one event brought the strike about."""
    return f"cause-{name}", (
        f'a asc:CausalProposition ; rdfs:label "The strike came of {name}."@en ; '
        f"asc:cause <event/{name}> ; asc:effect <event/strike>"
    )


def struck(role: str, name: str) -> tuple[str, str]:
    """That somebody struck, or was struck."""
    return f"{role}-{name}", (
        f'a asc:EventProposition ; rdfs:label "The strike: {role} {name}."@en ; '
        f"asc:eventArg <event/strike> ; asc:predicate ascv:strikes ; asc:{role} <agent/{name}>"
    )


@dataclass(frozen=True)
class Account:
    """One source with one statement.

    Shape: `date` is the EDTF of what it says, if it dates the strike; editions of one
        number are versions of one document.
    """

    number: int
    says: tuple[str, str]
    who: str = "Mayor"
    kind: str = "IndirectSpeech"
    polarity: str = "positive"
    certainty: str = "certain"
    temporality: str = "past"
    outlet: str = ""
    via: str = ""
    date: str = ""
    edition: int = 0

    def but(self, **changes: object) -> Account:
        """The same account with some things other."""
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def sha(self) -> str:
        return f"{self.edition * 4096 + self.number:064x}"

    @property
    def version(self) -> str:
        """The IRI of its version, relative to the base."""
        return f"doc/account-{self.number}/v/{self.sha[-16:]}"

    @property
    def statement(self) -> str:
        """The IRI of its statement, relative to the base."""
        return f"statement/{self.sha[-12:]}/0-4-{self.says[0]}-{self.polarity}-{self.kind}"

    def turtle(self) -> bytes:
        """The source as a bundle."""
        key, number = self.sha[-12:], self.number
        name, content = self.says
        if self.date:
            name, content = f"{name}-{key}", f"{content} ; asc:timeArg <time/{key}/when>"
        hop = f"<attribution/{key}/narrator>"
        middle = ""
        if self.via:
            middle = f"""<attribution/{key}/via> a asc:Attribution ; asc:agent <agent/{self.via}> ;
    asc:act ascv:reports ; asc:relayedBy {hop} .
<agent/{self.via}> a asc:NewsOrganization ; rdfs:label "{self.via}"@en ."""
            hop = f"<attribution/{key}/via>"
        outlet = f"; dcterms:publisher <agent/{self.outlet}> " if self.outlet else ""
        described = (
            f'<agent/{self.outlet}> a asc:NewsOrganization ; rdfs:label "{self.outlet}"@en .'
            if self.outlet
            else ""
        )
        unstated = "asc:yearStatus ascv:yearNotStated ;" if self.date.startswith("X") else ""
        time = (
            f'<time/{key}/when> a asc:TimeExpression ; asc:wording "on {self.date}" ; {unstated} '
            f'asc:edtf "{self.date}" .'
            if self.date
            else ""
        )
        return f"""{PREFIXES}{CAST}{described}{middle}{time}
<doc/account-{number}> a asc:Document {outlet}.
<{self.version}> a asc:DocumentVersion ; asc:versionOf <doc/account-{number}> ;
    asc:sha256 "{self.sha}" ; asc:codePoints 4 ; asc:byteLength 4 ; schema:inLanguage "en" .
<activity/{key}/made> a asc:ExtractionActivity ; prov:wasAssociatedWith <agent/annotator> ;
    prov:endedAtTime "2031-05-04T09:30:00Z"^^xsd:dateTime .
<agent/annotator> a asc:Person ; rdfs:label "Ines Falk"@en .
<agent/narrator-{number}> a asc:Narrator ; rdfs:label "narrator {number}"@en ;
    asc:narrates <doc/account-{number}> .
<agent/{self.who}> a asc:Organization ; rdfs:label "the {self.who}"@en .
<attribution/{key}/narrator> a asc:Attribution ; asc:agent <agent/narrator-{number}> ;
    asc:act ascv:reports .
<attribution/{key}/hop> a asc:Attribution ; asc:agent <agent/{self.who}> ; asc:act ascv:says ;
    asc:relayedBy {hop} .
<{self.statement}> a asc:{self.kind} ; asc:source <{self.version}> ;
    asc:contentSpan <span/{key}/0-4> ; asc:attribution <attribution/{key}/hop> ;
    asc:expresses <proposition/{name}> ; asc:polarity ascv:{self.polarity} ;
    asc:certainty ascv:{self.certainty} ; asc:temporality ascv:{self.temporality} ;
    prov:wasGeneratedBy <activity/{key}/made> .
<proposition/{name}> {content} .
<span/{key}/0-4> a asc:TextSpan ; asc:inVersion <{self.version}> ;
    oa:start 0 ; oa:end 4 ; oa:exact "word" .
""".encode()
