"""The index: what it finds, that it is what the store holds, and that no write waits for it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import BASE, river
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graph.cli.options import main
from graph.errors import StoreFault
from graph.facts import facts_of
from graph.files import examples_dir
from graph.formats import TURTLE
from graph.index import FACETS, Wanted
from graph.index.folding import fold, marked
from graph.index.told import unpacked
from graph.kg import KnowledgeGraph, create, open_dataset
from graph.vocab import RDF
from graph.web import create_web

EXAMPLES = sorted(examples_dir().glob("*.trig"))
COURIER, WIRE = "agent/marn-courier-68a3d6", "agent/coast-wire-d76b1a"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """All examples on disk; read it only."""
    with open_dataset(create(tmp_path_factory.mktemp("index") / "desk", BASE)) as kg:
        for path in EXAMPLES:
            kg.add(path)
        yield kg


def held(kg: KnowledgeGraph) -> dict[str, set[Any]]:
    """All that the index of a dataset holds, by IRIs and not by its own numbers."""
    kg.index.catch_up()
    folder = Path(kg.settings.data)
    queries = {
        "source": "SELECT iri, title, language, statements, recorded FROM source",
        "statement": """SELECT s.iri, o.iri, s.quote, s.language, s.kind, place, depth, s.recorded,
            is_latest, words.quote, meaning FROM statement s JOIN source o ON o.id = s.source
            JOIN words ON words.rowid = s.id""",
        "link": """SELECT s.iri, role, t.iri FROM link JOIN statement s ON s.id = statement
            JOIN thing t ON t.id = thing""",
        "thing": """SELECT iri, label, t.language, narrates, text FROM thing t
            JOIN names ON names.rowid = t.id""",
        "tally": "SELECT role, iri, number FROM tally JOIN thing ON id = thing",
        "related": "SELECT * FROM related",
        "found": "SELECT * FROM found",
        "told": "SELECT s.iri, told.facts FROM told JOIN statement s ON s.id = statement",
        "source_told": "SELECT iri, told FROM source",
        "shared": "SELECT * FROM shared",
        "about": "SELECT * FROM about",
        "merged": "SELECT * FROM merged",
    }
    with sqlite3.connect(folder / "index.sqlite") as tables:
        found = {name: {*tables.execute(query)} for name, query in queries.items()}
    tables.close()
    for packed in ("told", "source_told"):
        found[packed] = {(iri, lines_of(unpacked(facts))) for iri, facts in found[packed]}
    found["shared"] = {(iri, lines_of(facts)) for iri, facts in found["shared"]}
    return found


def lines_of(facts: bytes) -> frozenset[bytes]:
    """What is told, in whatever order."""
    return frozenset(facts.splitlines())


def assert_told_as_stored(kg: KnowledgeGraph) -> None:
    """The index tells of a thing what is stored of it, relations and entailed types aside."""
    index = kg.index.asked()
    told = index.told([row[0] for row in kg.query("SELECT ?s { ?s asc:source ?v }")])
    shared = {row[0] for row in kg.query("SELECT DISTINCT ?t { ?v asc:describes ?t }")}
    for iri in shared:
        told |= index.told_shared([iri])
    assert len(told) > 100
    for subject, properties in told.items():
        stored = facts_of(
            quad
            for quad in kg.store.match(subject)
            if quad.graph_name not in (kg.graphs.catalog, kg.graphs.relations)
            and not quad.graph_name.value.endswith("/assessments")
        )[subject]
        for predicate in {*stored, *properties}:
            one, other = ({*each.get(predicate, ())} for each in (properties, stored))
            assert one <= other if predicate == RDF.type else one == other, (subject, predicate)


def test_counts_equal_those_of_sparql(full: KnowledgeGraph) -> None:
    counts = full.index.asked().counts()
    for name in ("statements", "speakers", "events", "sources"):
        asked = full.query(f"page_count_{name}").rows[0][0]
        assert getattr(counts, name) == asked > 5, name
    pairs = [row[0] for row in full.query("page_disagreements")]
    assert counts.disputes == len(pairs) > 5
    assert [each.assessment for each in full.index.asked().disputes(-1)] == pairs
    latest = [row[0] for row in full.query("page_latest")]
    assert [each.iri for each in full.index.asked().latest(len(latest))] == latest


def test_facets_count_what_sparql_counts(full: KnowledgeGraph) -> None:
    found = full.index.asked().search(full.search().wanted, values=1000)
    for facet, term in (("speaker", "asc:speaker"), ("event", "asc:event")):
        rows = full.query(
            f"SELECT ?v (COUNT(DISTINCT ?s) AS ?n) {{ ?s {term} ?v . "
            "FILTER NOT EXISTS { ?v a asc:Narrator } } GROUP BY ?v"
        )
        assert {each.value: each.number for each in found.facets[facet]} == dict(rows.rows)
    relayed = full.query("SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s asc:relay ?v }").rows[0][0]
    assert full.search(hand="relayed").total == relayed
    assert full.search(hand="first").total == found.total - relayed
    kinds = {each.value: each.number for each in found.facets["kind"]}
    assert kinds["DirectQuotation"] > kinds["BlockQuotation"] > 0
    for kind, number in kinds.items():
        said = full.query(f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a asc:{kind} }}").rows[0][0]
        assert full.search(kind=kind).total == number == said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"natural result"', "natural result"),
        ('"result natural"', ""),
        ("natur*", "natural result"),
        ("natur", ""),
        ("MINISTRY natural", "natural result"),  # one word in the speaker's name
        ("natural -result", ""),
        ("naturál “result”", "natural result"),
    ],
)
def test_words_phrases_beginnings_and_names_are_found(
    full: KnowledgeGraph, text: str, words: str
) -> None:
    quotes = [hit.quote for hit in full.search(text).hits]
    assert any(words in quote for quote in quotes) if words else not quotes


def test_pages_say_the_same_where_the_index_is_not_at_hand(
    full: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the past, and while it is made, what they show comes from the store."""
    event = full.index.asked().search(Wanted()).facets["event"][0].value.removeprefix(BASE)
    statement = full.index.asked().disputes(1)[0].subject.removeprefix(BASE)
    source = full.index.asked().sources(1)[0].iri.removeprefix(BASE)
    paths = [f"/{each}.html" for each in (event, COURIER, source, statement)]
    paths += ["/disagreements?verdict=open", "/disagreements?rule=people"]

    def texts() -> list[list[str]]:
        http = create_web(full).test_client()  # with a cache of its own
        pages = [http.get(path) for path in paths]
        assert all(page.status_code == 200 for page in pages)
        return [sorted(re.sub("<[^>]*>", " ", page.text).split()) for page in pages]

    by_index = texts()
    monkeypatch.setattr(full.index, "at_hand", lambda: None)
    assert texts() == by_index


SCRIPTS = {
    "Łódź und Besançon": "besancon",
    "صَرَّحَ المُتَحَدِّثُ أَمْسِ": "صرح المتحدث",
    "Ёлки горят": "елки",
    "外交部发言人表示停火协议有效": "停火协议",
    "停火": "停火",
    "Straße": "STRASSE",
    "สวัสดีครับ": "ดีครับ",
    "한국 정부는": "정부*",
}


def test_any_script_is_found_without_its_optional_marks(kg: KnowledgeGraph) -> None:
    names = " , ".join(f'"{name}"@und' for name in SCRIPTS)
    label = '"Lauter River Authority"@en'
    text = river().decode().replace(label, f"{label} ; skos:altLabel {names}")
    kg.add(text.encode(), form=TURTLE)
    number = kg.search("lauter river authority", speaker="Lauter River Authority").total
    found = {
        asked: kg.search(asked, speaker="Lauter River Authority") for asked in SCRIPTS.values()
    }
    assert number and {each.total for each in found.values()} == {number}


@given(st.text(max_size=60), st.sampled_from(FACETS), st.text(max_size=10))
@settings(max_examples=60, deadline=None)
def test_odd_input_finds_something_or_nothing(
    full: KnowledgeGraph, text: str, facet: str, value: str
) -> None:
    found = full.search(text, **{facet: value})
    assert len(found.hits) <= found.total


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
@example("\U00020000\xad0")  # a soft hyphen between two words that no space parts
@settings(max_examples=200, deadline=None)
def test_every_word_of_a_text_is_marked_in_it(text: str) -> None:
    for word in fold(text).split():
        assert marked(text, [(word, False)]), word


def test_marks_stand_around_the_words_as_they_are_written() -> None:
    text = "The Cease-fire, in BESANC\u0327ON: 停火协议"
    wanted = [("cease fire", False), ("bes", True), ("停 火", False)]
    assert [text[start:end] for start, end in marked(text, wanted)] == [
        *("Cease-fire", "BESANC\u0327ON", "停火"),
    ]


def test_after_all_kinds_of_writes_it_is_what_it_would_be_anew(tmp_path: Path) -> None:
    with open_dataset(create(tmp_path / "desk", BASE)) as kg:
        for path in EXAMPLES[:12]:
            kg.add(path)
        kg.search("made")  # so that what follows is followed
        kg.writer.write([kg.read(path) for path in EXAMPLES[12:]])
        receipts = [kg.add(river(n), form=TURTLE) for n in range(1, 4)]
        named = river(1).decode().replace('rdfs:label "', 'skos:altLabel "Aka"@en ; rdfs:label "')
        kg.add(named.encode(), form=TURTLE, replace=True)
        kg.search("made")
        kg.retract(receipts[1].bundle)
        disputed = kg.index.asked().disputes(3)
        kg.judge(disputed[0].assessment, "rejected", "Ines Falk")
        assert disputed[0] not in kg.index.asked().disputes(-1)
        kg.merge(WIRE, COURIER, "Ines Falk")
        merged = held(kg)
        assert any(BASE + WIRE in row for row in merged["merged"] for row in row)
        assert kg.search(speaker=COURIER).total == 0 < kg.search(speaker=WIRE).total
        assert_told_as_stored(kg)
        kg.index.catch_up(anew=True)
        assert held(kg) == merged
        kg.part(WIRE, COURIER, "Ines Falk")
        kg.relate(anew=True)
        parted = held(kg)
        assert parted["merged"] == set()
        kg.index.catch_up(anew=True)
        assert held(kg) == parted
        assert kg.search(speaker=COURIER).total
        assert_told_as_stored(kg)


def test_a_lost_old_or_broken_index_is_healed_by_who_asks(tmp_path: Path) -> None:
    folder = create(tmp_path / "desk", BASE)
    place = folder / "index.sqlite"
    with open_dataset(folder) as kg:
        kg.add(EXAMPLES[0])
        old = held(kg)
    kept = shutil.copy(place, tmp_path / "old.sqlite")
    with open_dataset(folder) as kg:
        kg.add(EXAMPLES[1])
        new = held(kg)
    assert new != old
    for spoil in (
        lambda: shutil.copy(kept, place),
        place.unlink,
        lambda: place.write_bytes(b"no database at all" * 1000),
        lambda: place.write_bytes(place.read_bytes()[:5000]),
    ):
        spoil()
        with open_dataset(folder, read_only=True) as kg:
            assert held(kg) == new


def test_no_write_fails_because_the_index_cannot_be_written(tmp_path: Path) -> None:
    folder = create(tmp_path / "desk", BASE)
    (folder / "index.sqlite").mkdir()
    with open_dataset(folder) as kg:
        assert kg.add(EXAMPLES[0]).state == "added"
        with pytest.raises(StoreFault, match="ascribe index"):
            kg.search("made")
    (folder / "index.sqlite").rmdir()
    with open_dataset(folder) as kg:
        assert kg.search().total


def test_the_command_line_searches_and_indexes(full: KnowledgeGraph) -> None:
    def run(*arguments: str) -> str:
        done = CliRunner().invoke(main, [*arguments, "--data", full.settings.data])
        assert done.exit_code == 0, done.output
        return done.stdout

    found = json.loads(run("search", "natural result", "--json"))
    assert found["total"] == len(found["hits"]) > 0
    assert "natural result" in found["hits"][0]["quote"]
    rows = run("search", "--csv", "--hand", "relayed").splitlines()
    assert len(rows) == full.search(hand="relayed").total + 1
    assert "are indexed" in run("index")
