"""The HTTP surface under made-up requests: no fault of ours, and every answer as described.

By hand, for longer, such as 500 requests for each operation:

    ASCRIBE_FUZZ=500 pytest tests/test_fuzz.py -n 0
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from conftest import EXAMPLE, ROOT
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from test_server import INVALID, VALID, free_port, start, stop

import graph
from graph.formats import RDF_FORMATS
from graph.kg import KnowledgeGraph, token_book
from graph.settings import Settings
from graph.web import create_web
from graph.web.openapi import described

pytestmark = pytest.mark.extras

schemathesis = pytest.importorskip("schemathesis")

from schemathesis import checks as _  # noqa: E402, F401
from schemathesis.specs.openapi import checks  # noqa: E402

REQUESTS = int(os.environ.get("ASCRIBE_FUZZ", "10"))
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]

QUERIES = (
    "ASK { ?s ?p ?o }",
    "SELECT * { ?s a asc:Statement } LIMIT 3",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3",
    "DESCRIBE <agent/cnn-f2e80d>",
    "INSERT DATA { <a> <b> <c> }",
    "DELETE WHERE { ?s a <nothing> }",
    "CLEAR SILENT GRAPH <g>",
)
PIECES = r"""SELECT ASK * { } ( ) ?s ?p . ; , a <a> _:b "x" 'y'@en 1 1e9 LIMIT -1 VALUES \ #"""
TOKENS = (*PIECES.split(), "\x00", "é")


def spoilt(texts: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    """Texts as they are, with a piece cut out or put in, and made of pieces alone."""
    whole = st.sampled_from(texts)
    pieces = st.lists(st.sampled_from(TOKENS), max_size=8).map(" ".join)
    cut = st.tuples(whole, st.integers(0, 60), st.integers(0, 20), pieces).map(
        lambda it: it[0][: it[1]] + it[3] + it[0][it[1] + it[2] :]
    )
    mixed = (whole | cut | pieces).map(str.encode)
    return mixed | st.binary(max_size=40)


BUNDLES = tuple(path.read_text("utf-8") for path in (VALID, INVALID, EXAMPLE))
for form in RDF_FORMATS:
    schemathesis.openapi.media_type(form.media_type, spoilt((*BUNDLES, "[]", "{}", "<a/>")))
for kind in ("query", "update"):
    schemathesis.openapi.media_type(f"application/sparql-{kind}", spoilt(QUERIES))

API = schemathesis.openapi.from_dict(described(create_web(KnowledgeGraph(Settings()))))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A real server's address without the last slash, and a token for everything."""
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    folder = graph.create(tmp_path_factory.mktemp("fuzzed") / "desk", base)
    with graph.open(folder) as kg:
        kg.add(EXAMPLE)
    token = token_book(folder).create("admin")
    limits = {"ASCRIBE_QUERIES_PER_MINUTE": "0", "ASCRIBE_WRITES_PER_MINUTE": "0"}
    process = start(["serve", str(folder)], port, **limits, PYTHONPATH=str(ROOT))
    yield base.rstrip("/"), token
    stop(process)


@API.parametrize()
@settings(
    max_examples=REQUESTS,
    deadline=None,
    derandomize="ASCRIBE_FUZZ" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_is_described(case, served: tuple[str, str]) -> None:  # type: ignore[no-untyped-def]
    base, token = served
    headers = {"Authorization": f"Bearer {token}"}
    case.call_and_validate(base_url=base, headers=headers, checks=CHECKS, timeout=60)
