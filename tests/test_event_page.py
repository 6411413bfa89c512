"""The page of an event: what each voice says to each question, and who says nothing."""

from __future__ import annotations

import pytest
from conftest import ROOT
from test_pages import Node, page, squeezed, the

from graph.kg import KnowledgeGraph
from graph.web.views.timeline import place_of

NARRATOR, COMMAND, RUSSIA = "The narrator", "U.S. Central Command", "Russia"
MINISTRY, FORCES, OFFICIALS = "Russian Foreign Ministry", "Coalition forces", "Russian officials"
MEMBERS = "coalition members in the Combined Air Operations Center"
REUTERS, PILOTS = "Reuters", "American pilots"


@pytest.fixture(scope="module")
def airstrike(seed: KnowledgeGraph) -> Node:
    iri = the(seed, "?it a asc:Event ; rdfs:label 'the airstrike'@en")
    return page(seed, iri.removeprefix(seed.settings.base))


def row(event: Node, question: str) -> tuple[dict[str, str], set[str]]:
    """What each voice says to a question, by its name, and who is named as silent."""
    asked = next(
        each
        for each in event.all("section", "asked")
        if each.attributes["aria-labelledby"] == question
    )
    cells = [li for li in asked.one("ul", "cells").all("li") if li.all("p", "by")]
    said = {squeezed(li.one("p", "by").text): squeezed(li.text) for li in cells}
    silent = squeezed(asked.one("p", "silent").text).removeprefix("Nothing here from ")
    return said, {name[:1].upper() + name[1:] for name in silent.rstrip(".").split(", ")}


@pytest.mark.parametrize(
    ("question", "words", "nothing"),
    [
        (
            "cause",
            {
                RUSSIA: "the refusal by the U.S. to share intelligence was the cause",
                MINISTRY: "“We consider what happened as a natural result",
            },
            {NARRATOR, COMMAND, FORCES, MEMBERS, REUTERS, OFFICIALS, PILOTS},
        ),
        (
            "target",
            {
                NARRATOR: "The U.S. military accidentally bombed Syrian soldiers",
                COMMAND: "“Coalition forces believed they were striking a Da'esh",
                FORCES: "they were striking a Da'esh fighting position",
                OFFICIALS: "it was possible the personnel and vehicles",
                PILOTS: "they were bombing ISIS militants",
            },
            {RUSSIA, MINISTRY, MEMBERS, REUTERS},
        ),
        (
            "toll",
            {NARRATOR: "killing more than 60 people"},
            {COMMAND, RUSSIA, MINISTRY, FORCES, MEMBERS, REUTERS, OFFICIALS, PILOTS},
        ),
        (
            "told",
            {
                COMMAND: "“coalition members in the Combined Air Operations Center had earlier",
                MEMBERS: "the upcoming strike",
                OFFICIALS: "it was possible the personnel and vehicles",
            },
            {NARRATOR, RUSSIA, MINISTRY, FORCES, REUTERS, PILOTS},
        ),
    ],
)
def test_the_article_s_voices_stand_side_by_side(
    airstrike: Node, question: str, words: dict[str, str], nothing: set[str]
) -> None:
    said, silent = row(airstrike, question)
    assert said.keys() == words.keys()
    assert all(words[voice] in said[voice] for voice in words)
    assert silent == {name[:1].upper() + name[1:] for name in nothing}


def test_where_who_is_silent_tells_less_they_are_not_named(airstrike: Node) -> None:
    assert row(airstrike, "where")[1] == {"The others say nothing here"}


def test_what_is_passed_on_says_by_whom(airstrike: Node) -> None:
    assert "direct quote, via CNN; within it: belief" in row(airstrike, "cause")[0][MINISTRY]
    assert "belief, via U.S. Central Command" in row(airstrike, "target")[0][FORCES]


def test_every_cell_leads_to_its_statements(airstrike: Node) -> None:
    cells = [a for cells in airstrike.all("ul", "cells") for a in cells.all("a")]
    statements = {a.attributes["href"] for a in cells if "/statement/" in a.attributes["href"]}
    assert len(statements) == 31


def test_what_is_dated_stands_in_its_order(airstrike: Node) -> None:
    dated = [
        squeezed(li.one("p", "by").text)
        for li in airstrike.one("ol", "moments").all("li")
        if li.all("p", "by")
    ]
    assert dated[:2] == [
        "Sep. 17 (year not stated)",
        "two days after the airstrike (2 days after the airstrike)",
    ]
    assert len(airstrike.one("svg").all("circle")) == 2


def test_a_date_has_a_place_only_if_its_day_is_known() -> None:
    assert place_of("2016-09-17") and place_of("2016")
    assert [place_of(each) for each in ("", "XXXX", "9999-99-99", "now")] == [None] * 4


def test_events_of_every_kind_have_a_page_with_all_their_statements() -> None:
    import graph

    with graph.open() as kg:
        for path in sorted((ROOT / "examples").glob("flood-*.trig")):
            kg.add(path)
        iri = the(kg, "?it a asc:Event ; rdfs:label 'the flood in Brennock'@en")
        flood = page(kg, iri.removeprefix(kg.settings.base))
        rows = kg.query(f"SELECT DISTINCT ?s {{ ?s asc:event <{iri}> }}").rows
    links = {a.attributes["href"] for cells in flood.all("ul", "cells") for a in cells.all("a")}
    shown = {href for href in links if href.startswith("/statement/")}
    assert shown == {f"/{s.removeprefix(kg.settings.base)}" for (s,) in rows}
    assert "target" not in {h3.attributes.get("id") for h3 in flood.all("h3")}
