"""The benchmarks still run, with tiny numbers, and what they generate is sound."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from conftest import BASE, ROOT

import graph
from graph.bundle import make_bundle
from graph.kg import KnowledgeGraph

BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

from corpus import Plan, sources, write  # noqa: E402

PEER = Path(sys.executable).with_name("oxigraph")


def ran(script: str, *arguments: str) -> str:
    """What a benchmark prints."""
    command = [sys.executable, str(BENCHMARKS / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_generated_sources_pass_the_gate_with_their_texts(kg: KnowledgeGraph) -> None:
    made = list(sources(Plan(400, seed=7)))
    for each in made:
        receipt = kg.add(make_bundle(each.quads, BASE), text=each.text)
        assert receipt.statements == each.statements
        assert receipt.quotes_checked > each.statements
        assert (receipt.quotes_unchecked, receipt.warnings) == (0, ())
    assert sum(each.statements for each in made) == 400
    assert kg.query("SELECT (COUNT(?s) AS ?n) { ?s asc:source ?version }").rows == ((400,),)


def test_generated_sources_differ_in_what_queries_tell_apart(kg: KnowledgeGraph) -> None:
    for each in sources(Plan(300)):
        kg.add(make_bundle(each.quads, BASE), text=each.text)
    depths = {depth for (depth,) in kg.query("SELECT DISTINCT ?d { ?s asc:chainDepth ?d }").rows}
    assert depths == {1, 2, 3, 4, 5}
    kinds = kg.query("SELECT DISTINCT ?kind { ?s asc:source ?v ; a ?kind }").rows
    assert len(kinds) >= 10
    shared = "SELECT ?p { ?s asc:expresses ?p } GROUP BY ?p HAVING(COUNT(DISTINCT ?s) > 3)"
    assert len(kg.query(shared)) > 3
    for name in ("asserted_and_denied", "conflicts", "tolls", "long_chains"):
        assert kg.query(name).rows, name
    speakers = Counter(speaker for (speaker,) in kg.query("SELECT ?a { ?s asc:speaker ?a }").rows)
    (_, most), *_ = speakers.most_common(1)
    assert most > 5 * sum(speakers.values()) / len(speakers)


def test_a_corpus_is_the_same_each_time_and_loads_in_bulk(tmp_path: Path) -> None:
    said = ran("corpus.py", "400", str(tmp_path / "one.nq"), "--seed", "3")
    bundles, quads = write(Plan(400, seed=3), tmp_path / "other.nq", tmp_path / "texts")
    assert said == f"{bundles} bundles, 400 statements, {quads:,} quads\n"
    assert (tmp_path / "one.nq").read_bytes() == (tmp_path / "other.nq").read_bytes()
    texts = list((tmp_path / "texts").iterdir())
    assert len(texts) == bundles
    assert all(hashlib.sha256(each.read_bytes()).hexdigest() == each.name for each in texts)
    ascribe = [sys.executable, "-c", "from graph.cli import run; run()"]
    for words in (["init", "desk"], ["add", "--data", "desk", "--quiet", "one.nq"]):
        subprocess.run([*ascribe, *words], cwd=tmp_path, check=True, capture_output=True)
    counted = [*ascribe, "stats", "--data", "desk", "--json"]
    told = subprocess.run(counted, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert f'"sources": {bundles},' in told
    assert '"statements": 400,' in told


@pytest.mark.parametrize("statements", [1, 7])
def test_a_corpus_has_as_many_statements_as_asked_for(statements: int) -> None:
    assert sum(each.statements for each in sources(Plan(statements))) == statements


@pytest.mark.extras
def test_the_endpoint_is_measured_beside_a_peer_that_answers_alike(tmp_path: Path) -> None:
    if not shutil.which("wrk") or not PEER.exists():
        pytest.skip("wrk (apt install wrk) and the package oxigraph are not both at hand")
    arguments = "--statements 60 --clients 2 --seconds 1 --rounds 1 --kinds look_up describe"
    more = ["--subjects", "5", "--look-ups", "20", "--folder", str(tmp_path)]
    told = ran("endpoint.py", *arguments.split(), *more)
    assert "Answers compared: all equal." in told
    rows = re.findall(r"^\| ([\w, ]+) \| 2 \| [\d,]+, .*\| \d+\.\d\d \| \d+\.\d\d \|$", told, re.M)
    repeated = ["look_up, repeated", "describe, repeated"]
    assert rows == ["look_up", "describe", "stream", *repeated]


def test_mixed_load_ends_with_nothing_lost() -> None:
    short = "--fill 0 --seconds 4 --rests 2 --report-every 4 --statements 40"
    told = ran("soak.py", *short.split())
    assert re.search(r"[1-9]\d* writes of bundles acknowledged", told), told
    counted = re.findall(r"Counted by ([\w-]+): (\d+) acknowledged, (\d+) there", told)
    assert [role for role, *_ in counted] == ["count", "if-match"]
    assert all(acknowledged == stored for _, acknowledged, stored in counted)
    assert told.endswith("0 problems.\n")


def test_an_export_is_measured_and_says_what_it_took() -> None:
    told = ran("export.py", "--statements", "24", "--forms", "nq")
    assert re.search(r"^nq: [1-9][\d,]* lines, .* MB$", told, re.M), told


def test_a_grown_dataset_has_a_narrator_for_each_article(tmp_path: Path) -> None:
    from scale import STATEMENTS, grown

    with graph.open(grown(tmp_path / "desk", 3 * STATEMENTS)) as kg:
        told = kg.query("SELECT ?n (COUNT(?d) AS ?of) { ?n asc:narrates ?d } GROUP BY ?n")
        assert [row[1] for row in told.rows] == [1, 1, 1]
        assert kg.stats()["sources"] == 3
