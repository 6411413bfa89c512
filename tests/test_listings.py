"""Statements one by one: what a spreadsheet, an annotator and a search engine are given."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pyoxigraph
import pytest
from conftest import EXAMPLE, RECORDED, ROOT
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad

from graph.exports import EXPORTS
from graph.kg import KnowledgeGraph
from graph.listings import CSV, write_table
from graph.rows import COLUMNS, Selection, statement_rows
from graph.settings import Settings
from graph.vocab import ASC, ASCV, OA, PROV, RDF
from graph.web import create_web

OTHER = ROOT / "examples" / "festival-emoji.trig"
STATEMENT = "statement/ffc646f2603c/2076-2306-8224e4fc"


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    """The article, and another whose text is archived."""
    with KnowledgeGraph(Settings(), clock=lambda: RECORDED) as kg:
        kg.add(EXAMPLE)
        kg.add(OTHER, text=OTHER.with_suffix(".txt").read_bytes())
        yield kg


@pytest.fixture(scope="module")
def client(kg: KnowledgeGraph) -> FlaskClient:
    return create_web(kg).test_client()


def rows(client: FlaskClient, **chosen: str) -> list[dict[str, str]]:
    said = client.get("/export", query_string={"format": "csv", **chosen}, buffered=True)
    assert (said.status_code, said.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(said.text, newline="")))


def test_csv_has_a_row_for_each_statement_as_the_graph_has_it(
    client: FlaskClient, kg: KnowledgeGraph
) -> None:
    found = rows(client)
    assert list(found[0]) == list(COLUMNS)
    stored = {quad.subject.value for quad in kg.store.match(None, ASC.source)}
    assert len(found) == len(stored) and {row["statement"] for row in found} == stored
    (row,) = rows(client, statement=STATEMENT)
    assert row["speaker_name"] == "Russian Foreign Ministry" and row["kind"] == "DirectQuotation"
    assert row["according_to"].startswith("CNN > Narrator of")
    assert (row["start"], row["end"]) == ("2076", "2306") and len(row["text"]) == 230
    assert (row["act"], row["polarity"], row["recorded"]) == (
        *("states", "positive", "2026-11-22T12:00:00Z"),
    )


def test_filters_choose_what_the_graph_says_of_them(
    client: FlaskClient, kg: KnowledgeGraph
) -> None:
    everything = rows(client)
    for column, name in (("speaker", "speaker"), ("event", "event"), ("source", "source")):
        iri = next(row[column] for row in everything if row[column] and ";" not in row[column])
        told = {row["statement"] for row in rows(client, **{name: iri})}
        assert told == {row["statement"] for row in everything if iri in row[column].split("; ")}
    document = everything[0]["source"].rpartition("/v/")[0]
    both = rows(client, source=document, speaker=everything[0]["speaker"])
    assert both and {row["source"] for row in both} == {everything[0]["source"]}
    assert rows(client, speaker="agent/nobody-000000") == []


def test_a_row_says_what_single_looks_into_the_graph_find(kg: KnowledgeGraph) -> None:
    for row in statement_rows(kg.store):
        statement = NamedNode(row.statement)
        kinds = {quad.object for quad in kg.store.match(statement, RDF.type)}
        assert ASC.term(row.kind) in kinds
        for name, predicate in (
            *(("source", ASC.source), ("event", ASC.event), ("speaker", ASC.speaker)),
            *(("polarity", ASC.polarity), ("certainty", ASC.certainty)),
            *(("temporality", ASC.temporality), ("recorded", PROV.generatedAtTime)),
        ):
            said = sorted(_value(quad) for quad in kg.store.match(statement, predicate))
            assert sorted(filter(None, getattr(row, name).split("; "))) == said
        spans = [quad.object for quad in kg.store.match(statement, ASC.contentSpan)]
        words = {_value(quad) for each in spans for quad in kg.store.match(each, OA.exact)}
        assert {span.exact for span in row.spans} == words


def _value(quad: Quad) -> str:
    assert isinstance(quad.object, NamedNode | Literal)
    return quad.object.value.removeprefix(ASCV)


def test_a_cell_is_never_a_formula() -> None:
    from dataclasses import replace

    with KnowledgeGraph(Settings()) as kg:
        kg.add(EXAMPLE)
        row = next(statement_rows(kg.store, Selection(statement=kg.iri(STATEMENT).value)))
    for start in "=+-@\t\r":
        out = io.BytesIO()
        write_table([replace(row, text=f'{start}HYPERLINK("x")')], out, CSV)
        (read,) = csv.DictReader(io.StringIO(out.getvalue().decode(), newline=""))
        assert read["text"] == f'\'{start}HYPERLINK("x")'


def test_annotations_have_what_the_standard_requires_and_point_at_the_words(
    client: FlaskClient, kg: KnowledgeGraph
) -> None:
    said = client.get("/export?format=anno", buffered=True)
    assert said.content_type == 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
    page = json.loads(said.data)
    assert page["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert page["type"] == "AnnotationPage" and len(page["items"]) == len(rows(client))
    text, emoji = OTHER.with_suffix(".txt").read_bytes().decode(), 0
    for each in page["items"]:
        assert each["type"] == "Annotation" and each["id"] and each["body"] and each["target"]
        for target in each["target"]:
            quote, place = target["selector"]
            assert (quote["type"], place["type"]) == ("TextQuoteSelector", "TextPositionSelector")
            assert place["end"] - place["start"] == len(quote["exact"])
            if "festival" in target["source"]:
                assert text[place["start"] : place["end"]] == quote["exact"]
                emoji += not text[: place["end"]].isascii()
    assert emoji, "a place beyond characters that take two units in UTF-16"


def test_schema_org_has_quotations_and_claims_and_no_rating(client: FlaskClient) -> None:
    said = client.get("/export?format=schema", buffered=True)
    tree = json.loads(said.data)
    for each in tree["@graph"]:
        assert each["type"] in ("Quotation", "Claim") and each["text"]
        assert each["spokenByCharacter" if each["type"] == "Quotation" else "creator"]
    assert {each["type"] for each in tree["@graph"]} == {"Quotation", "Claim"}
    assert not re.search("ClaimReview|[rR]ating", said.text)
    speakers = [
        one for each in tree["@graph"] for one in each.get("spokenByCharacter", each.get("creator"))
    ]
    assert {one["type"] for one in speakers if "ministry" in one["id"]} == {"Organization"}
    assert {"GovernmentOrganization", "Thing"} < {one["type"] for one in speakers}
    quads = list(pyoxigraph.parse(said.data, pyoxigraph.RdfFormat.JSON_LD))
    assert len({quad.subject for quad in quads}) > len(tree["@graph"])


def test_no_archived_text_leaves(client: FlaskClient, kg: KnowledgeGraph) -> None:
    text = OTHER.with_suffix(".txt").read_bytes().decode()
    assert kg.texts.digests()
    for form, export in EXPORTS.items():
        if export.needs and find_spec(export.needs) is None:
            continue
        said = client.get(f"/export?format={form.extension}", buffered=True)
        assert said.status_code == 200 and text.encode() not in said.data, form
    quoted = "\n".join(
        f"{span.prefix}{span.exact}{span.suffix}"
        for row in statement_rows(kg.store, Selection(source=rows(client)[0]["source"]))
        for span in row.spans
    )
    assert text not in quoted


def test_the_command_line_writes_what_the_server_sends(tmp_path: Path, client: FlaskClient) -> None:
    from click.testing import CliRunner

    import graph
    from graph.cli import main

    folder = graph.create(tmp_path / "desk", Settings().base)
    with graph.open(folder) as desk:
        desk.add(EXAMPLE)
    told = CliRunner().invoke(
        main, ["export", "-d", str(folder), "--format", "csv", "--statement", STATEMENT]
    )
    assert told.exit_code == 0
    (row,) = csv.DictReader(io.StringIO(told.stdout, newline=""))
    (sent,) = rows(client, statement=STATEMENT)
    assert {**row, "recorded": ""} == {**sent, "recorded": ""}


def test_the_columns_are_documented_as_they_are() -> None:
    told = (ROOT / "docs" / "exports.md").read_text("utf-8")
    for name, meaning in COLUMNS.items():
        assert f"| `{name}` | {meaning} |" in told


def test_the_forms_are_documented_as_they_are() -> None:
    told = (ROOT / "docs" / "exports.md").read_text("utf-8")
    rows = [
        f"| `{form.extension}` | {form.name} | `{form.media_type}` | {export.holds} |\n"
        for form, export in EXPORTS.items()
    ]
    assert "".join(rows) in told
