"""`/bundles` and `/validate`: the gate over HTTP."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from graph.batch import add_each, add_together, texts_of
from graph.bundle import Bundle
from graph.errors import BadInput, GraphError, NotFound
from graph.export import as_document
from graph.formats import RDF_FORMATS, Format, from_extension, from_media_type
from graph.ingest import Receipt
from graph.report import Report
from graph.reporting import as_json, write_report
from graph.web.negotiation import choose, condition, negotiated
from graph.web.problems import problem_of
from graph.web.reports import form_of, report_on
from graph.web.state import kg, require, wrote

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
    """Check a bundle, or the rows of a table; nothing is stored, and no token is needed."""
    name, data, rdf, text = _sent()
    report = report_on(kg(), data, form_of(name, request.mimetype, rdf), name, text)
    form = choose(tuple(_REPORTS.values()))
    name = next(name for name, each in _REPORTS.items() if each is form)
    body = write_report(report, name, kg().settings.base)
    return negotiated(body + "\n", form)


@blueprint.post("/bundles")
def add() -> Response:
    """Check bundles and keep those that pass; with `?all-or-nothing`, all or none.

    Shape: for one bundle its receipt, 201, or 200 if it is there already; for
        several what became of each.
    """
    by = require("write")
    bundles, unread = _bundles()
    together = "all-or-nothing" in request.args
    alone = len(bundles) + len(unread) == 1
    if unread and (together or alone):
        raise unread[0][1]
    texts = texts_of(bundles, (part.read() for part in request.files.getlist("text")))
    if alone:
        text = texts.get(bundles[0].version)
        receipt = kg().writer.add(bundles[0], text, if_match=condition(), by=by)
        return _answer(receipt, _status(receipt))
    if together:
        receipts = add_together(kg().writer, bundles, texts, by=by)
        return _answer_many([_kept(each) for each in receipts])
    done = [
        _kept(each.outcome, each.file)
        if isinstance(each.outcome, Receipt)
        else _lost(each.outcome, each.file, each.version)
        for each in add_each(kg().writer, bundles, texts, by=by)
    ]
    return _answer_many([*done, *(_lost(fault, name) for name, fault in unread)])


@blueprint.get("/bundles/<path:local>")
def fetch(local: str) -> Response:
    """A bundle as it was stated, for whoever keeps a copy or wants to change it.

    Its tag is what `If-Match` takes.
    """
    form = choose([each for each in RDF_FORMATS if each.named_graphs])
    version = kg().iri(local)
    digest = kg().writer.digest_of(version)
    if digest is None:
        kg().describe(version.value)  # says so if it was retracted
        raise NotFound(f"<{version.value}> is no bundle: a bundle has its version's IRI.")
    bundle = kg().writer.stated(version)
    response = negotiated(as_document(sorted(bundle.quads, key=str), form), form)
    response.set_etag(f"{digest}.{form.extension}")
    return response


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
    receipt = kg().writer.add(bundle, text, replace=True, if_match=condition(), by=by)
    return _answer(receipt, _status(receipt))


@blueprint.delete("/bundles/<path:local>")
def retract(local: str) -> Response:
    """Take a bundle out."""
    by = require("write")
    return _answer(kg().retract(local, if_match=condition(), by=by), 200)


def _body() -> tuple[Bundle, bytes | None]:
    """The one bundle of a request, and its source's text if a form carries both."""
    name, data, form, text = _sent()
    return kg().reader.read(data, form(), name), text


def _sent() -> tuple[str, bytes, Callable[[], Format], bytes | None]:
    """The one file of a request, as `_files` has it, and its source's text."""
    files = _files()
    if len(files) > 1:
        raise BadInput(
            f"The form has {len(files)} parts `bundle`, and one is taken here: send them one by "
            "one, or add them all with POST /bundles."
        )
    text = request.files.get("text")
    return *files[0], text.read() if text else None


def _bundles() -> tuple[list[Bundle], list[tuple[str, BadInput]]]:
    """All bundles of a request, and the files that cannot be read."""
    bundles: list[Bundle] = []
    unread: list[tuple[str, BadInput]] = []
    for name, data, form in _files():
        try:
            bundles += kg().reader.read_all(data, form(), name)
        except BadInput as fault:
            unread.append((name, fault))
    return bundles, unread


def _files() -> list[tuple[str, bytes, Callable[[], Format]]]:
    """The files of a request: its body, or the parts `bundle` of a multipart form.

    Shape: the name in messages, the bytes, and what tells the format.
    Raises: BadInput if a form has no such part.
    """
    if request.mimetype != "multipart/form-data":
        return [("body", request.get_data(cache=False), lambda: from_media_type(request.mimetype))]
    parts = request.files.getlist("bundle")
    if not parts:
        raise BadInput("The form has no part `bundle`: send the RDF as a file of that name.")
    return [(part.filename or "bundle", part.read(), partial(_format_of, part)) for part in parts]


def _format_of(part: FileStorage) -> Format:
    name = part.filename or "bundle"
    known = part.mimetype not in ("", "application/octet-stream", "text/plain")
    return (
        from_media_type(part.mimetype) if known else from_extension(name.rpartition(".")[2], name)
    )


def _answer(receipt: Receipt, status: int) -> Response:
    wrote([receipt.state])
    response = _json(_facts(receipt), status)
    if receipt.state != "retracted":
        response.headers["Location"] = receipt.bundle
        response.set_etag(receipt.digest)
    return response


def _answer_many(outcomes: list[dict[str, Any]]) -> Response:
    """What became of several bundles, under the status they share.

    Shape: 201 also where some were there already; 207 (RFC 4918, section 11.1)
        where some were kept and some not, or not for different reasons.
    """
    states = Counter(str(each["state"]) for each in outcomes)
    wrote(states.elements())
    statuses = {each["status"] for each in outcomes}
    shared = max(statuses) if statuses <= {200, 201} or len(statuses) == 1 else 207
    return _json({"states": states, "bundles": outcomes}, shared)


def _kept(receipt: Receipt, file: str = "") -> dict[str, Any]:
    facts = _facts(receipt) | {"digest": receipt.digest}
    return {"file": file, "status": _status(receipt), **facts}


def _lost(fault: GraphError, file: str, version: str = "") -> dict[str, Any]:
    found = problem_of(fault)
    about = {"bundle": version} if version else {}
    state = {422: "refused", 409: "in conflict"}.get(found["status"], "unreadable")
    return {"file": file, "status": found["status"], **about, "state": state, "problem": found}


def _status(receipt: Receipt) -> int:
    return 201 if receipt.state == "added" else 200


def _facts(receipt: Receipt) -> dict[str, Any]:
    return {
        "bundle": receipt.bundle,
        "state": receipt.state,
        "revision": receipt.revision,
        "statements": receipt.statements,
        "quads": receipt.quads,
        "quotesChecked": receipt.quotes_checked,
        "quotesUnchecked": receipt.quotes_unchecked,
        "warnings": as_json(Report(receipt.warnings))["results"],
    }


def _json(body: dict[str, Any], status: int) -> Response:
    text = json.dumps(body, ensure_ascii=False, indent=2) + "\n"
    return Response(text, status, content_type="application/json")
