"""The page of a search: statements with the words marked, and what narrows them down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from graph.index import FACETS, Found, Hit, Searcher, Value, Wanted
from graph.index.folding import marked
from graph.vocab import ASC
from graph.web.links import kept, root
from graph.web.views.cards import marks_of
from graph.web.views.kinds import Kind, kind_of
from graph.web.views.names import Name
from graph.web.words import knows, say

PAGE_SIZE = 20
_LONGEST = 320
_BEFORE = 90
"""How many characters stand before the first word that is marked, where words are cut."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters, which are looked for or stand between such."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Result:
    """A statement that was found."""

    iri: str
    pieces: tuple[Piece, ...]
    marks: tuple[str, str]
    kind: Kind
    language: str
    speakers: str
    relays: str
    source: Name


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet: what it is called, how many have it, and where it leads."""

    label: str
    language: str
    number: int
    href: str


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet: the value that is chosen, or those that may be."""

    name: str
    chosen: Choice | None
    values: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """All that the page of a search shows.

    Shape: `first` and `last` count from 1; links are empty where there is nothing to lead to.
    """

    text: str
    hidden: tuple[tuple[str, str], ...]
    total: int
    first: int
    last: int
    results: tuple[Result, ...]
    facets: tuple[Facet, ...]
    counted: int
    ranked: bool
    more: bool
    everything: str
    previous: str
    following: str
    as_json: str
    as_csv: str


def search_page(index: Searcher, base: str, wanted: Wanted, number: int) -> SearchPage:
    """The page data of a search; a number beyond the last page is the last."""
    found = index.search(wanted, PAGE_SIZE, max(number - 1, 0) * PAGE_SIZE)
    if found.total and not found.hits:
        number = -(-found.total // PAGE_SIZE)
        found = index.search(wanted, PAGE_SIZE, (number - 1) * PAGE_SIZE)
    here = found.offset // PAGE_SIZE + 1
    given = wanted.given()
    last = found.offset + len(found.hits)
    goes_on = found.more and len(found.hits) == PAGE_SIZE
    return SearchPage(
        text=wanted.text,
        hidden=tuple((name, value) for name, value in given.items() if name != "text"),
        total=found.total,
        first=found.offset + 1,
        last=last,
        results=tuple(_result(hit, wanted) for hit in found.hits),
        facets=tuple(_facet(found, name, base) for name in FACETS),
        counted=found.counted,
        ranked=found.ranked,
        more=found.more,
        everything=address({"text": wanted.text}) if wanted.facets and wanted.text else "",
        previous=address(given, here - 1) if here > 1 else "",
        following=address(given, here + 1) if last < found.total or goes_on else "",
        as_json=address(given, here, ".json"),
        as_csv=address(given, 1, ".csv"),
    )


def address(given: dict[str, str], number: int = 1, extension: str = "") -> str:
    """The address of a search, of one of its pages, or of another form of it."""
    asked = {("q" if name == "text" else name): value for name, value in given.items() if value}
    if number > 1:
        asked["page"] = str(number)
    path = f"{root()}/search{extension}"
    return kept(f"{path}?{urlencode(asked)}" if asked else path)


def _facet(found: Found, name: str, base: str) -> Facet:
    given = found.wanted.given()
    chosen = found.chosen.get(name)
    if chosen is not None:
        others = {each: value for each, value in given.items() if each != name}
        return Facet(name, _choice(name, chosen, address(others)), ())
    values = tuple(
        _choice(name, each, address({**given, name: each.value.removeprefix(base)}))
        for each in found.facets[name]
    )
    return Facet(name, None, values)


def _choice(facet: str, value: Value, href: str) -> Choice:
    label = value.label
    if facet == "kind" and knows(f"kind.{value.value}"):
        own = f"search.{value.value}"  # where two kinds share a badge
        label = say(own) if knows(own) else kind_of(ASC + value.value).badge
    elif facet == "hand" and value.value in ("first", "relayed"):
        label = say(f"search.{value.value}")
    elif facet == "month" and value.value[4:5] == "-":
        year, month = value.value.split("-")[:2]
        label = (
            f"{say(f'month.{int(month)}')} {year}" if knows(f"month.{month.lstrip('0')}") else label
        )
    return Choice(label, value.language, value.number, href)


def _result(hit: Hit, wanted: Wanted) -> Result:
    kind = kind_of(ASC + hit.kind)
    return Result(
        iri=hit.iri,
        pieces=(*_pieces(hit.quote, wanted),),
        marks=marks_of(kind, hit.quote, hit.marks),
        kind=kind,
        language=hit.language,
        speakers=say("part.narrator_first") if hit.narrated else hit.speakers,
        relays=hit.relays,
        source=Name(hit.source, hit.title or say("part.no_title"), hit.language or None),
    )


def _pieces(quote: str, wanted: Wanted) -> Iterator[Piece]:
    """The words with those that were looked for set apart, cut around the first of these."""
    terms = [(term.words, term.begins) for term in wanted.terms if not term.without]
    places = marked(quote, terms) if terms else []
    start, end = 0, len(quote)
    if end > _LONGEST:
        first = places[0][0] if places else 0
        start = _word_start(quote, max(0, min(first - _BEFORE, end - _LONGEST)))
        end = min(end, max(start + _LONGEST, places[0][1] if places else 0))
    if start:
        yield Piece("… ", False)
    at = start
    for begin, finish in places:
        if begin >= at and finish <= end:
            yield Piece(quote[at:begin], False)
            yield Piece(quote[begin:finish], True)
            at = finish
    yield Piece(quote[at:end], False)
    if end < len(quote):
        yield Piece(" …", False)


def _word_start(text: str, place: int) -> int:
    """The beginning of the next word, where one begins soon."""
    space = text.find(" ", place, place + 30) if place else -1
    return space + 1 if space > 0 else place
