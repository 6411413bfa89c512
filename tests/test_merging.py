"""Two that are one, in somebody's judgement: what follows, and that nothing of it stays."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from accounts import HAPPENED, MORE_THAN_60, Account, cause
from conftest import BASE
from pyoxigraph import Quad
from test_relating import computed, rebuilt

from graph.bulk.loader import Loader
from graph.errors import BadInput, Conflict, NotFound
from graph.files import examples_dir
from graph.formats import NQUADS, TURTLE
from graph.kg import KnowledgeGraph, create, open_dataset, token_book
from graph.web import create_web

COURIER, WIRE = "agent/marn-courier-68a3d6", "agent/coast-wire-d76b1a"


@pytest.fixture(scope="module")
def examples() -> Iterator[KnowledgeGraph]:
    """All examples in memory; whoever merges in it parts again."""
    with open_dataset() as kg:
        for path in sorted(examples_dir().glob("*.trig")):
            kg.add(path)
        yield kg


def shown(kg: KnowledgeGraph) -> set[Quad]:
    """All that is in the store, but for its books."""
    return {quad for quad in kg.store.match() if quad.graph_name != kg.graphs.catalog}


def exported(kg: KnowledgeGraph) -> set[bytes]:
    output = io.BytesIO()
    kg.export(output, NQUADS)
    return {*output.getvalue().splitlines()}


def speakers(kg: KnowledgeGraph) -> dict[str, int]:
    rows = kg.query("""
        SELECT ?who (COUNT(DISTINCT ?s) AS ?n) {
          ?s asc:attribution/asc:agent ?a . ?a rdfs:label ?who } GROUP BY ?who""")
    return dict(rows.rows)


def test_questions_and_counts_have_one_where_there_were_two(examples: KnowledgeGraph) -> None:
    kg, before = examples, speakers(examples)
    counts, exports = kg.stats(), exported(examples)
    made = kg.merge(WIRE, COURIER, "Ines Falk", because="One house.")
    try:
        after = speakers(kg)
        assert after["Coast Wire"] == before["Coast Wire"] + before["Marn Courier"]
        assert "Marn Courier" not in after
        assert kg.stats()["speakers"] == counts["speakers"] - 1
        assert kg.stats()["statements"] == counts["statements"]
        assert not kg.query(f"SELECT ?s {{ ?s asc:agent|asc:speaker <{BASE + COURIER}> }}").rows
        assert [row[1:4] + row[5:] for row in kg.query("merged")] == [
            ("Coast Wire", BASE + COURIER, "Ines Falk", "One house.")
        ]
        names = kg.query(f"SELECT ?n {{ <{BASE + WIRE}> skos:altLabel ?n }}").rows
        assert ("Marn Courier",) in names
        assert made.assessment in {q.subject.value for q in kg.describe(COURIER)}  # type: ignore[union-attr]
        assert exported(kg) == exports, "what is stated is exported as it was stated"
    finally:
        kg.part(COURIER, WIRE, "Ines Falk")
    assert speakers(kg) == before


def test_parting_restores_everything(examples: KnowledgeGraph) -> None:
    before = shown(examples)
    flood, deaths = (
        "event/the-flood-in-brennock-0264f5",
        "event/the-deaths-in-the-flood-in-brennock-aec6b3",
    )
    pairs = [(WIRE, COURIER), ("agent/cnn-f2e80d", "agent/reuters-2068c4"), (flood, deaths)]
    for kept, other in pairs:
        examples.merge(kept, other, "Ines Falk")
    examples.merge("agent/reuters-2068c4", COURIER, "Ines Falk")  # four are one now
    assert examples.stands_for(WIRE) == examples.stands_for(COURIER) == BASE + "agent/cnn-f2e80d"
    assert len(before - shown(examples)) > 90
    examples.part("agent/cnn-f2e80d", WIRE, "Ines Falk")
    for kept, other in reversed(pairs):
        examples.part(kept, other, "Ines Falk")
    assert shown(examples) == before


def test_what_is_stated_of_both_stays_when_one_leaves(kg: KnowledgeGraph) -> None:
    both = [
        Account(1, HAPPENED, outlet="Gazette"),
        Account(2, HAPPENED, who="Port", outlet="Herald"),
    ]
    for each in both:
        kg.add(each.turtle(), form=TURTLE)
    kg.merge("agent/Gazette", "agent/Herald", "Ines Falk")
    assert computed(kg) == rebuilt(kg) and not kg.query("corroborated").rows, "it is one outlet"
    kg.retract(both[0].version)
    assert not kg.stands_for("agent/Herald"), "nobody is left to stand for it"
    assert kg.query(f"ASK {{ ?d dcterms:publisher <{BASE}agent/Herald> }}").rows == ((True,),)
    kg.add(both[0].turtle(), form=TURTLE)
    assert kg.stands_for("agent/Herald") == BASE + "agent/Gazette", "the judgement stays"
    kg.part("agent/Gazette", "agent/Herald", "Ines Falk")
    assert kg.query("corroborated").rows and computed(kg) == rebuilt(kg)


def test_what_is_written_later_is_merged_too(tmp_path: Path) -> None:
    with open_dataset(create(tmp_path / "desk", BASE)) as kg:
        kg.add(Account(1, HAPPENED).turtle(), form=TURTLE)
        kg.add(Account(2, MORE_THAN_60, who="Port").turtle(), form=TURTLE)
        kg.merge("agent/Mayor", "agent/Port", "Ines Falk")
        kg.add(Account(3, cause("fog"), who="Port").turtle(), form=TURTLE)
        assert (
            kg.add(Account(3, cause("fog"), who="Port").turtle(), form=TURTLE).state == "unchanged"
        )
        more = {"port.ttl": Account(4, HAPPENED, who="Port"), "mayor.ttl": Account(5, HAPPENED)}
        for name, account in more.items():
            (tmp_path / name).write_bytes(account.turtle())
        loader = Loader(kg.writer, kg.reader, kg.texts)
        loaded = loader.load([tmp_path / name for name in more])
        assert [each.receipt.state for each in loaded] == ["added", "added"]  # type: ignore[union-attr]
        kg.relate()
        kg.update(
            'INSERT { ?a skos:altLabel "the Harbour"@en } WHERE { ?a a asc:Organization ; '
            'rdfs:label "the Port"@en }'
        )
        rows = kg.query("SELECT ?who (COUNT(?s) AS ?n) { ?s asc:speaker ?who } GROUP BY ?who").rows
        assert rows == ((BASE + "agent/Mayor", 5),)
        assert kg.astray() == []
        names = f"SELECT ?n {{ <{BASE}agent/Mayor> rdfs:label|skos:altLabel ?n }} ORDER BY ?n"
        assert [n for (n,) in kg.query(names)] == ["the Harbour", "the Mayor", "the Port"]
        kg.part("agent/Mayor", "agent/Port", "Ines Falk")
        assert [n for (n,) in kg.query(names)] == ["the Mayor"]
        assert kg.astray() == []


def test_who_cannot_be_one_is_not_merged(examples: KnowledgeGraph) -> None:
    with pytest.raises(BadInput, match="nothing is both"):
        examples.merge(WIRE, "event/the-flood-in-brennock-0264f5", "Ines Falk")
    with pytest.raises(BadInput, match="asc:Person"):
        examples.merge(WIRE, "agent/ada-lind-fc2bd7", "Ines Falk")
    with pytest.raises(Conflict, match="one already"):
        examples.merge(WIRE, WIRE, "Ines Falk")
    with pytest.raises(NotFound, match="described"):
        examples.merge(WIRE, "agent/nobody", "Ines Falk")
    with pytest.raises(NotFound, match="Nobody merged"):
        examples.part(WIRE, COURIER, "Ines Falk")


def test_over_http_the_old_address_leads_to_the_new(tmp_path: Path) -> None:
    with open_dataset(create(tmp_path / "desk", BASE)) as kg:
        for each in (Account(1, HAPPENED), Account(2, MORE_THAN_60, who="Port")):
            kg.add(each.turtle(), form=TURTLE)
        book = token_book(tmp_path / "desk")
        token = {"Authorization": f"Bearer {book.create('write', 'desk')}"}
        http = create_web(kg, book).test_client()
        two = {"kept": "agent/Mayor", "other": "agent/Port", "because": "A <new> mayor."}
        assert http.post("/identities", json=two).status_code == 401
        made = http.post("/identities", json=two, headers=token)
        assert made.status_code == 201 and made.json["verdict"] == "confirmed"  # type: ignore[index]
        assert http.post("/identities", json=two, headers=token).status_code == 409
        old = http.get("/agent/Port")
        assert (old.status_code, old.location) == (303, "/agent/Mayor")
        assert http.get("/agent/Port.ttl").location == "/agent/Mayor.ttl"
        page = http.get("/agent/Mayor.html").text
        assert f"Stands also for {BASE}agent/Port." in page and "A &lt;new&gt; mayor." in page
        assert http.delete("/identities", json=two, headers=token).status_code == 200
        assert http.get("/agent/Port").location.startswith("/agent/Port.")
        assert "Stands also" not in http.get("/agent/Mayor.html").text
