"""The page of an event: what each voice says to each question, and who says nothing."""

from __future__ import annotations

import pytest
from conftest import ROOT
from test_pages import Node, page, squeezed, the

from graph.kg import KnowledgeGraph
from graph.web.views.timeline import place_of

NARRATOR, COMMAND, RUSSIA = "The narrator", "U.S. Central Command", "Russia"
MINISTRY, FORCES, OTHERS = "Russian Foreign Ministry", "Coalition forces", "Other voices"


@pytest.fixture(scope="module")
def airstrike(seed: KnowledgeGraph) -> Node:
    iri = the(seed, "?it a asc:Event ; rdfs:label 'the airstrike'@en")
    return page(seed, iri.removeprefix(seed.settings.base))


def row(event: Node, question: str) -> dict[str, str]:
    """What stands in each column of a question's row."""
    table = event.one("table", "accounts")
    columns = [squeezed(cell.text) for cell in table.one("thead").all("th")]
    rows = [tr for tr in table.one("tbody").all("tr") if tr.one("th").attributes["id"] == question]
    cells = [squeezed(td.text) for td in rows[0].all("td")]
    return dict(zip(columns[1:], cells, strict=True))


def silent(event: Node, question: str) -> set[str]:
    return {
        column
        for column, text in row(event, question).items()
        if text.endswith(f"{column} Says nothing here.")
    }


@pytest.mark.parametrize(
    ("question", "said", "nothing"),
    [
        (
            "cause",
            {
                RUSSIA: "the refusal by the U.S. to share intelligence was the cause",
                MINISTRY: "“We consider what happened as a natural result",
            },
            {NARRATOR, COMMAND, FORCES},
        ),
        (
            "target",
            {
                NARRATOR: "The U.S. military accidentally bombed Syrian soldiers",
                FORCES: "they were striking a Da'esh fighting position",
                OTHERS: "Russian officials it was possible the personnel and vehicles",
            },
            {RUSSIA, MINISTRY},
        ),
        ("toll", {NARRATOR: "killing more than 60 people"}, {COMMAND, RUSSIA, MINISTRY, FORCES}),
        (
            "told",
            {COMMAND: "“coalition members in the Combined Air Operations Center had earlier"},
            {NARRATOR, RUSSIA, MINISTRY, FORCES},
        ),
    ],
)
def test_the_article_s_voices_stand_side_by_side(
    airstrike: Node, question: str, said: dict[str, str], nothing: set[str]
) -> None:
    cells = row(airstrike, question)
    for voice, words in said.items():
        assert words in cells[voice]
    assert silent(airstrike, question) == nothing


def test_those_without_a_column_are_named_where_they_say_nothing(airstrike: Node) -> None:
    others = row(airstrike, "toll")[OTHERS]
    assert others.startswith("Nothing here from ")
    assert all(name in others for name in ("Reuters", "Russian officials", "American pilots"))


def test_what_is_passed_on_says_by_whom(airstrike: Node) -> None:
    assert "direct quote, via CNN" in row(airstrike, "cause")[MINISTRY]
    assert "belief, via U.S. Central Command" in row(airstrike, "target")[FORCES]


def test_every_cell_leads_to_its_statements(airstrike: Node) -> None:
    cells = airstrike.one("table", "accounts").all("p", "said")
    assert len(cells) >= 31
    assert all("/statement/" in cell.one("a").attributes["href"] for cell in cells)


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
    shown = {p.one("a").attributes["href"] for p in flood.all("p", "said")}
    assert shown == {f"/{s.removeprefix(kg.settings.base)}" for (s,) in rows}
    assert "target" not in {th.attributes.get("id") for th in flood.all("th")}
