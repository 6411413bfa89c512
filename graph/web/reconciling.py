"""`/reconcile`: names in a spreadsheet matched with who and what is known here.

OpenRefine and others ask it. Source: Reconciliation Service API, version 0.2.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, render_template, request

from graph.errors import BadInput
from graph.reconciling import KINDS, Candidate, candidates, kinds_of, suggested
from graph.vocab import ASC
from graph.web.state import kg

blueprint = Blueprint("reconciling", __name__)

_MOST_AT_ONCE = 100
_FRAMED = "default-src 'none'; style-src 'self'; frame-ancestors *"


@blueprint.get("/reconcile")
@blueprint.post("/reconcile")
def reconcile() -> Response:
    """What names may mean, for a batch in `queries`; without one, what this service is."""
    text = request.values.get("queries")
    if text is None:
        return _json(_manifest())
    queries = _queries(text)
    index, base = kg().index.asked_soon(), kg().settings.base
    found: dict[str, Any] = {}
    for key, query in queries.items():
        kinds = kinds_of(_types(query))
        named = candidates(index, base, query["query"], kinds, query.get("limit") or 10)
        found[key] = {"result": [_told(each) for each in named]}
    return _json(found)


@blueprint.get("/reconcile/suggest/entity")
def suggest() -> Response:
    """Who or what has a name that begins like `prefix`."""
    index, base = kg().index.asked_soon(), kg().settings.base
    found = suggested(index, base, request.args.get("prefix", ""))
    described = [
        {
            "id": each.id,
            "name": each.name,
            "description": KINDS[each.kind][1],
            "notable": [{"id": each.type, "name": KINDS[each.kind][1]}],
        }
        for each in found
    ]
    return _json({"result": described})


@blueprint.get("/reconcile/preview")
def preview() -> Response:
    """A small page about one thing, to be shown in the frame of another program."""
    local = request.args.get("id", "")
    quads = kg().describe(local)
    iri = kg().iri(local).value
    page = render_template("preview.html", iri=iri, names=_names(iri, quads))
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _FRAMED
    return response


def _names(iri: str, quads: Any) -> list[str]:
    labelled = ("label", "prefLabel", "altLabel", "title", "name", "comment")
    return list(
        dict.fromkeys(
            quad.object.value
            for quad in quads
            if quad.subject.value == iri and quad.predicate.value.endswith(labelled)
        )
    )


def _queries(text: str) -> dict[str, dict[str, Any]]:
    """A batch of queries.

    Raises: BadInput for what is none, or for too many.
    """
    try:
        queries = json.loads(text)
        sound = all(isinstance(each["query"], str) for each in queries.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        sound = False
    if not sound:
        raise BadInput(
            'queries cannot be read. Expected is JSON such as {"q0": {"query": "CNN"}}: a name '
            "to look for, under a key for each."
        )
    if len(queries) > _MOST_AT_ONCE:
        raise BadInput(f"{len(queries)} names at once, and {_MOST_AT_ONCE} may be: send less.")
    for each in queries.values():
        if not isinstance(each.get("limit", 1), int):
            raise BadInput("The limit of a query is a whole number.")
    return dict(queries)


def _types(query: dict[str, Any]) -> list[str]:
    given = query.get("type") or []
    return [str(each) for each in (given if isinstance(given, list) else [given])]


def _told(each: Candidate) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": each.name,
        "type": [{"id": each.type, "name": KINDS[each.kind][1]}],
        "score": each.score,
        "match": each.match,
    }


def _manifest() -> dict[str, Any]:
    base = kg().settings.base
    return {
        "versions": ["0.2"],
        "name": "Ascribe: who said what, according to whom",
        "identifierSpace": base,
        "schemaSpace": ASC,
        "documentation": f"{base}about",
        "defaultTypes": [
            {"id": ASC.term(name).value, "name": told} for name, told in KINDS.values()
        ],
        "batchSize": _MOST_AT_ONCE,
        "view": {"url": f"{base}{{{{id}}}}"},
        "preview": {"url": f"{base}reconcile/preview?id={{{{id}}}}", "width": 420, "height": 160},
        "suggest": {
            "entity": {"service_url": base.rstrip("/"), "service_path": "/reconcile/suggest/entity"}
        },
    }


def _json(body: dict[str, Any]) -> Response:
    text = json.dumps(body, ensure_ascii=False, indent=1) + "\n"
    return Response(text, content_type="application/json")
