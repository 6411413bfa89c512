"""The forms that other tools read, read back by others and held to what the graph says."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree

import pyoxigraph
import pytest
from conftest import EXAMPLE, RECORDED, ROOT

from graph.exports import export_of
from graph.kg import KnowledgeGraph
from graph.rows import EVERYTHING, Selection, statement_rows
from graph.schema import relations
from graph.settings import Settings
from graph.vocab import ASC, OA, RDF

EXAMPLES = ROOT / "examples"
EMOJI = EXAMPLES / "festival-emoji.trig"
CORRECTED = EXAMPLES / "flood-toll-corrected.trig"
STATEMENT = "statement/ffc646f2603c/2076-2306-8224e4fc"
DATED = (
    '<doc/flood-toll-corrected-e910a0d8> dcterms:issued "2031-05-04"^^xsd:date ; '
    "schema:url <https://courier.example/toll> ; dcterms:publisher"
)


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    """The article; one whose text is archived; one that says when it was published."""
    with KnowledgeGraph(Settings(), clock=lambda: RECORDED) as kg:
        kg.add(EXAMPLE)
        kg.add(EMOJI, text=EMOJI.with_suffix(".txt").read_bytes())
        for path in sorted(EXAMPLES.glob("flood-by-*.trig")):
            kg.add(path)
        said = CORRECTED.read_text("utf-8")
        dated = said.replace("<doc/flood-toll-corrected-e910a0d8> dcterms:publisher", DATED)
        assert dated != said
        kg.add(dated.encode(), form=export_of("trig").form)
        yield kg


def written(kg: KnowledgeGraph, name: str, chosen: Selection = EVERYTHING) -> bytes:
    out = io.BytesIO()
    kg.export(out, export_of(name).form, chosen=chosen)
    return out.getvalue()


def test_hypothesis_finds_the_words_where_a_note_says_in_utf_16(kg: KnowledgeGraph) -> None:
    notes = json.loads(written(kg, "hypothesis"))["annotations"]
    rows = list(statement_rows(kg.store, EVERYTHING))
    assert len(notes) == len(rows)
    units = EMOJI.with_suffix(".txt").read_bytes().decode().encode("utf-16-le")
    shifted = 0
    for note, row in zip(notes, rows, strict=True):
        assert note["uri"] == row.source and note["document"] == {"title": [row.title]}
        assert note["text"].startswith(row.speaker_name) and row.statement in note["text"]
        for target, span in zip(note["target"], row.spans, strict=True):
            *places, quote = target["selector"]
            assert quote == {
                **{"type": "TextQuoteSelector", "exact": span.exact},
                **{"prefix": span.prefix, "suffix": span.suffix},
            }
            assert bool(places) == ("festival-emoji" in row.source)
            for place in places:
                words = units[2 * place["start"] : 2 * place["end"]].decode("utf-16-le")
                assert words == span.exact
                shifted += place["start"] > span.start
    assert shifted, "a place beyond characters that take two units"


def test_reference_managers_read_each_source_with_its_title_publisher_and_date(
    kg: KnowledgeGraph,
) -> None:
    parser = pytest.importorskip("bibtexparser")
    entries = parser.loads(written(kg, "bib").decode()).entries
    items = json.loads(written(kg, "csl"))
    titles = {row.source: row.title for row in statement_rows(kg.store, EVERYTHING)}
    told = {each["url"]: each["title"].strip("{}") for each in entries}
    assert {each["URL"]: each["title"] for each in items} == told
    assert {*told.values()} == {*titles.values()}
    assert told.keys() - titles.keys() == {"https://courier.example/toll"}
    assert [each["ID"] for each in entries] == [each["id"] for each in items]
    assert len({each["id"] for each in items}) == len(titles) == 5
    (entry,) = (each for each in entries if "year" in each)
    (item,) = (each for each in items if "issued" in each)
    assert (entry["publisher"], entry["year"], entry["month"]) == (
        "{Marn Courier}",
        "2031",
        "5",
    )
    assert item["publisher"] == "Marn Courier"
    assert item["issued"] == {"date-parts": [[2031, 5, 4]]} and item["type"] == "document"
    one = json.loads(written(kg, "csl", Selection(source=next(iter(titles.keys() - told.keys())))))
    assert one == [item]


def test_rdf_1_2_has_a_reifier_for_each_relation_that_is_judged(kg: KnowledgeGraph) -> None:
    quads = set(pyoxigraph.parse(written(kg, "trig12"), pyoxigraph.RdfFormat.TRIG))
    reified = {quad for quad in quads if quad.predicate == RDF.reifies}
    assert quads - reified == set(pyoxigraph.parse(written(kg, "trig"), pyoxigraph.RdfFormat.TRIG))
    judged = {
        (quad.subject, *(kg.stated.match(quad.subject, each)[0].object for each in parts))
        for quad in kg.stated.match(None, ASC.relation)
        if "/computed/" not in str(quad.subject)
        for parts in [(ASC.subject, ASC.relation, ASC.object)]
    }
    told = {(q.subject, q.object.subject, q.object.predicate, q.object.object) for q in reified}
    assert len(told) > 40 and told == judged


def facts_in_xml(data: bytes) -> tuple[Counter[str], Counter[str], set[str]]:
    """The kinds of nodes and of arrows, and the names of statements, of GraphML or GEXF."""
    root = ElementTree.fromstring(data)
    spaces = {"x": root.tag.partition("}")[0].strip("{")}
    names = {key.get("id"): key.get("attr.name") for key in root.findall("x:key", spaces)}
    names |= {key.get("id"): key.get("title") for key in root.iterfind(".//x:attribute", spaces)}

    def told(element: ElementTree.Element) -> dict[str, str]:
        found = {
            names[each.get("key")]: each.text or "" for each in element.findall("x:data", spaces)
        }
        values = element.iterfind(".//x:attvalue", spaces)
        found |= {names[each.get("for")]: each.get("value", "") for each in values}
        return {str(name): value for name, value in found.items()}

    nodes = {node.get("id", ""): told(node) for node in root.iterfind(".//x:node", spaces)}
    arrows = {
        (edge.get("source"), edge.get("target"), told(edge)["kind"])
        for edge in root.iterfind(".//x:edge", spaces)
    }
    return (
        Counter(node["kind"] for node in nodes.values()),
        Counter(kind for _, _, kind in arrows),
        {iri for iri, node in nodes.items() if node["kind"] == "statement"},
    )


@pytest.mark.extras
@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_a_network_has_the_voices_sources_events_and_relations(
    kg: KnowledgeGraph, name: str
) -> None:
    pytest.importorskip("networkx")
    data = written(kg, name)
    assert b"Russian Foreign Ministry" in data
    nodes, arrows, statements = facts_in_xml(data)
    stored = {quad.subject.value for quad in kg.store.match(None, ASC.source)}
    assert statements == stored and nodes["source"] == 5
    voices = {q.object for each in (ASC.speaker, ASC.relay) for q in kg.store.match(None, each)}
    assert nodes["agent"] == len(voices)
    assert nodes["event"] == len({quad.object for quad in kg.store.match(None, ASC.event)})
    for relation in (ASC.speaker, ASC.relay, ASC.source, ASC.event, *relations()):
        pairs = {(quad.subject, quad.object) for quad in kg.store.match(None, relation)}
        named = relation.value.removeprefix(ASC)
        if relation != ASC.deniesSaying:
            assert arrows[named] == len({p for p in pairs if p[0].value in stored}), named


@pytest.mark.extras
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_nanopublications_hold_what_their_names_prove(kg: KnowledgeGraph) -> None:
    nanopub = pytest.importorskip("nanopub")
    import rdflib

    base = kg.settings.base
    data = written(kg, "nanopub", Selection(source=base + "doc/festival-emoji-6cb4a73f"))
    data += written(kg, "nanopub", Selection(statement=base + STATEMENT))
    papers: dict[str, list[pyoxigraph.Quad]] = {}
    for quad in pyoxigraph.parse(data, pyoxigraph.RdfFormat.TRIG):
        papers.setdefault(quad.graph_name.value.partition("#")[0], []).append(quad)
    assert len(papers) > 1
    for name, quads in papers.items():
        held = rdflib.ConjunctiveGraph()
        nquads = pyoxigraph.serialize(quads, format=pyoxigraph.RdfFormat.N_QUADS)
        held.parse(data=nquads, format="nquads")
        paper = nanopub.Nanopub(rdf=held)
        assert paper.is_valid and paper.has_valid_trusty and paper.source_uri == name
        (said,) = paper.assertion.subjects(rdflib.URIRef(ASC.speaker.value))
        row = next(statement_rows(kg.store, Selection(statement=str(said))))
        words = {str(each) for each in paper.assertion.objects(None, rdflib.URIRef(OA.exact.value))}
        assert {span.exact for span in row.spans} <= words
        assert row.speaker_name in {str(each) for each in paper.assertion.objects()}
        derived = paper.provenance.objects(None, rdflib.PROV.wasDerivedFrom)
        assert [str(each) for each in derived] == [row.source]
    paper.assertion.add((rdflib.URIRef(said), rdflib.RDFS.comment, rdflib.Literal("changed")))
    with pytest.raises(Exception, match="not valid"):
        assert paper.has_valid_trusty
