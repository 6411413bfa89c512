"""`/bundles` and `/validate`: the gate over HTTP."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from graph.bundle import Bundle
from graph.errors import BadInput
from graph.formats import Format, from_extension, from_media_type
from graph.ingest import Receipt
from graph.report import Report
from graph.reporting import as_json, write_report
from graph.web.negotiation import choose, negotiated
from graph.web.state import kg, require

blueprint = Blueprint("bundles", __name__)

_REPORTS = {
    "json": Format("JSON", "application/json", "json"),
    "turtle": Format("Turtle", "text/turtle", "ttl"),
    "jsonld": Format("JSON-LD", "application/ld+json", "jsonld"),
    "sarif": Format("SARIF", "application/sarif+json", "sarif"),
    "text": Format("Text", "text/plain", "txt"),
}


@blueprint.post("/validate")
def validate() -> Response:
    """Check a bundle; nothing is stored, and no token is needed."""
    bundle, text = _body()
    report = kg().writer.check(bundle, text)
    form = choose(tuple(_REPORTS.values()))
    name = next(name for name, each in _REPORTS.items() if each is form)
    body = write_report(report, name, kg().settings.base)
    return negotiated(body + "\n", form)


@blueprint.post("/bundles")
def add() -> Response:
    """Check a bundle and keep it: 201, or 200 if it is there already."""
    by = require("write")
    bundle, text = _body()
    receipt = kg().writer.add(bundle, text, by=by)
    return _answer(receipt, 201 if receipt.state == "added" else 200)


@blueprint.put("/bundles/<path:local>")
def replace(local: str) -> Response:
    """Put a bundle in the place of the one stored under its version's IRI."""
    by = require("write")
    bundle, text = _body()
    expected = kg().iri(local)
    if bundle.version != expected:
        raise BadInput(
            f"The body describes <{bundle.version.value}> and the address names "
            f"<{expected.value}>: PUT a bundle to the address of its own version."
        )
    receipt = kg().writer.add(bundle, text, replace=True, if_match=_if_match(), by=by)
    return _answer(receipt, 201 if receipt.state == "added" else 200)


@blueprint.delete("/bundles/<path:local>")
def retract(local: str) -> Response:
    """Take a bundle out."""
    by = require("write")
    return _answer(kg().retract(local, if_match=_if_match(), by=by), 200)


def _body() -> tuple[Bundle, bytes | None]:
    """The bundle of a request, and its source's text if a form carries both.

    Shape: the bundle is the body, or the part `bundle` of a multipart form
        whose part `text` is the source's bytes.
    """
    if request.mimetype != "multipart/form-data":
        form = from_media_type(request.mimetype)
        return kg().reader.read(request.get_data(), form, "body"), None
    part = request.files.get("bundle")
    if part is None:
        raise BadInput("The form has no part `bundle`: send the RDF as a file of that name.")
    name = part.filename or "bundle"
    known = part.mimetype not in ("", "application/octet-stream", "text/plain")
    extension = name.rpartition(".")[2]
    form = from_media_type(part.mimetype) if known else from_extension(extension, name)
    text = request.files.get("text")
    return kg().reader.read(part.read(), form, name), text.read() if text else None


def _if_match() -> str | None:
    tags = request.if_match
    if tags.star_tag:
        return "*"
    return next(iter(tags), None)


def _answer(receipt: Receipt, status: int) -> Response:
    body = {
        "bundle": receipt.bundle,
        "state": receipt.state,
        "revision": receipt.revision,
        "statements": receipt.statements,
        "quads": receipt.quads,
        "quotesChecked": receipt.quotes_checked,
        "quotesUnchecked": receipt.quotes_unchecked,
        "warnings": as_json(Report(receipt.warnings))["results"],
    }
    response = Response(json.dumps(body, indent=2) + "\n", status, content_type="application/json")
    if receipt.state != "retracted":
        response.headers["Location"] = receipt.bundle
        response.set_etag(receipt.digest)
    return response
