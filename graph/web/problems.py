"""Errors over HTTP: one shape, as RFC 9457 JSON, a page, or Turtle for reports."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from graph import errors
from graph.errors import GraphError, Refused
from graph.formats import Format
from graph.reporting import as_json
from graph.tokens import redacted
from graph.web.limits import TooMany
from graph.web.methods import wrong_method
from graph.web.negotiation import HTML, choose, negotiated, split_extension
from graph.web.observing import record
from graph.web.state import Unauthorized, kg, metrics, wrote

PROBLEM_JSON = Format("JSON", "application/problem+json", "json", aliases=("application/json",))

_STATUS: tuple[tuple[type[GraphError], int], ...] = (
    (Unauthorized, 401),
    (errors.Forbidden, 403),
    (errors.TooLarge, 413),
    (errors.UnknownFormat, 415),
    (errors.Unacceptable, 406),
    (errors.Refused, 422),
    (errors.BadInput, 400),
    (errors.Gone, 410),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.PreconditionFailed, 412),
    (TooMany, 429),
    (errors.PeerFault, 502),
    (errors.StoreFault, 503),
    (errors.OverLimit, 503),
    (errors.Busy, 503),
)

_OUTCOMES = {
    **dict.fromkeys((401, 403, 429), "not allowed"),
    **dict.fromkeys((404, 410), "not there"),
    409: "in conflict",
    412: "changed meanwhile",
    422: "refused",
}
"""What became of a write that was answered with an error, for the metrics."""


def register(app: Flask) -> None:
    """Answer every error of an application in this shape."""
    app.register_error_handler(GraphError, _from_graph_error)
    app.register_error_handler(HTTPException, _from_http_exception)
    app.register_error_handler(Exception, _from_bug)


def status_of(error: GraphError) -> int:
    """The HTTP status for an error of the core."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def _from_graph_error(error: GraphError) -> Response:
    status = status_of(error)
    if isinstance(error, Refused):
        metrics().refused(error.report)
    if isinstance(error, errors.OverLimit):
        record().facts["limit"] = str(error)
    response = problem(status, error.title, str(error), error, **_facts(error))
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="ascribe"'
    if isinstance(error, TooMany | errors.Busy):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, errors.Gone):
        for each in error.replaced_by:
            response.headers.add("Link", f'<{each}>; rel="successor-version"')
    return response


def _from_http_exception(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    if error.code == 413:
        limit, parts = current_app.config["MAX_CONTENT_LENGTH"], request.max_form_parts
        return _from_graph_error(
            errors.TooLarge(
                f"The body is over a limit: {limit:,} bytes, and in a form {parts:,} parts. "
                "Split it, or have the operator raise ASCRIBE_MAX_BYTES."
            )
        )
    if isinstance(error, MethodNotAllowed):
        error = wrong_method()
    response = problem(error.code or 500, error.name, error.description or "")
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _from_bug(error: Exception) -> Response:
    number = record().id
    facts = {"event": "fault", "request_id": number, "path": quote(request.path)}
    line = "error %s at %s"
    current_app.logger.exception(
        *(line, number, facts["path"]), exc_info=error, extra={"facts": facts}
    )
    detail = f"The fault is ours. It is logged as {number}; nothing was stored."
    return problem(500, "Something went wrong here", detail)


def problem_of(error: GraphError) -> dict[str, Any]:
    """One error as plain JSON values.

    Source: RFC 9457 (problem details).
    """
    if isinstance(error, Refused):
        metrics().refused(error.report)
    return _as_json(status_of(error), error.title, redacted(str(error)), _facts(error))


def problem(
    status: int, title: str, detail: str, error: GraphError | None = None, **facts: Any
) -> Response:
    """One error as a response, in the form that the client takes.

    Shape: what looks like a token is taken out of the detail; a page about what was
        retracted tells more of it.
    Source: RFC 9457 (problem details).
    """
    wrote([_OUTCOMES.get(status, "failed" if status >= 500 else "unreadable")])
    detail = redacted(detail)
    try:
        form = choose((PROBLEM_JSON, HTML), request.accept_mimetypes)
    except errors.Unacceptable:
        form = PROBLEM_JSON
    if form == HTML:
        return negotiated(_page(status, detail, error), HTML, status)
    body = _as_json(status, title, detail, {"request_id": record().id, **facts})
    return negotiated(json.dumps(body, ensure_ascii=False, indent=2) + "\n", PROBLEM_JSON, status)


def _page(status: int, detail: str, error: GraphError | None) -> str:
    from graph.web.pages import error_page, retracted_page

    if isinstance(error, errors.Gone) and error.version:
        stem, _ = split_extension(request.path.lstrip("/"))
        return retracted_page(kg(), error, kg().settings.base + stem)
    return error_page(status, detail)


def _as_json(status: int, title: str, detail: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, **facts}


def _facts(error: GraphError) -> dict[str, Any]:
    """What an error knows beyond its sentence."""
    if isinstance(error, errors.SyntaxFault) and error.line:
        return {"line": error.line, "column": error.column}
    if isinstance(error, errors.Gone):
        return {"replacedBy": list(error.replaced_by)}
    return {"report": as_json(error.report)} if isinstance(error, Refused) else {}
