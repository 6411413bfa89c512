"""The pages say what the graph says: words, voices and chains, and nothing more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from pyoxigraph import Literal, NamedNode, Quad

import graph
from graph.kg import KnowledgeGraph
from graph.vocab import ASC, DCTERMS, OA, RDFS
from graph.web.pages import error_page, home, resource_page
from graph.web.views.relations import value

DOC = "doc/us-accidentally-kills-syrian-troops-ffc646f2"
VERSION = f"{DOC}/v/ffc646f2603cdb7e"
VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}
HOSTILE = '</bdi><script>alert(1)</script><img src=x onerror="alert(2)">'


class Node:
    """An element of a page."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Node | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.content: list[Node | str] = []

    def __iter__(self) -> Iterator[Node]:
        yield self
        for child in self.content:
            if isinstance(child, Node):
                yield from child

    @property
    def text(self) -> str:
        return "".join(each if isinstance(each, str) else each.text for each in self.content)

    def all(self, tag: str = "", css: str = "") -> list[Node]:
        return [
            node
            for node in self
            if tag in ("", node.tag)
            and (not css or css in node.attributes.get("class", "").split())
        ]

    def one(self, tag: str = "", css: str = "") -> Node:
        return self.all(tag, css)[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Node("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.content.append(node)
        if tag not in VOID:
            self.here = node

    def handle_endtag(self, tag: str) -> None:
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.content.append(data)


def parsed(html: str) -> Node:
    reader = _Reader()
    reader.feed(html)
    assert reader.here is reader.root, f"<{reader.here.tag}> is left open"
    return reader.root


def scripts(page: Node) -> list[Node]:
    """The scripts of a page that are not ours and not data."""
    return [
        each
        for each in page.all("script")
        if each.attributes.get("type") != "application/ld+json"
        and "/static/ascribe.js" not in each.attributes.get("src", "")
    ]


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def kg(seed: KnowledgeGraph) -> KnowledgeGraph:
    """The graph of the article's statements, which these tests only read."""
    return seed


def the(kg: KnowledgeGraph, pattern: str) -> str:
    """The IRI that fits a pattern about ?it; there must be one only."""
    ((iri,),) = kg.query("SELECT DISTINCT ?it WHERE {" + pattern + "}").rows
    return str(iri)


def quote(kg: KnowledgeGraph) -> str:
    """The one statement between quotation marks: a Ministry's words, through CNN."""
    return the(kg, "?it asc:quoteMarks ?marks")


def airstrike(kg: KnowledgeGraph) -> str:
    return the(kg, "?it a asc:Event ; rdfs:label 'the airstrike'@en")


def page(kg: KnowledgeGraph, path: str) -> Node:
    iri = kg.iri(path).value
    return parsed(resource_page(kg, iri, kg.describe(iri)))


def statements(kg: KnowledgeGraph, kind: str = "Statement") -> list[str]:
    """The statements of a class, such as DirectQuotation."""
    rows = kg.query("SELECT ?s ?kind WHERE { ?s a ?kind ; asc:source ?v } ORDER BY ?s").rows
    return [iri for iri, found in rows if found == ASC.term(kind).value]


def exact_words(kg: KnowledgeGraph, statement: str) -> list[str]:
    spans = [q.object for q in kg.store.match(NamedNode(statement), ASC.contentSpan)]
    found = [(literal(kg, s, OA.start), literal(kg, s, OA.exact)) for s in spans]
    return [exact for _, exact in sorted(found, key=lambda pair: int(pair[0]))]


def literal(kg: KnowledgeGraph, subject: object, predicate: NamedNode) -> str:
    assert isinstance(subject, NamedNode)
    found = kg.store.match(subject, predicate)[0].object
    assert isinstance(found, Literal)
    return found.value


def changed(kg: KnowledgeGraph, edit: dict[tuple[str, NamedNode], Literal]) -> KnowledgeGraph:
    """A copy of the graph in which some literals are replaced."""
    wanted = {(kg.iri(path), predicate): new for (path, predicate), new in edit.items()}

    def edited(quad: Quad) -> Quad:
        subject, predicate = quad.subject, quad.predicate
        new = wanted.get((subject, predicate)) if isinstance(subject, NamedNode) else None
        return Quad(subject, predicate, new or quad.object, quad.graph_name)

    copy = graph.open()
    ontology = copy.graphs.ontology
    copy.store.transact(edited(q) for q in kg.store.match() if q.graph_name != ontology)
    return copy


# ------------------------------------------------------------------ statement


def test_direct_words_stand_between_quotation_marks(kg: KnowledgeGraph) -> None:
    shown = page(kg, quote(kg)).one("blockquote").text.strip()
    (exact,) = exact_words(kg, quote(kg))
    assert shown == f"“{exact}”"


def test_only_direct_words_stand_between_quotation_marks(kg: KnowledgeGraph) -> None:
    direct = set(statements(kg, "DirectQuotation"))
    assert direct
    for iri in statements(kg):
        content = page(kg, iri)
        shown = content.one("blockquote").text.strip()
        assert (shown[0] == "“" and shown[-1] == "”") == (iri in direct), iri
        assert ("direct quote" in content.one("ul", "badges").text) == (iri in direct), iri


def test_reported_speech_says_that_it_is_reported(kg: KnowledgeGraph) -> None:
    iri = statements(kg, "IndirectSpeech")[0]
    assert "reported speech" in page(kg, iri).one("ul", "badges").text


def test_the_chain_leads_from_the_speaker_outward(kg: KnowledgeGraph) -> None:
    hops = page(kg, quote(kg)).one("ol", "chain").all("li")
    assert [squeezed(hop.one("p", "role").text) for hop in hops] == [
        "speaker",
        "according to",
        "in this article",
    ]
    assert "Russian Foreign Ministry" in hops[0].text
    assert "CNN" in hops[1].text
    assert "The narrator" in hops[2].text


def test_every_chain_has_as_many_hops_as_the_graph_counts(kg: KnowledgeGraph) -> None:
    for iri, depth in kg.query("SELECT ?s ?depth WHERE { ?s asc:chainDepth ?depth }").rows:
        chains = page(kg, iri).all("ol", "chain")
        assert max(len(chain.all("li")) for chain in chains) == depth, iri


def test_the_marks_of_a_statement_equal_the_words_of_its_spans(kg: KnowledgeGraph) -> None:
    for iri in statements(kg):
        content = page(kg, iri)
        exact = exact_words(kg, iri)
        assert [mark.text for mark in content.one("blockquote").all("mark")] == exact
        assert [p.one("mark").text for p in content.all("p", "context")] == exact


def test_the_words_carry_the_language_of_the_source(kg: KnowledgeGraph) -> None:
    words = page(kg, quote(kg)).one("blockquote").one("span", "words")
    assert (words.attributes["lang"], words.attributes["dir"]) == ("en", "auto")


def test_related_statements_name_the_judge_and_how_sure_they_are(kg: KnowledgeGraph) -> None:
    related = page(kg, quote(kg)).one("ul", "related").all("p", "judged")
    rows = kg.answer("page_relations", {"statement": quote(kg)}).rows
    assert len(related) == len(rows) > 0
    assert all("Ascribe annotators" in each.text for each in related)
    confidences = sorted(value(row, "confidence") for row in rows)
    assert sorted(re.findall(r"\(([\d.]+)\)", each.text)[0] for each in related) == confidences


def test_a_denial_is_called_one(kg: KnowledgeGraph) -> None:
    rows = kg.query("SELECT ?s WHERE { ?s asc:polarity ascv:negative }").rows
    assert rows
    for (iri,) in rows:
        assert "Denied:" in page(kg, iri).text


def test_an_emendation_stands_beside_the_words(kg: KnowledgeGraph) -> None:
    rows = kg.query("SELECT ?s ?reading WHERE { ?s asc:emendation ?reading }").rows
    assert rows
    for iri, reading in rows:
        content = page(kg, iri)
        assert reading in content.text
        assert content.one("blockquote").one("mark").text == exact_words(kg, iri)[0]


def test_several_chains_are_numbered(kg: KnowledgeGraph) -> None:
    with changed(kg, {}) as other:
        (version,) = other.query("SELECT ?v WHERE { ?s asc:source ?v }").rows[0]
        hops = other.query("SELECT ?hop WHERE { ?hop asc:agent ?who } ORDER BY ?hop").rows
        taken = {
            quad.object for quad in other.store.match(other.iri(quote(other)), ASC.attribution)
        }
        second = next(NamedNode(hop) for (hop,) in hops if NamedNode(hop) not in taken)
        link = Quad(other.iri(quote(other)), ASC.attribution, second, NamedNode(version))
        other.store.transact([link])
        content = page(other, quote(other))
    assert len(content.all("ol", "chain")) == 2
    assert "Chain 2 of 2" in content.text


def test_a_quote_without_a_check_on_record_is_unchecked(kg: KnowledgeGraph) -> None:
    assert "quote checked" in page(kg, quote(kg)).one("ul", "badges").text
    with changed(kg, {(VERSION, ASC.sha256): Literal("0" * 64)}) as other:
        badges = page(other, quote(other)).one("ul", "badges").text
    assert "unchecked" in badges


# --------------------------------------------------------------------- source


@pytest.mark.parametrize("path", [DOC, VERSION])
def test_gaps_and_quotes_add_up_to_the_text(kg: KnowledgeGraph, path: str) -> None:
    gaps = page(kg, path).all("p", "gap")
    missing = sum(int(re.sub(r"\D", "", gap.text)) for gap in gaps)
    rows = kg.query(
        "SELECT ?from ?to WHERE { ?s asc:contentSpan ?x . ?x oa:start ?from ; oa:end ?to }"
    ).rows
    covered = {place for start, end in rows for place in range(start, end)}
    assert missing + len(covered) == int(literal(kg, kg.iri(VERSION), ASC.codePoints))


def test_a_source_shows_each_statement_once_with_its_own_words(kg: KnowledgeGraph) -> None:
    quotes = page(kg, DOC).all("div", "quote")
    shown = {}
    for quote in quotes:
        link = quote.one("p", "text").one("a")
        shown[link.attributes["href"]] = [mark.text for mark in link.all("mark")]
    base = kg.settings.base
    expected = {f"/{s.removeprefix(base)}": exact_words(kg, s) for s in statements(kg)}
    assert shown == expected
    assert len(quotes) == len(expected)


def test_a_statement_leads_to_its_place_in_the_source(kg: KnowledgeGraph) -> None:
    places = {node.attributes["id"] for node in page(kg, VERSION).all("div", "quote")}
    for iri in statements(kg):
        links = {a.attributes["href"] for a in page(kg, iri).all("a")}
        assert links & {f"/{VERSION}#{place}" for place in places}, iri


def test_a_part_stands_inside_its_whole(kg: KnowledgeGraph) -> None:
    content = page(kg, VERSION)
    rows = kg.query("SELECT ?part ?whole WHERE { ?part asc:partOf ?whole }").rows
    assert rows
    quotes = {node.attributes["id"]: node for node in content.all("div", "quote")}
    for part, whole in rows:
        inner = {node.attributes["id"] for node in quotes[_anchor(whole)].all("div", "quote")}
        assert _anchor(part) in inner


def test_an_unarchived_source_says_what_was_checked_and_when(kg: KnowledgeGraph) -> None:
    text = squeezed(page(kg, DOC).one("p", "standfirst").text)
    assert "The text is not archived here." in text
    assert re.search(r"\d+ quotes checked on .+ against sha256 ffc646f2603c…", text)


# ----------------------------------------------------------------------- home


def test_the_counts_of_the_home_page_are_those_of_the_queries_they_lead_to(
    kg: KnowledgeGraph,
) -> None:
    links = parsed(home(kg)).one("ul", "counts").all("a")
    assert len(links) == 4
    for link in links:
        query = parse_qs(urlsplit(link.attributes["href"]).query)["query"][0]
        assert kg.query(query).rows[0][0] == int(link.one("b").text)


def test_the_home_page_of_an_empty_graph_says_what_to_do() -> None:
    with graph.open() as empty:
        assert "ascribe add" in parsed(home(empty)).text


def test_disagreements_name_both_voices_and_the_judge(kg: KnowledgeGraph) -> None:
    pairs = parsed(home(kg)).all("div", "versus")
    assert pairs
    for pair in pairs:
        assert len(pair.all("article", "teaser")) == 2
        assert "Judged by" in squeezed(pair.one("p", "judged").text)


# ------------------------------------------------------------------ every page


def everything(kg: KnowledgeGraph) -> list[str]:
    subjects = {quad.subject for quad in kg.store.match()}
    base = kg.settings.base
    iris = {s.value for s in subjects if isinstance(s, NamedNode)}
    return sorted(iri for iri in iris if iri.startswith(base) and "/graph/" not in iri)


def test_every_resource_has_a_sound_page_without_verdicts(kg: KnowledgeGraph) -> None:
    for iri in everything(kg):
        content = page(kg, iri)
        assert content.one("h1").text.strip(), iri
        assert not re.search(r"\b(true|false)\b", content.text, re.I), iri
        assert not scripts(content)
        assert not content.all("style")
        for node in content:
            assert not {"style", "onclick", "onload", "onerror"} & node.attributes.keys()


def test_every_listed_statement_names_its_speaker(kg: KnowledgeGraph) -> None:
    for kind in ("event", "proposition", "time", "span"):
        iris = [iri for iri in everything(kg) if iri.startswith(f"{kg.settings.base}{kind}/")]
        for iri in iris:
            content = page(kg, iri)
            if content.all("article", "teaser"):
                assert content.one("div", "body").all("h3"), iri


def test_identifiers_on_a_page_are_unique(kg: KnowledgeGraph) -> None:
    for path in (quote(kg), DOC, airstrike(kg)):
        found = [node.attributes["id"] for node in page(kg, path) if "id" in node.attributes]
        assert len(found) == len(set(found))


def test_the_query_of_a_page_runs_as_it_stands(kg: KnowledgeGraph) -> None:
    for path in (quote(kg), DOC, airstrike(kg)):
        (link,) = [a for a in page(kg, path).all("a") if "SPARQL for this page" in a.text]
        query = parse_qs(urlsplit(link.attributes["href"]).query)["query"][0]
        assert kg.query(query).rows


def test_hostile_markup_is_shown_as_text(kg: KnowledgeGraph) -> None:
    agent = the(kg, "?it a asc:Agent ; rdfs:label 'Russian Foreign Ministry'@en")
    said = quote(kg)
    span = the(kg, "?said asc:quoteMarks ?marks ; asc:contentSpan ?it")
    edit = {
        (agent, RDFS.label): Literal(HOSTILE, language="en"),
        (DOC, DCTERMS.term("title")): Literal(HOSTILE, language="en"),
        (span, OA.exact): Literal(HOSTILE),
    }
    with changed(kg, edit) as other:
        pages = [parsed(home(other)), *(page(other, each) for each in (said, DOC, agent))]
    for content in pages:
        assert HOSTILE in content.text
        assert not scripts(content)
        assert not content.all("img")


def test_an_address_that_is_not_of_the_web_is_no_link(kg: KnowledgeGraph) -> None:
    with changed(kg, {}) as other:
        agent = other.iri(the(other, "?it a asc:Agent ; rdfs:label 'CNN'@en"))
        bad = NamedNode("javascript:alert(1)")
        other.store.transact([Quad(agent, ASC.speaksFor, bad, other.graphs.entities)])
        content = page(other, agent.value)
    assert "javascript:alert(1)" in content.text
    assert not [a for a in content.all("a") if a.attributes["href"].startswith("javascript")]


def test_paths_honour_where_the_application_is_mounted(kg: KnowledgeGraph) -> None:
    with Flask(__name__).test_request_context("/", base_url="http://localhost/press/"):
        content = page(kg, quote(kg))
    paths = [a.attributes["href"] for a in content.all("a")]
    assert all(path.startswith(("/press/", "#")) for path in paths)


def test_an_error_page_escapes_what_it_was_told() -> None:
    content = parsed(error_page(404, HOSTILE))
    assert HOSTILE in content.text
    assert not scripts(content)


def _anchor(statement: str) -> str:
    return "s" + statement.rpartition("/")[2]
