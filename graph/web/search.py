"""`/search`: statements by words and facets, as a page, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, astuple, fields

from flask import Blueprint, Response, request

from graph.errors import BadInput
from graph.formats import RESULTS_CSV, Format
from graph.index import FACETS, Hit, Searcher, Wanted
from graph.web.negotiation import HTML, choose, negotiated
from graph.web.pages import search_page
from graph.web.state import kg
from graph.web.views.search import PAGE_SIZE

blueprint = Blueprint("search", __name__)

_JSON = Format("JSON", "application/json", "json")
_MOST_PAGES = 1_000_000


@blueprint.get("/search")
def search() -> Response:
    """Statements with some words, narrowed down by facets."""
    return _found(choose((HTML, _JSON, RESULTS_CSV)))


@blueprint.get("/search.json")
def as_json() -> Response:
    """The same as JSON: one page, with the facets."""
    return _found(_JSON)


@blueprint.get("/search.csv")
def as_csv() -> Response:
    """The same as CSV: every statement that fits."""
    return _found(RESULTS_CSV)


def _found(form: Format) -> Response:
    if "asOf" in request.args:
        raise BadInput("A search looks at the present: leave asOf out, or ask by SPARQL.")
    wanted = Wanted(
        request.args.get("q", ""), **{name: request.args.get(name, "") for name in FACETS}
    )
    number = min(max(request.args.get("page", 1, type=int), 1), _MOST_PAGES)
    index = kg().index.asked_soon()
    if form == RESULTS_CSV:
        return negotiated(_rows(index, wanted), form)
    if form == _JSON:
        found = asdict(index.search(wanted, PAGE_SIZE, (number - 1) * PAGE_SIZE))
        return negotiated(json.dumps(found, ensure_ascii=False), form)
    return negotiated(search_page(kg(), index, wanted, number), form)


def _rows(index: Searcher, wanted: Wanted) -> Iterator[bytes]:
    """Every statement that fits, a line each."""
    line = io.StringIO(newline="")
    write = csv.writer(line).writerow
    write([each.name for each in fields(Hit)])
    for hit in index.all_hits(wanted):
        write(astuple(hit))
        if line.tell() > 30_000:
            yield line.getvalue().encode()
            line.seek(0)
            line.truncate()
    yield line.getvalue().encode()
