"""The W3C's SPARQL 1.0 and 1.1 query suites against a server without a gate, over HTTP."""

from __future__ import annotations

import csv
import io
import re
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    RdfFormat,
)
from suite import MF, NEEDS_SUITES, SUITES, listed
from test_server import Client
from test_update_suite import canonical

from graph.shacl.view import Term, View
from graph.vocab import RDF, Namespace

QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
FOLDER = SUITES / "rdf-tests" / "sparql"
EXTENSIONS = {
    ".srx": QueryResultsFormat.XML,
    ".srj": QueryResultsFormat.JSON,
    ".tsv": QueryResultsFormat.TSV,
}
SUITES_RUN = {
    "1.1": FOLDER / "sparql11" / "manifest-sparql11-query.ttl",
    "1.1 results": FOLDER / "sparql11" / "manifest-sparql11-results.ttl",
    "1.0": FOLDER / "sparql10" / "manifest-evaluation.ttl",
    "1.0 syntax": FOLDER / "sparql10" / "manifest-syntax.ttl",
}

pytestmark = NEEDS_SUITES


@dataclass(frozen=True, slots=True)
class Case:
    """A query, its data, and the file with its answer; or only whether it is SPARQL."""

    name: str
    query: Path
    data: tuple[Path, ...] = ()
    named: tuple[Path, ...] = ()
    result: Path | None = None
    sound: bool = True


def cases(manifest: Path) -> Iterator[Case]:
    """The cases of a manifest and of those it includes."""
    view = View(ox.parse(path=manifest, format=RdfFormat.TURTLE, base_iri=manifest.as_uri()))
    for held in list(view.by_subject):
        for included in view.values(held, MF.include):
            for each in listed(view, included):
                yield from cases(_path(each))
        for entries in view.values(held, MF.entries):
            for node in listed(view, entries):
                yield from _case(manifest.parent.name, view, node)


def _case(folder: str, view: View, node: Term) -> Iterator[Case]:
    kinds = {str(kind).rpartition("#")[2].rstrip(">") for kind in view.values(node, RDF.type)}
    name = f"{folder}/{str(node).rpartition('#')[2].rstrip('>')}"
    actions = view.values(node, MF.action)
    if any("Syntax" in kind for kind in kinds):
        sound = not any("Negative" in kind for kind in kinds)
        yield Case(name, _path(actions[0]), sound=sound)
    elif kinds & {"QueryEvaluationTest", "CSVResultFormatTest"}:
        (query,) = view.values(actions[0], QT.query)
        data = map(_path, view.values(actions[0], QT.data))
        named = map(_path, view.values(actions[0], QT.graphData))
        (result,) = view.values(node, MF.result)
        yield Case(name, _path(query), tuple(data), tuple(named), _path(result))


def _path(node: Term) -> Path:
    assert isinstance(node, NamedNode)
    return Path(urllib.parse.unquote(urllib.parse.urlparse(node.value).path))


CASES = {
    f"{suite} {case.name}": case
    for suite, manifest in SUITES_RUN.items()
    if manifest.exists()
    for case in cases(manifest)
}


ENGINE = "https://github.com/oxigraph/oxigraph"
SPELLING = (
    "the engine keeps the value of a number, boolean or date and forgets its spelling: "
    f"{ENGINE}/issues/526"
)
LATE_GRAPH = (
    "the engine binds a graph's variable before what is inside, not after: "
    f"{ENGINE}/issues/1450, mended after 0.5 by {ENGINE}/pull/1758"
)
NOWHERE = (
    "the engine finds no path of length zero from a term that is in no triple of the data: "
    f"mended after 0.5 by {ENGINE}/pull/1815"
)
CONCAT = f"GROUP_CONCAT keeps a language: mended after 0.5 by {ENGINE}/pull/1717"
BOOLEAN = f"the engine reads TRUE only as true: {ENGINE}/issues/1720"
ZONES = (
    "the engine compares a date without a zone with one that has one, as XSD 1.1 has it: "
    "https://github.com/w3c/sparql-query/issues/116"
)
KNOWN = {
    "1.1 aggregates/agg-groupconcat-04": CONCAT,
    "1.1 aggregates/agg-groupconcat-06": CONCAT,
    "1.1 functions/bnode01": "BNODE(text) gives a text one blank node in all rows",
    **dict.fromkeys(
        (
            *("1.1 aggregates/agg-empty-group-count-graph", "1.1 bindings/graph"),
            *("1.1 negation/graph-minus", "1.0 graph/graph-variable-scope"),
            "1.0 graph/graph-optional",
        ),
        LATE_GRAPH,
    ),
    **dict.fromkeys(
        (
            *("1.1 property-path/zero_or_more_set_start", "1.1 property-path/zero_or_more_set_end"),
            *("1.1 property-path/zero_or_one_set_start", "1.1 property-path/zero_or_one_set_end"),
        ),
        NOWHERE,
    ),
    **dict.fromkeys(
        (
            *("1.1 results csv-tsv-res/csv03", "1.0 open-world/open-eq-01"),
            *("1.0 expr-builtin/dawg-str-1", "1.0 expr-builtin/dawg-str-2"),
            *("1.0 expr-builtin/sameTerm-simple", "1.0 expr-builtin/sameTerm-eq"),
            *("1.0 expr-builtin/sameTerm-not-eq", "1.0 expr-equals/eq-graph-1"),
            *("1.0 expr-equals/eq-graph-2", "1.0 distinct/distinct-1", "1.0 distinct/distinct-9"),
        ),
        SPELLING,
    ),
    "1.0 open-world/date-2": ZONES,
    "1.0 expr-builtin/case-insensitive-booleans": BOOLEAN,
    "1.0 syntax syntax-sparql3/syn-bad-26": "the engine reads `?x<?a&&?b>?y` as comparisons",
}
"""Cases that fail, all of them in the engine, with the reason and where that is known there."""


def named(*, whether_read: bool) -> Iterator[Any]:
    """The cases that only read a query, or those that answer one."""
    for name, case in CASES.items():
        if (case.result is None) is whether_read:
            reason = KNOWN.get(name, "")
            yield pytest.param(name, marks=[pytest.mark.xfail(reason=reason)] if reason else [])


@pytest.mark.parametrize("name", named(whether_read=True))
def test_a_query_is_read_or_refused_as_the_suite_expects(ungated_server: Client, name: str) -> None:
    case = CASES[name]
    status, *_ = ask(ungated_server, case, case.query.read_text("utf-8"), "*/*")
    assert (status == 200) is case.sound, status


@pytest.mark.parametrize("name", named(whether_read=False))
def test_a_query_is_answered_as_the_suite_expects(ungated: Client, name: str) -> None:
    case = CASES[name]
    assert case.result
    text = case.query.read_text("utf-8")
    for path in case.data:
        put(ungated, path, default=True)
    for path in {*case.named, *from_clauses(case, text)}:
        put(ungated, path, default=False)
    accept = {".csv": "text/csv", ".tsv": "text/tab-separated-values"}.get(
        case.result.suffix, "application/sparql-results+json, application/n-triples;q=0.9"
    )
    status, media_type, body = ask(ungated, case, text, accept)
    assert status == 200, body
    if case.result.suffix == ".csv":
        assert csv_rows(body) == csv_rows(case.result.read_bytes())
    elif "REDUCED" in text:  # any number of each row between one and all
        assert each_once(body, media_type) == each_once(case.result.read_bytes(), "srx")
    else:
        ordered = "ORDER BY" in text.upper()
        assert answer(body, media_type, ordered) == expected(case.result, ordered)


def ask(client: Client, case: Case, text: str, accept: str) -> tuple[int, str, bytes]:
    """The status, media type and body of the answer to a query."""
    found = client(
        "sparql",
        data=f"BASE <{case.query.as_uri()}> {text}".encode()
        if "BASE" not in text.upper()
        else text.encode(),
        Content_Type="application/sparql-query",
        Accept=accept,
    )
    return found.status, found.headers.get_content_type(), found.body


def put(client: Client, path: Path, *, default: bool) -> None:
    """Have the server hold a file's triples."""
    quads = ox.parse(path=path, base_iri=path.as_uri())
    data = ox.serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
    graph = "default" if default else urllib.parse.urlencode({"graph": path.as_uri()})
    stored = client(
        f"graph-store?{graph}",
        method="POST",
        data=data,
        token=client.token,
        Content_Type="application/n-triples",
    )
    assert stored.status in (200, 201), stored.body


def from_clauses(case: Case, text: str) -> Iterator[Path]:
    """The files that a query itself names as its dataset."""
    if not case.data and not case.named:
        for name in re.findall(r"FROM\s+(?:NAMED\s+)?<([^>]+)>", text, re.I):
            yield case.query.parent / name


def answer(body: bytes, media_type: str, ordered: bool) -> object:
    """An answer in a shape that can be compared."""
    form = QueryResultsFormat.from_media_type(media_type)
    if form is None:
        return canonical(frozenset(ox.parse(body, RdfFormat.N_TRIPLES)))
    return comparable(ox.parse_query_results(body, form), ordered)


def expected(path: Path, ordered: bool) -> object:
    """The answer in a file of the suite."""
    form = EXTENSIONS.get(path.suffix)
    if form is not None:
        return comparable(ox.parse_query_results(path.read_bytes(), form), ordered)
    quads = frozenset(ox.parse(path=path, base_iri=path.as_uri()))
    view = View(quads)
    for node in view.by_subject:
        if RS.ResultSet in view.values(node, RDF.type):
            for truth in view.values(node, RS.boolean):
                return truth == Literal(True)
            return rows_of(_solutions(view, node), ordered)
    return canonical(frozenset(Quad(q.subject, q.predicate, q.object) for q in quads))


def _solutions(view: View, node: Term) -> list[dict[str, Term]]:
    found = view.values(node, RS.solution)
    places = {
        each: int(view.values(each, RS.term("index"))[0].value)
        for each in found
        if view.values(each, RS.term("index"))
    }  # type: ignore[union-attr]
    return [
        {
            view.values(binding, RS.variable)[0].value: view.values(binding, RS.value)[0]  # type: ignore[union-attr]
            for binding in view.values(each, RS.binding)
        }
        for each in sorted(found, key=lambda each: places.get(each, 0))
    ]


def comparable(found: ox.QuerySolutions | ox.QueryBoolean, ordered: bool) -> object:
    """Whether it is so, or the rows."""
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    names = [variable.value for variable in found.variables]
    rows = [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in found
    ]
    return rows_of(rows, ordered)


def rows_of(rows: Iterable[dict[str, Term]], ordered: bool) -> object:
    """Rows as triples, which compare up to the names of blank nodes and literals' spelling."""
    store = ox.Store()
    for number, row in enumerate(rows):
        node = NamedNode(f"urn:row:{number}") if ordered else BlankNode()
        store.add(Quad(node, RDF.type, NamedNode("urn:row"), DefaultGraph()))
        for name, value in row.items():
            store.add(Quad(node, NamedNode(f"urn:variable:{name}"), value, DefaultGraph()))
    return canonical(frozenset(store))


def each_once(body: bytes, form: str) -> set[str]:
    """The different rows of a table."""
    known = QueryResultsFormat.from_media_type(form) or QueryResultsFormat.XML
    found = ox.parse_query_results(body, known)
    assert isinstance(found, ox.QuerySolutions)
    return {str(sorted((v.value, str(row[v])) for v in found.variables)) for row in found}


def csv_rows(data: bytes) -> list[list[tuple[str, str]]]:
    """The rows of a CSV table in no order, blank nodes alike; `*` has no order of columns."""
    rows = csv.DictReader(io.StringIO(data.decode()))
    return sorted(
        sorted((name, "_:" if cell.startswith("_:") else cell) for name, cell in row.items())
        for row in rows
    )
