"""What to call a resource on a page: its label, or words that tell it from others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import Literal, NamedNode

from graph.index import Source
from graph.schema import labels
from graph.vocab import ASC, LABELS, OA, ORG, PROV, shorten
from graph.web.views.facts import Facts
from graph.web.words import language, say, translated

_LONGEST = 120
_OURS = re.compile("^ascv?:")


@dataclass(frozen=True, slots=True)
class Name:
    """Something a page mentions: what to call it, in which language, and its IRI."""

    iri: str
    text: str
    language: str | None = None


def name_of(facts: Facts, iri: str) -> Name:
    """What to call a resource; never empty.

    Shape: a label where there is one; else what it is made of, such as the
        words of a statement; else the IRI, shortened. A page asks for most more than once.
    """
    found = facts.names.get(iri)
    if found is None:
        label = None if iri in labels() else label_of(facts, iri)
        if label is not None:
            found = Name(iri, label.value, label.language)
        else:
            found = Name(iri, _made_of(facts, iri) or term_label(iri))
        facts.names[iri] = found
    return found


def named_source(source: Source) -> Name:
    """What to call a source of the index."""
    return Name(source.iri, source.title or say("part.no_title"), source.language or None)


def label_of(facts: Facts, iri: str) -> Literal | None:
    """The label that a resource has, if it has one."""
    labels_ = (facts.literal(iri, predicate) for predicate in LABELS)
    return next((label for label in labels_ if label is not None and label.value.strip()), None)


def term_label(iri: str, english: str = "") -> str:
    """The label of a term in the reader's language, else in English, else the IRI, shortened."""
    return _term_label(iri, english, language())


@lru_cache(4096)
def _term_label(iri: str, english: str, _language: str) -> str:
    short = shorten(iri)
    return translated(f"label.{_OURS.sub('', short)}", english or labels().get(iri) or short)


def cut(text: str, longest: int = _LONGEST) -> str:
    """The beginning of a text, up to a word's end, with an ellipsis if more follows."""
    flat = " ".join(text.split())
    if len(flat) <= longest:
        return flat
    head = flat[:longest].rsplit(" ", 1)[0]
    return head.rstrip(" ,;:.") + " …"


def _made_of(facts: Facts, iri: str) -> str | None:
    exact = facts.text(iri, OA.exact) or facts.text(iri, ASC.wording)
    if exact:
        return cut(exact)
    if spans := facts.iris(iri, ASC.contentSpan):
        spans.sort(key=lambda span: facts.number(span, OA.start) or 0)
        return cut(" … ".join(facts.text(span, OA.exact) or "" for span in spans))
    if document := facts.iri(iri, ASC.versionOf):
        return name_of(facts, document).text
    if agent := facts.iri(iri, ASC.agent):
        return _joined(facts, agent, facts.iri(iri, ASC.act))
    if member := facts.iri(iri, ORG.member):
        post = facts.iri(iri, ASC.post)
        as_what = say("part.as", post=name_of(facts, post).text) if post else ""
        return name_of(facts, member).text + as_what
    if tool := facts.text(iri, ASC.tool):
        when = (facts.text(iri, PROV.endedAtTime) or "")[:10]
        return f"{tool}, {when}" if when else tool
    if verdict := facts.iri(iri, ASC.verdict):
        return say("part.by", what=term_label(verdict), who=facts.text(iri, ASC.judgedBy))
    return _assessment(facts, iri)


def _assessment(facts: Facts, iri: str) -> str | None:
    subject, other = facts.iri(iri, ASC.subject), facts.iri(iri, ASC.object)
    if not subject or not other:
        return None
    one, two = (cut(name_of(facts, each).text, 50) for each in (subject, other))
    relation = facts.iri(iri, ASC.relation)
    return f"{one} {term_label(relation)} {two}" if relation else say("part.same", one=one, two=two)


def _joined(facts: Facts, first: str, second: str | None) -> str:
    parts = [name_of(facts, first).text, name_of(facts, second).text if second else ""]
    return " ".join(part for part in parts if part)


def names_of(facts: Facts, iri: str, predicate: NamedNode) -> tuple[Name, ...]:
    """What to call each value of a property."""
    return tuple(name_of(facts, each) for each in facts.iris(iri, predicate))
