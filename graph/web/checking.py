"""`/check`: paste a bundle, and be shown line by line what is wrong with it; nothing is kept."""

from __future__ import annotations

from flask import Blueprint, Response, request

from graph.errors import BadInput
from graph.web.negotiation import HTML, negotiated
from graph.web.pages import check_page
from graph.web.problems import status_of
from graph.web.state import kg
from graph.web.views.check import SAMPLES, Check, check, sample

blueprint = Blueprint("checking", __name__)


@blueprint.get("/check")
def blank() -> Response:
    """The form, empty or with `?example=good`, `bad` or `table` in it.

    Raises: BadInput for another example.
    """
    name = request.args.get("example", "")
    if name and name not in SAMPLES:
        raise BadInput(f"example={name} is not known. There are: {', '.join(SAMPLES)}.")
    return _page(sample(name))


@blueprint.post("/check")
def checked() -> Response:
    """What is wrong with the RDF or table of the form, or with what a fix makes of it."""
    sent = request.files.get("file")
    data = sent.read() if sent and sent.filename else request.form.get("bundle", "").encode()
    name = (sent.filename if sent else "") or ""
    text = request.form.get("text", "").replace("\r\n", "\n")
    chosen = request.form.get("fix", type=int)
    return _page(check(kg(), data, name, text, chosen))


def _page(page: Check) -> Response:
    status = status_of(page.fault) if page.fault else 200
    response = negotiated(check_page(kg(), page), HTML, status)
    if request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
    return response
