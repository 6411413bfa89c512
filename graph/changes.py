"""What became of a dataset's bundles, write by write, for those who follow it.

A page begins after a revision and names the one that the next begins after. The log is
only ever appended to, so what a page holds stays true.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Graphs
from graph.catalog import write_iri
from graph.journal import Write
from graph.store import Dumpable
from graph.vocab import ASC, DCTERMS, RDF, XSD, Namespace

AS = Namespace("https://www.w3.org/ns/activitystreams#")
LDES = Namespace("https://w3id.org/ldes#")
TREE = Namespace("https://w3id.org/tree#")

_ACTS = {"added": AS.Create, "replaced": AS.Update, "retracted": AS.Delete}
_ATOM = "http://www.w3.org/2005/Atom"
_ON_A_PAGE = 100
_IN_A_FEED = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One write on a bundle: added, replaced or retracted."""

    revision: int
    at: str
    act: str
    bundle: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes after a revision, oldest first.

    Shape: `next` is the revision to go on after, `more` whether something is there by
        now; `latest` is that of the dataset's last write.
    """

    since: int
    next: int
    more: bool
    latest: int
    changes: tuple[Change, ...]


def page_of(writes: Iterable[Write], since: int, latest: int) -> Page:
    """The first of some writes that come after a revision."""
    seen = list(islice(writes, _ON_A_PAGE))
    last = seen[-1].revision if seen else since
    return Page(since, last, last < latest, latest, tuple(_changes(seen)))


def _changes(writes: Iterable[Write]) -> Iterator[Change]:
    """The writes on bundles: what people judge is left out."""
    for each in writes:
        if each.act in _ACTS:
            yield Change(each.revision, each.at, each.act, each.bundle)


def as_stream(page: Page, graphs: Graphs) -> list[Quad]:
    """A page as a fragment of an event stream.

    Source: Linked Data Event Streams, and the TREE hypermedia specification;
        Activity Streams 2.0 for what a member says.
    """
    stream = NamedNode(f"{graphs.base}changes")
    here, after = (NamedNode(f"{stream.value}?since={n}") for n in (page.since, page.next))
    triples: list[tuple[NamedNode, NamedNode, NamedNode | Literal]] = [
        (stream, RDF.type, LDES.EventStream),
        (stream, LDES.timestampPath, AS.published),
        (stream, LDES.versionOfPath, AS.object),
        (stream, TREE.view, NamedNode(f"{stream.value}?since=0")),
        (here, RDF.type, TREE.Node),
    ]
    if page.more:
        leading = NamedNode(f"{here.value}#next")
        triples += [
            (here, TREE.relation, leading),
            (leading, RDF.type, TREE.GreaterThanRelation),
            (leading, TREE.path, ASC.revision),
            (leading, TREE.value, Literal(page.next)),
            (leading, TREE.node, after),
        ]
    for each in page.changes:
        member = write_iri(graphs, each.revision)
        triples += [
            (stream, TREE.member, member),
            (member, RDF.type, _ACTS[each.act]),
            (member, AS.object, NamedNode(each.bundle)),
            (member, AS.published, Literal(each.at, datatype=XSD.dateTime)),
            (member, ASC.revision, Literal(each.revision)),
        ]
    return [Quad(*triple) for triple in triples]


def as_atom(writes: Iterable[Write], store: Dumpable, graphs: Graphs) -> bytes:
    """The latest changes as a feed for readers of news, newest first.

    Shape: of a bundle that was changed several times, the last change.
    Source: RFC 4287 (Atom).
    """
    latest = {each.bundle: each for each in _changes(writes)}
    changes = sorted(latest.values(), key=lambda each: -each.revision)[:_IN_A_FEED]
    ET.register_namespace("", _ATOM)
    feed = _element(None, "feed", **{"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    _element(feed, "title", "Who said what, according to whom: changes")
    _element(feed, "id", f"{graphs.base}changes.atom")
    _element(feed, "updated", changes[0].at if changes else "1970-01-01T00:00:00Z")
    _element(feed, "link", href=f"{graphs.base}changes.atom", rel="self")
    _element(feed, "link", href=graphs.base, rel="alternate")
    _element(_element(feed, "author"), "name", "Ascribe")
    for each in changes:
        entry = _element(feed, "entry")
        _element(entry, "title", _title(each, store))
        _element(entry, "id", each.bundle)
        _element(entry, "updated", each.at)
        _element(entry, "link", href=each.bundle, rel="alternate")
        _element(entry, "summary", _summary(each, store, graphs))
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _element(parent: ET.Element | None, name: str, text: str = "", **attributes: str) -> ET.Element:
    tag = f"{{{_ATOM}}}{name}"
    made = ET.Element(tag, attributes) if parent is None else ET.SubElement(parent, tag, attributes)
    made.text = text or None
    return made


def _title(change: Change, store: Dumpable) -> str:
    documents = store.match(NamedNode(change.bundle), ASC.versionOf)
    titles: Sequence[Quad] = documents and store.match(
        _named(documents[0].object), DCTERMS.term("title")
    )
    found = titles[0].object if titles else None
    return _speakable(found.value) if isinstance(found, Literal) else change.bundle


def _named(term: object) -> NamedNode | None:
    return term if isinstance(term, NamedNode) else None


def _speakable(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or " " <= c <= "\ud7ff" or c >= "\ue000")


def _summary(change: Change, store: Dumpable, graphs: Graphs) -> str:
    if change.act == "retracted":
        return "Retracted."
    counts = store.match(NamedNode(change.bundle), ASC.statementCount, None, graphs.catalog)
    number = counts[0].object.value if counts else "0"  # type: ignore[union-attr]
    return f"{change.act.capitalize()}: {number} statements."
