"""What leaves here arrives elsewhere: in the programs that read RDF, in each form they read."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Iterator

import pyoxigraph
import pytest
import rdflib
from conftest import EXAMPLE, JAVASCRIPT, RECORDED, ROOT
from pyoxigraph import NamedNode, Quad, RdfFormat

from graph.exports import export_of
from graph.formats import RDF_FORMATS
from graph.jsonld import as_jsonld
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.vocab import RDF

EMOJI = ROOT / "examples" / "festival-emoji.trig"
STATEMENT = "statement/ffc646f2603c/2076-2306-8224e4fc"
RAPPER = {"nt": "ntriples", "ttl": "turtle", "rdf": "rdfxml", "trig": "trig", "nq": "nquads"}
IN_RDFLIB = {"ttl": "turtle", "jsonld": "json-ld", "nq": "nquads", "rdf": "xml"}
IN_JAVASCRIPT = """
const load = require("module").createRequire(process.argv[2] + "/");
const text = require("fs").readFileSync(0, "utf8");
const write = (error, quads) => { if (error) throw error; process.stdout.write(quads); };
if (process.argv[3] === "application/ld+json") {
  const options = { format: "application/n-quads" };
  load("jsonld").toRDF(JSON.parse(text), options).then(quads => write(null, quads));
} else {
  const { Parser, Writer } = load("n3");
  const writer = new Writer({ format: "N-Quads" });
  writer.addQuads(new Parser({ format: process.argv[3] }).parse(text));
  writer.end(write);
}
"""


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    with KnowledgeGraph(Settings(), clock=lambda: RECORDED) as kg:
        kg.add(EXAMPLE)
        kg.add(EMOJI)
        yield kg


def written(kg: KnowledgeGraph, name: str) -> bytes:
    out = io.BytesIO()
    kg.export(out, export_of(name).form)
    return out.getvalue()


def stated(kg: KnowledgeGraph, name: str = "nq") -> set[Quad]:
    """What bundles state; without their graphs in a form that has none. No blank node is in it."""
    quads = set(pyoxigraph.parse(written(kg, "nq"), RdfFormat.N_QUADS))
    assert all(isinstance(quad.subject, NamedNode) for quad in quads)
    return quads if export_of(name).form.named_graphs else {Quad(*quad.triple) for quad in quads}


def ran(*command: str, data: bytes) -> set[Quad]:
    """The quads that a program prints for a file."""
    done = subprocess.run(command, input=data, check=True, capture_output=True, timeout=60)
    return set(pyoxigraph.parse(done.stdout, RdfFormat.N_QUADS))


def in_javascript(data: bytes, media_type: str) -> set[Quad]:
    if shutil.which("node") is None or not (JAVASCRIPT / "node_modules" / "n3").exists():
        pytest.skip(f"N3.js is not in {JAVASCRIPT} (.ci/install-extras)")
    return ran("node", "-e", IN_JAVASCRIPT, "-", str(JAVASCRIPT), media_type, data=data)


@pytest.mark.parametrize("name", [form.extension for form in RDF_FORMATS])
def test_oxigraph_and_rdflib_read_what_is_stated(kg: KnowledgeGraph, name: str) -> None:
    data, form, wanted = written(kg, name), export_of(name).form, stated(kg, name)
    assert set(pyoxigraph.parse(data, form.rdf)) == wanted
    held = rdflib.Dataset(default_union=True)
    held.parse(data=data, format=IN_RDFLIB.get(name, name))
    assert len(set(held.triples((None, None, None)))) == len({quad.triple for quad in wanted})


@pytest.mark.extras
@pytest.mark.parametrize("name", RAPPER)
def test_rapper_reads_what_is_stated(kg: KnowledgeGraph, name: str) -> None:
    if shutil.which("rapper") is None:
        pytest.skip("rapper is not installed (.ci/install-extras)")
    command = ("rapper", "-q", "-i", RAPPER[name], "-o", "nquads", "-", kg.settings.base)
    read = ran(*command, data=written(kg, name))
    assert {quad.triple for quad in read} == {quad.triple for quad in stated(kg)}


@pytest.mark.extras
@pytest.mark.parametrize("name", ["ttl", "trig", "nt", "nq", "jsonld"])
def test_n3_js_and_jsonld_js_read_what_is_stated(kg: KnowledgeGraph, name: str) -> None:
    form = export_of(name).form
    assert in_javascript(written(kg, name), form.media_type) == stated(kg, name)


@pytest.mark.extras
def test_n3_js_reads_the_reifiers_of_rdf_1_2(kg: KnowledgeGraph) -> None:
    read = in_javascript(written(kg, "trig12"), "application/trig")
    assert read == set(pyoxigraph.parse(written(kg, "trig12"), RdfFormat.TRIG))
    assert {quad for quad in read if quad.predicate != RDF.reifies} == stated(kg)


@pytest.mark.extras
def test_jsonld_js_reads_of_a_statement_what_turtle_says(kg: KnowledgeGraph) -> None:
    quads = kg.describe(kg.settings.base + STATEMENT)
    tree = as_jsonld(quads, kg.settings.base + STATEMENT)
    read = in_javascript(json.dumps(tree).encode(), "application/ld+json")
    assert read == {Quad(*quad.triple) for quad in quads}
