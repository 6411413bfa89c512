"""ClaimReview: a claim with who made it, and what a reviewer says of it, as two statements.

The rating is the reviewer's own statement about the claim, in the reviewer's words.
Nothing here takes it for the truth, and no relation follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graph.forms.schema_org import NUMBERS, SOMEBODY, in_numbers
from graph.importing.rows import Row
from graph.importing.trees import Node
from graph.vocab import SCHEMA


def _terms(names: str) -> tuple[str, ...]:
    return tuple(SCHEMA.term(name).value for name in names.split())


_CLAIM = "ClaimReview"
_APPEARANCES = _terms("appearance firstAppearance")
_TITLE = _terms("headline name")


def read_reviews(nodes: Iterable[Node]) -> Iterator[Row]:
    """The rows of each ClaimReview among some nodes.

    Source: schema.org, ClaimReview, Claim and Rating.
    """
    reviews = (each for each in nodes if _CLAIM in each.types)
    for number, review in enumerate(reviews, 1):
        yield from _rows(number, review)


def _rows(number: int, review: Node) -> Iterator[Row]:
    claimed = review.text(*_terms("claimReviewed"))
    source = _source(review, claimed)
    said = Row(
        f"review {number}",
        0,
        _filled({"text": claimed, "kind": "IndirectSpeech", **source, **_claim(review)}),
        {"text": "claimReviewed"},
    )
    yield said
    reviewer = source["publisher"]
    for rating in review.nodes(*_terms("reviewRating"))[:1]:
        words = _rated(rating)
        if words and reviewer and claimed:
            told = {
                "text": words,
                "speaker_name": reviewer,
                "speaker_kind": _kind(review.nodes(*_terms("author"))),
                "kind": "IndirectSpeech",
                "act": "rates",
                "meaning": f"{reviewer} rates the claim “{claimed}” as: {words}",
                "rates": claimed,
                **{name: rating.text(*_terms(name)) for name in NUMBERS},
                **source,
            }
            yield Row(f"rating of review {number}", 0, _filled(told), {"text": "reviewRating"})


def _source(review: Node, claimed: str) -> dict[str, str]:
    """What is told of the review as a document."""
    address = review.text(*_terms("url")) or review.iri
    return {
        "source": review.iri or address or claimed,
        "title": review.text(*_TITLE) or claimed,
        "url": address,
        "published": review.text(*_terms("datePublished")),
        "publisher": _name(review.nodes(*_terms("author"))) or review.text(*_terms("author")),
        "publisher_kind": _kind(review.nodes(*_terms("author"))),
        "language": review.text(*_terms("inLanguage")),
    }


def _claim(review: Node) -> dict[str, str]:
    """Who made the claim, when, and through whom it came."""
    for claim in review.nodes(*_terms("itemReviewed")):
        authors = claim.nodes(*_terms("author"))
        appearances = claim.nodes(*_APPEARANCES)
        relays = [
            name
            for each in appearances
            if (name := _name(each.nodes(*_terms("publisher author")))) and name != _name(authors)
        ]
        named = _name(authors) or claim.text(*_terms("author"))
        return {
            "speaker_name": named or SOMEBODY,
            "speaker_kind": _kind(authors) if named else "UnidentifiedAgent",
            "according_to": next(iter(relays), ""),
            "said_on": claim.text(*_terms("datePublished"))[:10],
            "appearance": " ".join(
                address
                for each in appearances
                if (address := each.text(*_terms("url")) or each.iri)
            ),
        }
    return {"speaker_name": SOMEBODY, "speaker_kind": "UnidentifiedAgent"}


def _rated(rating: Node) -> str:
    """A rating in the reviewer's words, or else in numbers."""
    numbers = {name: rating.text(*_terms(name)) for name in NUMBERS}
    return rating.text(*_terms("alternateName name")) or in_numbers(numbers)


def _name(nodes: Iterable[Node]) -> str:
    return next((name for each in nodes if (name := each.text(*_terms("name")))), "")


def _kind(nodes: Iterable[Node]) -> str:
    types = {each for node in nodes for each in node.types}
    if types & {"NewsMediaOrganization", "NewsOrganization"}:
        return "NewsOrganization"
    return next((kind for kind in ("Person", "Organization") if kind in types), "Agent")


def _filled(cells: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in cells.items() if value}
