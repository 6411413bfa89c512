"""The words of the interface: in files, whole in every language, and in no template."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from conftest import ROOT
from flask.testing import FlaskClient
from jinja2 import Environment

from graph.kg import KnowledgeGraph
from graph.web import create_web
from graph.web.words import FIRST, languages, wordings

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
    assert ours.keys() == first.keys()
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
