"""Statements in the words of schema.org: quotations, claims, and reviews of claims.

A review is what somebody published as one: a statement whose act is to rate what another
puts forward. Its rating has the reviewer's own words and numbers, and no others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import IO, Any

from pyoxigraph import Literal, NamedNode

from graph.extract import Extract
from graph.formats import Format
from graph.listings import listed
from graph.rows import Selection, StatementRow, statement_rows
from graph.vocab import ASC, LABELS, RDF, SCHEMA

SCHEMA_ORG = Format("schema.org", 'application/ld+json; profile="http://schema.org/"', "schema")

SOMEBODY = "whoever made the claim"
"""Who makes a claim of which a review does not say so."""

NUMBERS = ("ratingValue", "bestRating", "worstRating")
"""What a rating has in numbers."""

_HEAD = {"@context": {"@vocab": str(SCHEMA), "id": "@id", "type": "@type"}}
_TYPES = {
    ASC.Person.value: "Person",
    ASC.NewsOrganization.value: "NewsMediaOrganization",
    ASC.State.value: "GovernmentOrganization",
    ASC.Organization.value: "Organization",
}
_MOST_KNOWN = 50_000
"""As many speakers are remembered with their types, some 200 bytes each."""


def in_numbers(told: Mapping[str, str]) -> str:
    """What a rating comes to that has no words.

    >>> in_numbers({"ratingValue": "1", "bestRating": "5"})
    '1 of 5'
    """
    value, best = told["ratingValue"], told["bestRating"]
    return f"{value} of {best}" if value and best else value


def write_schema_org(extract: Extract, output: IO[bytes]) -> None:
    """Write statements as they come, one source held at a time.

    Source: schema.org, Quotation, Claim and ClaimReview.
    """
    writer = _Writer(extract)
    for text in listed(_HEAD, "@graph", map(writer.said, extract.rows())):
        output.write(text.encode())


class _Writer:
    """Turns rows into what schema.org calls them, with looks at what no row holds."""

    def __init__(self, extract: Extract) -> None:
        self._store = extract.dataset.store
        self._type = lru_cache(maxsize=_MOST_KNOWN)(self._look_up_type)

    def said(self, row: StatementRow) -> dict[str, Any]:
        """A statement as a review, a quotation or a claim."""
        if "rates" in row.act.split("; "):
            return self._review(row)
        quoted = row.kind in ("DirectQuotation", "BlockQuotation")
        work = {"id": row.source, "type": "CreativeWork", "name": row.title}
        if row.published:
            work["datePublished"] = row.published
        said = {
            "id": row.statement,
            "type": "Quotation" if quoted else "Claim",
            "text": row.text,
            "inLanguage": row.language,
            **({"isPartOf": work} if quoted else {"appearance": work}),
            "spokenByCharacter" if quoted else "creator": self._speakers(row),
        }
        if row.event:
            said["about"] = [
                {"id": iri, "type": "Event", "name": name}
                for iri, name in _pairs(row.event, row.event_name)
            ]
        return said

    def _review(self, row: StatementRow) -> dict[str, Any]:
        contents = [
            content
            for meaning in self._values(row.statement, ASC.expresses)
            for content in self._values(meaning, ASC.contentArg)
        ]
        claims = [claim for content in contents for claim in self._claims(row.source, content)]
        labels = (
            label for each in contents for name in LABELS for label in self._values(each, name)
        )
        claimed = claims[0].text if claims else next(labels, "")
        document = next(self._values(row.source, ASC.versionOf), "")
        return _filled(
            {
                "id": row.statement,
                "type": "ClaimReview",
                "headline": row.title if row.title != claimed else "",
                "url": next(self._values(document, SCHEMA.url), ""),
                "datePublished": row.published,
                "inLanguage": row.language if row.language != "und" else "",
                "author": self._speakers(row),
                "claimReviewed": claimed,
                "itemReviewed": [self._claim(each) for each in claims],
                "reviewRating": self._rating(row),
            }
        )

    def _claims(self, version: str, content: str) -> Iterator[StatementRow]:
        """The statements of a source that put something forward."""
        node, graph = NamedNode(content), NamedNode(version)
        found = {quad.subject for quad in self._store.find(None, ASC.expresses, node, graph)}
        for each in sorted(found, key=str):
            assert isinstance(each, NamedNode)
            yield from statement_rows(self._store, Selection(statement=each.value))

    def _claim(self, row: StatementRow) -> dict[str, Any]:
        """What is reviewed, apart from how the review's own page puts it.

        Shape: of whoever made it nothing is said where nobody is named.
        """
        meanings = self._values(row.statement, ASC.expresses)
        urls = sorted(url for each in meanings for url in self._values(each, SCHEMA.appearance))
        works: list[dict[str, Any]] = [{"type": "CreativeWork", "url": url} for url in urls]
        relay, outward, _ = row.according_to.partition("; ")[0].partition(" > ")
        if outward:
            if len(works) != 1:
                works.append({"type": "CreativeWork"})
            works[-1]["publisher"] = {"type": "Thing", "name": relay}
        return _filled(
            {
                "type": "Claim",
                "sameAs": row.statement,
                "author": [each for each in self._speakers(row) if each["name"] != SOMEBODY],
                "datePublished": row.said_on,
                "appearance": works,
            }
        )

    def _rating(self, row: StatementRow) -> dict[str, Any]:
        found = {name: next(self._values(row.statement, SCHEMA.term(name)), "") for name in NUMBERS}
        words = row.text if row.text != in_numbers(found) else ""
        numbers = {name: int(n) if n.isdecimal() else n for name, n in found.items()}
        told = {"alternateName": words, **numbers}
        return {"type": "Rating", **{name: each for name, each in told.items() if each != ""}}

    def _speakers(self, row: StatementRow) -> list[dict[str, str]]:
        return [
            {"id": iri, "type": self._type(iri), "name": name}
            for iri, name in _pairs(row.speaker, row.speaker_name)
        ]

    def _look_up_type(self, iri: str) -> str:
        """The narrowest class that schema.org has for somebody."""
        stated = {*self._values(iri, RDF.type)}
        return next((name for each, name in _TYPES.items() if each in stated), "Thing")

    def _values(self, subject: str, predicate: NamedNode) -> Iterator[str]:
        if subject:
            for quad in self._store.find(NamedNode(subject), predicate):
                if isinstance(quad.object, NamedNode | Literal):
                    yield quad.object.value


def _pairs(iris: str, names: str) -> zip[tuple[str, str]]:
    return zip(iris.split("; "), names.split("; "), strict=False)


def _filled(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value}
