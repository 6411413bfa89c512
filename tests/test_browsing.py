"""Pages of speakers, and of what sources make of each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import RECORDED, ROOT
from flask.testing import FlaskClient
from test_pages import Node, page, parsed, squeezed, the

from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.web import create_web
from graph.web.pages import error_page


@pytest.fixture(scope="module")
def floods() -> Iterator[KnowledgeGraph]:
    """Three sources that disagree about a flood, and one that speaks through another."""
    with KnowledgeGraph(Settings(), clock=lambda: RECORDED) as kg:
        for path in sorted((ROOT / "examples").glob("flood-*.trig")):
            kg.add(path)
        yield kg


@pytest.fixture(scope="module")
def client(floods: KnowledgeGraph) -> FlaskClient:
    return create_web(floods).test_client()


def asked(client: FlaskClient, query: str = "") -> Node:
    response = client.get(f"/disagreements{query}")
    assert response.status_code == 200
    return parsed(response.text)


def agent(kg: KnowledgeGraph, label: str) -> Node:
    iri = the(kg, f"?it a asc:Agent ; rdfs:label '{label}'@en")
    return page(kg, iri.removeprefix(kg.settings.base))


def section(page: Node, heading: str) -> Node:
    (found,) = [
        each for each in page.all("section") if each.attributes.get("aria-labelledby") == heading
    ]
    return found


def test_a_speaker_s_page_says_through_whom_the_words_come(seed: KnowledgeGraph) -> None:
    ministry = agent(seed, "Russian Foreign Ministry")
    assert [squeezed(li.text) for li in ministry.one("ul", "voices").all("li")] == ["CNN 6"]
    against = section(ministry, "against").all("div", "versus")
    assert any("U.S. Central Command" in each.text for each in against)
    assert "Rejected" not in section(ministry, "against").text


def test_a_speaker_s_page_lists_every_statement_and_post(seed: KnowledgeGraph) -> None:
    command = agent(seed, "U.S. Central Command")
    rows = seed.query("SELECT ?s { ?s asc:speaker/rdfs:label 'U.S. Central Command'@en }").rows
    assert squeezed(section(command, "said").one("h2").text) == f"Statements {len(rows)}"
    assert "president" in agent(seed, "Bashar Assad").one("div", "lead").text.casefold()


def test_what_an_agent_passes_on_is_told_from_what_it_says(floods: KnowledgeGraph) -> None:
    wire = agent(floods, "Coast Wire")
    by = [squeezed(p.text) for p in section(wire, "relayed").all("p", "by")]
    assert by and all(", via Coast Wire" in each for each in by)
    assert not any("via" in p.text for p in section(wire, "said").all("p", "by"))


def test_months_are_those_of_what_was_said_or_of_its_source(floods: KnowledgeGraph) -> None:
    wire = agent(floods, "Coast Wire")
    counts = [int(n.text) for n in wire.one("ul", "months").all("span", "num")]
    said = squeezed(section(wire, "said").one("h2").text).rpartition(" ")[2]
    assert sum(counts) == int(said)


def test_every_relation_that_rules_found_stands_on_the_page(
    floods: KnowledgeGraph, client: FlaskClient
) -> None:
    found = floods.answer("found_by_rule").rows
    everything = asked(client)
    assert squeezed(everything.one("h2", "").text)
    pairs = squeezed(section(everything, "pairs").one("h2").text)
    assert pairs == f"{len(found)} pairs"
    shown = section(everything, "pairs").all("div", "versus")
    assert len(shown) == min(len(found), 12)
    assert all("Found by rule" in each.text for each in shown)


def test_pairs_are_chosen_by_rule_and_verdict(floods: KnowledgeGraph) -> None:
    with KnowledgeGraph(Settings(), clock=lambda: RECORDED) as kg:
        for path in sorted((ROOT / "examples").glob("flood-*.trig")):
            kg.add(path)
        client = create_web(kg).test_client()
        numbers = section(asked(client, "?rule=numbersExclude"), "pairs").all("div", "versus")
        assert numbers and all("numbers exclude" in each.text for each in numbers)
        link = numbers[0].one("p", "judged").one("a").attributes["href"]
        kg.judge(kg.settings.base + link[1:], "rejected", "Ines <b>Falk</b>")
        rejected = section(asked(client, "?verdict=rejected"), "pairs").all("div", "versus")
        assert [each.one("p", "judged").one("a").attributes["href"] for each in rejected] == [link]
        assert "Rejected by Ines <b>Falk</b>" in squeezed(rejected[0].text)
        still_open = asked(client, "?verdict=open&rule=numbersExclude")
        assert len(section(still_open, "pairs").all("div", "versus")) == len(numbers) - 1
        people = section(asked(client, "?rule=people"), "pairs").all("p", "judged")
        assert people and all("Judged by" in squeezed(each.text) for each in people)


def test_another_rule_or_page_is_answered_with_what_there_is(client: FlaskClient) -> None:
    wrong = client.get("/disagreements?rule=nope", headers={"Accept": "text/html"})
    assert wrong.status_code == 400 and "numbersExclude" in wrong.text
    assert client.get("/disagreements?page=9999").status_code == 200
    assert client.get("/disagreements?page=x").status_code == 200


def test_the_about_page_names_every_address(client: FlaskClient) -> None:
    addresses = {
        row.one("code").text for row in parsed(client.get("/about").text).one("tbody").all("tr")
    }
    assert addresses == set(client.get("/openapi.json").get_json()["paths"])


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (404, "There is nothing here"),
        (414, "This cannot be read"),
        (500, "was stored"),
        (503, "Try again"),
        (507, "Something went wrong here"),
    ],
)
def test_an_error_page_says_where_to_go_on(status: int, hint: str) -> None:
    content = parsed(error_page(status, "A detail"))
    assert hint in content.text and f"Error {status}" in content.text
    assert "In detail: A detail" in squeezed(content.one("main").text)
    assert {"/", "/sparql", "/about"} <= {
        a.attributes["href"] for a in content.one("main").all("a")
    }


def test_narrators_of_several_sources_are_told_apart(floods: KnowledgeGraph) -> None:
    iri = the(floods, "?it a asc:Event ; rdfs:label 'the flood in Brennock'@en")
    flood = page(floods, iri.removeprefix(floods.settings.base))
    for asked in flood.all("section", "asked"):
        names = [squeezed(by.text) for by in asked.all("p", "by")]
        assert len(names) == len(set(names))
    assert any(by.text.startswith("Narrator of “") for by in flood.all("p", "by"))
