"""What a reader is told of a source that was retracted, and of what stood in it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from graph.errors import Gone
from graph.kg import KnowledgeGraph
from graph.vocab import DCTERMS, PROV
from graph.web.links import as_it_is, as_of
from graph.web.views.facts import Facts, facts_for
from graph.web.views.names import Name, label_of, name_of
from graph.web.views.times import clock
from graph.web.words import say


@dataclass(frozen=True, slots=True)
class GonePage:
    """What the page shows.

    Shape: `within` says that it stood in the source and was not the source itself;
        `who` is empty where nobody is on record; `before` is where it is shown as it
        stood, if the dataset knows its past.
    """

    title: Name
    within: bool
    when: str
    who: str
    instead: tuple[Name, ...]
    before: str


def gone_page(kg: KnowledgeGraph, gone: Gone, iri: str) -> GonePage:
    """The page data for an IRI under which something stood."""
    facts = facts_for(kg)
    write = facts.iri(gone.version, PROV.wasInvalidatedBy) or ""
    document = facts.iri(gone.version, DCTERMS.isVersionOf) or gone.version
    return GonePage(
        title=_title(facts, gone.version, document),
        within=iri not in (gone.version, document),
        when=clock(facts.text(gone.version, PROV.invalidatedAtTime) or ""),
        who=_who(facts, write),
        instead=tuple(name_of(facts, each) for each in gone.replaced_by),
        before=_before(kg, write),
    )


def _title(facts: Facts, version: str, document: str) -> Name:
    title = label_of(facts, version) or label_of(facts, document)
    if title is None:
        return Name(document, say("part.no_title"))
    return Name(document, title.value, title.language)


def _who(facts: Facts, write: str) -> str:
    writer = facts.iri(write, PROV.wasAssociatedWith) if write else None
    return name_of(facts, writer).text if writer else ""


def _before(kg: KnowledgeGraph, write: str) -> str:
    """This address as of the write before."""
    number = write.rpartition("/")[2]
    if not number.isdigit() or not kg.settings.data or as_of():
        return ""
    address = as_it_is()
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'asOf': int(number) - 1})}"
