"""`/changes`: what was added, replaced and retracted, for those who stay in step."""

from __future__ import annotations

import json
from dataclasses import asdict

from flask import Blueprint, Response, request

from graph.changes import as_atom, as_stream, page_of
from graph.errors import BadInput
from graph.export import as_document
from graph.formats import RDF_FORMATS, Format
from graph.web.negotiation import choose, negotiated
from graph.web.state import kg

blueprint = Blueprint("changes", __name__)

_JSON = Format("JSON", "application/json", "json")
_ATOM = Format("Atom", "application/atom+xml", "atom")
_LOOKED_AT = 500
"""Writes from which the feed of the latest is made."""


@blueprint.get("/changes")
def changes() -> Response:
    """Changes after `?since=`, a page at a time: as JSON, as a stream in RDF, as Atom."""
    form = choose((_JSON, *RDF_FORMATS, _ATOM))
    if form == _ATOM:
        return atom()
    since = _since()
    page = page_of(kg().history(since), since, kg().revision())
    if form != _JSON:
        return negotiated(as_document(as_stream(page, kg().graphs), form), form)
    told = asdict(page)
    latest = told.pop("latest")
    body = {"base": kg().settings.base, "revision": latest, **told}
    return negotiated(json.dumps(body, ensure_ascii=False, indent=1) + "\n", form)


@blueprint.get("/changes.atom")
def atom() -> Response:
    """The latest changes as an Atom feed."""
    writes = kg().history(max(0, kg().revision() - _LOOKED_AT))
    return negotiated(as_atom(writes, kg().store, kg().graphs), _ATOM)


def _since() -> int:
    text = request.args.get("since", "0")
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise BadInput(f"since={text} is no revision: it is 0, or `next` of an earlier page.")
    return int(text)
