"""The past of a resource, as time travellers ask for it: by `Accept-Datetime`.

Each resource is its own time gate: asked for as it was, it leads to the address that says
so, `?asOf=`; and what stands there says from when it is.
Source: RFC 7089, sections 2 and 4.1.1.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote, urlencode

from flask import Flask, Response, g, redirect, request
from pyoxigraph import Literal
from werkzeug.http import http_date, parse_date

from graph.catalog import write_iri
from graph.errors import BadInput
from graph.vocab import PROV
from graph.web.state import kg

ASKED = "Accept-Datetime"
_HAVE_A_PAST = frozenset({"resources.home", "resources.resource"})
_GIVEN = frozenset({200, 302, 303, 304})


def register(app: Flask) -> None:
    """Have the resources of an application lead to what they were."""
    app.before_request(_travel)
    app.after_request(_tell)


def _travel() -> Response | None:
    """The way to a resource as it was at a time, if that is asked for.

    Raises: BadInput for what is no time as HTTP writes it.
    """
    asked = request.headers.get(ASKED)
    if request.endpoint not in _HAVE_A_PAST or asked is None or "asOf" in request.args:
        return None
    moment = parse_date(asked)
    if moment is None:
        raise BadInput(f"{ASKED}: {asked} is no date such as {http_date(0)}.")
    given = [*request.args.items(multi=True), ("asOf", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))]
    return redirect(f"{_here()}?{urlencode(given)}", 302)  # type: ignore[return-value]


def _tell(response: Response) -> Response:
    """Say where the past is asked for, and of what is past, from when it is."""
    if request.endpoint in _HAVE_A_PAST and response.status_code in _GIVEN:
        response.headers.add("Link", f'<{_here()}>; rel="original timegate"')
        response.vary.add(ASKED)
        if response.status_code == 200 and "asOf" in request.args and (made := _made()):
            response.headers["Memento-Datetime"] = made
    return response


def _here() -> str:
    return quote(f"{request.script_root}{request.path}")


def _made() -> str:
    """When the write was made that the answer follows from; empty before the first."""
    write = write_iri(kg().graphs, g.get("revision", 0))
    for quad in kg().store.find(write, PROV.endedAtTime, None, kg().graphs.catalog):
        if isinstance(quad.object, Literal):
            return http_date(datetime.fromisoformat(quad.object.value))
    return ""
