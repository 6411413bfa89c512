"""Exports that are chosen: by who and what, by when it was said or stored, and as it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from flask.testing import FlaskClient
from pyoxigraph import Quad, parse

import graph
from graph.bundle import make_bundle
from graph.errors import BadInput
from graph.export import by_bundle
from graph.formats import NQUADS, RDF_FORMATS, TRIG, TURTLE
from graph.kg import KnowledgeGraph
from graph.rows import Selection, statement_rows
from graph.vocab import ASC
from graph.web import create_web

EXAMPLES = sorted((ROOT / "examples").glob("[bfu]*.trig"))


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    folder = graph.create(tmp_path_factory.mktemp("exports") / "desk")
    with graph.open(folder) as kg:
        for each in EXAMPLES:
            text = each.with_suffix(".txt")
            kg.add(each, text=text.read_bytes() if text.exists() else None)
        yield kg


@pytest.fixture(scope="module")
def client(kg: KnowledgeGraph) -> FlaskClient:
    return create_web(kg).test_client()


def written(kg: KnowledgeGraph, form: graph.formats.Format, **chosen: str) -> bytes:
    output = io.BytesIO()
    kg.export(output, form, chosen=Selection(**chosen))
    return output.getvalue()


def statements(quads: Iterator[Quad] | set[Quad]) -> set[str]:
    return {quad.subject.value for quad in quads if quad.predicate == ASC.source}


@pytest.mark.parametrize("form", [NQUADS, TRIG, TURTLE], ids=lambda form: form.name)
def test_what_the_engine_writes_piece_by_piece_is_what_bundles_state(
    kg: KnowledgeGraph, form: graph.formats.Format
) -> None:
    stated = set(by_bundle(kg.stated, kg.graphs))
    read = set(parse(written(kg, form), form.rdf))
    if form == TURTLE:
        assert {quad.triple for quad in read} == {quad.triple for quad in stated}
    else:
        assert read == stated


def test_rdf_holds_the_statements_that_are_chosen_and_these_are_valid_bundles(
    kg: KnowledgeGraph,
) -> None:
    rows = list(statement_rows(kg.store))
    speakers = sorted({row.speaker for row in rows if row.speaker and ";" not in row.speaker})
    less = 0
    for speaker in speakers[::4]:
        wanted = {row.statement for row in rows if speaker in row.speaker.split("; ")}
        quads = set(parse(written(kg, NQUADS, speaker=speaker), NQUADS.rdf))
        found = statements(quads)
        wholes = {q.object.value for q in quads if q.predicate == ASC.partOf}
        assert wanted <= found <= wanted | wholes, speaker
        versions = {quad.object for quad in quads if quad.predicate == ASC.source}
        for version in versions:
            named = [q for q in quads if q.graph_name.value.startswith(version.value)]
            about = {quad.object for quad in named}
            while more := {q for q in quads if q.subject in about} - set(named):
                named += more
                about |= {quad.object for quad in more}
            report = kg.validate(make_bundle(named, kg.settings.base))
            assert report.conforms, report.summary()
        everything = {row.statement for row in rows if row.source in {v.value for v in versions}}
        less += len(everything - found)
    assert less, "statements of others stay out"


@pytest.mark.parametrize("form", RDF_FORMATS, ids=lambda form: form.name)
def test_every_rdf_form_can_be_chosen_from(
    client: FlaskClient, kg: KnowledgeGraph, form: graph.formats.Format
) -> None:
    speaker = next(row.speaker for row in statement_rows(kg.store))
    said = client.get(f"/export?format={form.extension}&speaker={speaker}", buffered=True)
    told = client.get(f"/export?format=csv&speaker={speaker}", buffered=True)
    rows = csv.DictReader(io.StringIO(told.text, newline=""))
    assert {row["statement"] for row in rows} <= statements(parse(said.data, form.rdf))


def test_statements_are_chosen_by_when_they_can_have_been_said_or_published(
    kg: KnowledgeGraph, client: FlaskClient
) -> None:
    row = replace(next(statement_rows(kg.store)), said_on="", published="2031-06-01")
    for said_on, chosen, meant in (
        ("2031-05-04", {"said_from": "2031", "said_until": "2031"}, True),
        ("2031-05-04", {"said_from": "2031-05-05"}, False),
        ("XXXX-05-04", {"said_from": "2031-05-04", "said_until": "2031-05-31"}, True),
        ("XXXX-05-04", {"said_from": "2031-06-01", "said_until": "2031-06-30"}, False),
        ("1999; 2031", {"said_until": "2000"}, True),
    ):
        assert Selection(**chosen).fits(replace(row, said_on=said_on)) is meant, said_on
    assert Selection(said_from="2031-06-01").fits(row), "by when it was published"
    assert not Selection(said_from="2031-06-02").fits(row)
    assert not Selection(said_from="1900").fits(replace(row, published=""))
    told = client.get("/export?format=csv&saidFrom=2199", buffered=True).text
    later = [row["said_on"] for row in csv.DictReader(io.StringIO(told, newline=""))]
    assert later and all(each.startswith("XXXX") for each in later), "only dates without a year"
    with pytest.raises(BadInput, match="no date"):
        Selection(said_from="soon")
    assert client.get("/export?format=csv&recordedFrom=soon").status_code == 400


def test_statements_are_chosen_by_when_they_were_stored(kg: KnowledgeGraph) -> None:
    rows = list(statement_rows(kg.store))
    first = min(row.recorded for row in rows)
    assert sum(1 for _ in statement_rows(kg.store, Selection(recorded_from=first[:10]))) == len(
        rows
    )
    assert not list(statement_rows(kg.store, Selection(recorded_until="1999-12-31")))
    early = [row for row in rows if row.recorded <= first]
    assert len(list(statement_rows(kg.store, Selection(recorded_until=first)))) == len(early)


def test_an_export_goes_back_to_what_was_stored_then(
    kg: KnowledgeGraph, client: FlaskClient, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from graph.cli import main

    sent = client.get("/export?format=csv&asOf=1", buffered=True)
    assert sent.headers["Ascribe-Revision"] == "1"
    (source,) = {row["source"] for row in csv.DictReader(io.StringIO(sent.text, newline=""))}
    assert source.encode() in EXAMPLES[0].read_bytes() or len(EXAMPLES) > 1
    assert client.get("/export?format=nq&asOf=99", buffered=True).status_code == 404
    arguments = ["export", "-d", kg.settings.data, "--format", "csv", "--as-of", "1"]
    told = CliRunner().invoke(main, [*arguments, "--recorded-from", "2020-01-01"])
    assert told.exit_code == 0 and told.stdout_bytes == sent.data
