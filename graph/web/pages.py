"""The HTML pages: page data from `graph.web.views`, put into templates.

Each function gives a whole page as text. Routes, status and headers are the
caller's; within a request, paths honour where the application is mounted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from pyoxigraph import Quad

from graph.errors import Gone, GraphError
from graph.formats import RDF_FORMATS, RESULT_FORMATS
from graph.index import Searcher, Wanted
from graph.kg import KnowledgeGraph
from graph.queries import named_queries
from graph.store import Answer
from graph.vocab import ASC, ASCV, PROV
from graph.web.links import (
    Paths,
    alternates,
    as_it_is,
    as_of,
    here,
    in_language,
    kept,
    path_of,
    query_path,
    root,
    tables,
)
from graph.web.openapi import Address
from graph.web.views.check import Check
from graph.web.views.comparing import comparing_page
from graph.web.views.event import event_page
from graph.web.views.facts import Facts, facts_for
from graph.web.views.gone import gone_page
from graph.web.views.home import home_page
from graph.web.views.merges import merged_in
from graph.web.views.names import cut, term_label
from graph.web.views.query import query_page
from graph.web.views.search import search_page as search_view
from graph.web.views.source import Gap, source_page
from graph.web.views.speaker import speaker_page
from graph.web.views.statement import statement_page
from graph.web.views.terms import concept_parts, local_name, term_parts
from graph.web.views.terms import term_page as term_view
from graph.web.views.thing import thing_page
from graph.web.words import asked_for, knows, language, languages, number, say, saying

_CHOOSING = {f"{name}.html": name for name in ("statement", "source", "speaker", "event")}
"""The parameter of `/export` that takes the thing of a page."""

_SHOWN_QUERIES = ("said_by", "quotations", "conflicts", "who_told_whom", "tolls", "single_outlet")

_STATIC = Path(__file__).parent / "static"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_TWISTING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def home(kg: KnowledgeGraph) -> str:
    """The home page."""
    page = home_page(kg, None if as_of() else kg.index.asked_soon())
    return _render("home.html", kg, page=page, behind=("page_latest", {}))


def resource_page(kg: KnowledgeGraph, iri: str, quads: Sequence[Quad]) -> str:
    """The page of a resource, from the quads that describe it.

    Shape: a statement and a source have pages of their own; a document shows
        its current version; all else is a list of properties and values.
    """
    facts = facts_for(kg)
    if facts.is_a(iri, ASC.Statement):
        behind: tuple[str, dict[str, str]] = ("page_statement", {"statement": iri})
        return _render("statement.html", kg, page=statement_page(kg, iri), iri=iri, behind=behind)
    version = _version(facts, iri)
    if version is not None:
        behind = ("page_quotes", {"version": version})
        return _render("source.html", kg, page=source_page(kg, version), iri=iri, behind=behind)
    given: dict[str, Any] = {"iri": iri, "merged": merged_in(facts, iri)}
    if facts.is_a(iri, ASC.Event):
        behind = ("said_about", {"event": iri})
        return _render("event.html", kg, page=event_page(kg, iri, quads), behind=behind, **given)
    if facts.is_a(iri, ASC.Agent):
        behind = ("said_by", {"speaker": iri})
        page = speaker_page(kg, iri, quads)
        return _render("speaker.html", kg, page=page, behind=behind, **given)
    behind = ("page_resource", {"resource": iri})
    return _render("thing.html", kg, page=thing_page(facts, kg, iri, quads), behind=behind, **given)


def disagreements_page(kg: KnowledgeGraph, rule: str, verdict: str, number: int) -> str:
    """The page of relations between statements, by rule and verdict."""
    page = comparing_page(kg, rule, verdict, number)
    return _render("disagreements.html", kg, page=page, behind=("found_by_rule", {}))


def about_page(kg: KnowledgeGraph, addresses: Sequence[Address]) -> str:
    """The page that says what this is, with every address of the interface."""
    return _render("about.html", kg, addresses=addresses)


def ask_page(
    kg: KnowledgeGraph,
    sparql: str,
    answer: Answer | None = None,
    fault: GraphError | None = None,
    took_s: float = 0.0,
    endpoint: str = "",
) -> str:
    """The page that takes a query and shows its answer, or says what is wrong with it."""
    page = query_page(kg, sparql, answer, fault, took_s, endpoint)
    return _render("query.html", kg, page=page, editor=_kept_for_long("vendor/editor.js"))


def check_page(kg: KnowledgeGraph, page: Check) -> str:
    """The page that takes a bundle and shows what is wrong with it."""
    return _render("check.html", kg, page=page)


def service_page(kg: KnowledgeGraph) -> str:
    """The page that says what can be asked and sent here, and in which formats."""
    formats = {"results": RESULT_FORMATS, "rdf": RDF_FORMATS}
    return _render("service.html", kg, formats=formats, quads=len(kg.store), gate=kg.settings.gate)


def search_page(kg: KnowledgeGraph, index: Searcher, wanted: Wanted, number: int) -> str:
    """One page of what a search found."""
    page = search_view(index, kg.settings.base, wanted, number)
    return _render("search.html", kg, page=page)


def term_page(kg: KnowledgeGraph, iri: str) -> str:
    """The page of a class, a property or a concept."""
    return _render("term.html", kg, page=term_view(iri), iri=iri)


def terms_page(kg: KnowledgeGraph) -> str:
    """The page that lists the classes and properties."""
    return _render(
        "terms.html",
        kg,
        iri=ASC,
        title=say("terms.title"),
        standfirst=say("terms.standfirst"),
        parts_of_list=term_parts(),
    )


def concepts_page(kg: KnowledgeGraph) -> str:
    """The page that lists the concepts."""
    return _render(
        "terms.html",
        kg,
        iri=ASCV,
        title=say("terms.concepts"),
        standfirst=say("terms.concepts_standfirst"),
        parts_of_list=concept_parts(),
    )


def guide(kg: KnowledgeGraph) -> str:
    """What the dataset is and how to ask it, in Markdown."""
    examples = [each for each in named_queries().values() if each.name in _SHOWN_QUERIES]
    return _render("llms.txt", kg, title=kg.settings.title, queries=examples)


def rules_for_robots(kg: KnowledgeGraph) -> str:
    """What programs that follow every link may fetch: pages, and nothing that is worked out."""
    return _render("robots.txt", kg, public=kg.settings.public)


def error_page(status: int, detail: str) -> str:
    """A page that says what went wrong and what to do."""
    known = status if knows(f"fault.{status}") else 500 if status >= 500 else 400
    key = f"fault.{known}"
    return _render("error.html", None, status=status, key=key, detail=detail, gone=None)


def retracted_page(kg: KnowledgeGraph, error: Gone, iri: str) -> str:
    """The page in the place of what was retracted."""
    page = gone_page(kg, error, iri)
    return _render("error.html", kg, status=410, key="fault.410", detail="", gone=page)


def _version(facts: Facts, iri: str) -> str | None:
    """The version to show for a source: itself, or the one that no other replaces."""
    if facts.is_a(iri, ASC.DocumentVersion):
        return iri
    if not facts.is_a(iri, ASC.Document):
        return None
    versions = facts.pointing_at(iri, ASC.versionOf)
    replaced = {old for each in versions for old in facts.iris(each, PROV.wasRevisionOf)}
    return next((each for each in versions if each not in replaced), None)


def _render(
    template: str,
    kg: KnowledgeGraph | None,
    behind: tuple[str, Mapping[str, str]] | None = None,
    iri: str = "",
    **values: Any,
) -> str:
    base = kg.settings.base if kg else ""
    context = {
        "base": base,
        "root": root(),
        "paths": Paths(base),
        "say": saying(language()),
        "iri": iri,
        "choosing": _CHOOSING.get(template, ""),
        "style": _kept_for_long("ascribe.css"),
        "script": _kept_for_long("ascribe.js"),
        "fonts": [_kept_for_long(f"vendor/{each}.woff2") for each in ("serif", "sans")],
        "language": language(),
        "query": lambda name, **given: query_path(name, base, given),
        "behind": query_path(behind[0], base, behind[1]) if behind else "",
        **values,
    }
    return _environment().get_template(template).render(context)


@cache
def _environment() -> Environment:
    """The templates; on a page every value is escaped, and no template says otherwise."""
    environment = Environment(
        loader=PackageLoader("graph.web"),
        autoescape=lambda name: not (name or "").endswith(".txt"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters.update(
        untwisted=_untwisted,
        path_of=path_of,
        cut=cut,
        count=_counted,
        local=local_name,
        number=number,
        kept=kept,
        term=term_label,
        raised=_raised,
    )
    environment.globals.update(
        alternates=alternates,
        as_it_is=as_it_is,
        as_of=as_of,
        here=here,
        tables=tables,
        in_language=in_language,
        asked_for=asked_for,
        languages=languages,
    )
    environment.tests["gap"] = lambda item: isinstance(item, Gap)
    return environment


@cache
def _kept_for_long(name: str) -> str:
    """The address of a file of ours, which changes with its content so that it can be kept."""
    return f"/static/{name}?" + hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:8]


def _shown(value: Any) -> Any:
    """What stands on a page for a value: a sign for characters that HTML does not know."""
    if isinstance(value, str) and _CONTROLS.search(value):
        return type(value)(_CONTROLS.sub("\ufffd", value))
    return value


def _untwisted(text: str) -> str:
    """A text without marks of direction, where no element can hold them in."""
    return type(text)(_TWISTING.sub("", text))


def _raised(text: str) -> str:
    """A text that begins with a capital and keeps the others it has: German nouns do."""
    return text[:1].upper() + text[1:]


def _counted(number_of: int, noun: str) -> str:
    """A number with its noun: 1 statement, 1,200 statements."""
    return say(f"count.{noun}", n=number_of)
