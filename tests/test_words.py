"""The words of the interface: in files, whole in every language, and in no template."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from conftest import ROOT
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment
from pyoxigraph import NamedNode

from graph.kg import KnowledgeGraph
from graph.queries import named_queries
from graph.schema import labels
from graph.vocab import ASC, ASCV, RDF
from graph.web import create_web
from graph.web.openapi import described
from graph.web.views.query import THEMES
from graph.web.words import ELSEWHERE, FIRST, languages, wordings

DOC = "doc/us-accidentally-kills-syrian-troops-ffc646f2"
PAGES = [
    *("", "disagreements", "about", "check", "check?example=bad", "sparql", "update"),
    *(
        "search?q=str*",
        "search?q=zebra",
        "ns",
        "ns/Statement",
        "ns/polarity",
        "vocab",
        "vocab/says",
    ),
    *(f"{DOC}/v/ffc646f2603cdb7e", "statement/ffc646f2603c/2076-2306-8224e4fc", "nowhere"),
    *("search?format=docx", "sparql?query=SELECT+nothing", "sparql?query=ASK+%7B%7D"),
]
"""A page of each kind; those of things are looked up by what they are."""
THINGS = (
    "Event",
    "Person",
    "CausalProposition",
    "RelationAssessment",
    "TimeExpression",
    "TextSpan",
)
TEMPLATES = sorted((ROOT / "graph" / "web" / "templates").glob("*.html"))
NAMES = {
    "Ascribe",
    "SPARQL",
    "JSON-LD",
    "IRI",
    "SELECT",
    "ASK",
    "BibTeX",
    "Python",
    "curl",
    "Atom",
    "OpenAPI",
    "sha256",
    "JSON",
    "CSV",
}
"""What is called so in every language."""
SHOWN = re.compile(r'(?:alt|aria-label|placeholder|title|value)="([^"]*)"')


@pytest.fixture(scope="module")
def client(seed: KnowledgeGraph) -> FlaskClient:
    return create_web(seed).test_client()


def fields(wording: str | dict[str, str]) -> set[str]:
    """What a wording leaves to fill in."""
    texts = [wording] if isinstance(wording, str) else wording.values()
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", languages())
def test_a_language_says_all_that_the_first_says(code: str) -> None:
    ours, first = wordings(code), wordings(FIRST)
    assert {each for each in ours if each.partition(".")[0] not in ELSEWHERE} == first.keys()
    assert not [key for key in first if type(ours[key]) is not type(first[key])]
    assert not [key for key in first if fields(ours[key]) != fields(first[key])]


def test_what_is_said_has_words_and_all_words_are_said() -> None:
    files = [*TEMPLATES, *(ROOT / "graph" / "web").rglob("*.py")]
    text = "\n".join(path.read_text("utf-8") for path in files)
    keys = set(wordings(FIRST))
    named = set(re.findall(r'say\(f?"([a-z]+\.\w+)"', text))
    assert named <= keys
    quoted = set(re.findall(r'"([a-z]+\.\w+)"', text))
    begun = (*re.findall(r'"([a-z]+\.)(?:\{|")', text), "language.")
    counted = {f"count.{noun}" for noun in re.findall(r'count\("(\w+)"\)', text)}
    by_table = ("basis.", "relation.", "stance.")
    assert not {key for key in keys - quoted - counted if not key.startswith((*begun, *by_table))}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_bare_words(path: Path) -> None:
    template = path.read_text("utf-8")
    html = re.sub(
        r"\{% block layout %\}.*?\{% endblock %\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}",
        "",
        template,
        flags=re.S,
    )
    shown = [re.sub(r"<code>[^<]*</code>|<[^>]*>|&\w+;", " ", html), *SHOWN.findall(html)]
    bare = set(re.findall(r"[^\W\d_][\w-]+", " ".join(shown)))
    assert not bare - NAMES
    strings = (text for _, kind, text in Environment().lex(template) if kind == "string")
    assert not [text for text in strings if re.search(r"[A-Za-z]{2,} [a-z]{2,}", text)]


@pytest.mark.parametrize(
    ("path", "header", "language"),
    [
        ("/", "", "en"),
        ("/", "fr, de;q=0.4, en;q=0.3", "de"),
        ("/?lang=de", "en", "de"),
        ("/?lang=en", "de", "en"),
        ("/?lang=xx", "de", "de"),
        ("/ns/Statement", "de-AT", "de"),
        ("/nowhere", "de", "de"),
    ],
)
def test_a_page_speaks_the_language_of_its_reader(
    client: FlaskClient, path: str, header: str, language: str
) -> None:
    asked = {"Accept": "text/html", "Accept-Language": header}
    for _ in range(2):  # the second answer comes from the cache
        response = client.get(path, headers=asked)
        assert response.headers["Content-Language"] == language
        assert f'<html lang="{language}">' in response.text
        assert {"accept", "accept-language"} <= {each.lower() for each in response.vary}
    other = client.get(path, headers={**asked, "If-None-Match": response.headers.get("ETag", "")})
    assert other.status_code == (304 if "ETag" in response.headers else response.status_code)


def test_data_does_not_depend_on_the_reader_s_language(client: FlaskClient) -> None:
    response = client.get("/", headers={"Accept": "text/turtle", "Accept-Language": "de"})
    assert "Content-Language" not in response.headers
    assert "Accept-Language" not in response.headers["Vary"]


def test_a_language_that_was_asked_for_goes_along_with_every_link(client: FlaskClient) -> None:
    page = client.get("/?lang=de", headers={"Accept": "text/html"}).text
    links = [each for each in re.findall(r'<a [^>]*?href="(/[^"]*)"', page) if "." not in each]
    kept = [each for each in links if "lang=" in each]
    assert len(kept) > 10
    assert {re.sub(r"\?.*", "", each) for each in links} - {
        re.sub(r"\?.*", "", each) for each in kept
    } <= {"/export", "/ontology", "/shapes"}
    agent = next(each for each in links if each.startswith("/agent/"))
    assert client.get(agent, headers={"Accept": "text/html"}).location.endswith(".html?lang=de")


class Words(HTMLParser):
    """What a page says in its own language: texts and attributes that are read out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._within: list[bool] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        foreign = given.get("lang", "de") != "de" or tag in {"code", "pre", "script", "textarea"}
        if not any(self._within):
            self.said += [given[name] or "" for name in READ_OUT if name in given]
        if tag not in VOID:
            self._within.append(foreign)

    def handle_endtag(self, tag: str) -> None:
        self._within.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(self._within):
            self.said.append(" ".join(data.split()))


READ_OUT = ("aria-label", "title", "placeholder", "alt", "data-done")
VOID = {"meta", "link", "input", "br", "wbr"}


def pieces(wording: str | dict[str, str]) -> set[str]:
    """The words of a wording between markup and what is filled in."""
    texts = [wording] if isinstance(wording, str) else wording.values()
    found = (each.strip(" .,:;()") for text in texts for each in re.split(r"<[^>]*>|\{\w+\}", text))
    return {each for each in found if len(each) > 2}


def english_only(app: Flask) -> set[str]:
    """What is said in English, and not so in German."""
    mine, other = wordings("de"), wordings(FIRST)
    said = {piece for key, wording in other.items() for piece in pieces(wording)}
    said |= {named.question for named in named_queries().values()}
    said |= {label for iri, label in labels().items() if iri.startswith((ASC, ASCV))}
    said |= {each["summary"] for path in described(app)["paths"].values() for each in path.values()}
    return said - {piece for wording in mine.values() for piece in pieces(wording)}


def iri_of(kg: KnowledgeGraph, kind: str) -> str:
    found = next(kg.store.find(None, RDF.type, ASC.term(kind))).subject
    assert isinstance(found, NamedNode)
    return found.value


def test_a_german_page_says_nothing_in_english(client: FlaskClient, seed: KnowledgeGraph) -> None:
    things = [iri_of(seed, kind) for kind in THINGS]
    english = english_only(client.application)
    sentences = {each for each in english if each.count(" ") > 1}
    left = []
    for path in (*PAGES, *(each.removeprefix(seed.settings.base) for each in things)):
        asked = {"Accept": "text/html", "Accept-Language": "de"}
        page = client.get(f"/{path}", headers=asked, follow_redirects=True)
        said = Words(page.text).said
        assert page.content_language.as_set() == {"de"} and len(said) > 20, path
        left += [(path, each) for each in english & {each.strip(" .,:;()") for each in said}]
        left += [(path, each) for each in sentences if any(each in text for text in said)]
    assert not left


def test_what_is_in_english_elsewhere_is_in_every_other_file(client: FlaskClient) -> None:
    routes = {rule.endpoint for rule in client.application.url_map.iter_rules()}
    asked = {name for name, each in named_queries().items() if each.theme in THEMES}
    named = {iri.partition("#")[2] for iri in labels() if iri.startswith((ASC, ASCV))} - {""}
    for code in set(languages()) - {FIRST}:
        held = {table: set[str]() for table in ELSEWHERE}
        for key in wordings(code):
            table, _, name = key.partition(".")
            held.setdefault(table, set()).add(name)
        assert held["route"] == routes
        assert held["question"] == asked
        assert named <= held["label"]
