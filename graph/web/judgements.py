"""`/judgements` and `/identities`: what a person judges, with a token."""

from __future__ import annotations

import json
from dataclasses import asdict

from flask import Blueprint, Response, request

from graph.errors import BadInput
from graph.judging import Judgement
from graph.web.state import kg, require

blueprint = Blueprint("judgements", __name__)


@blueprint.post("/judgements")
def judge() -> Response:
    """Confirm or reject an assessment, or withdraw an earlier verdict on it.

    Shape: a JSON object with `assessment` and `verdict`; `name` is whose verdict
        it is, the token's where it is left out.
    """
    by = require("write")
    given = _texts("assessment", "verdict", optional=("name",))
    made = kg().judge(given["assessment"], given["verdict"], given.get("name", by), by=by)
    return _kept(made)


@blueprint.post("/identities")
def merge() -> Response:
    """Judge that two are one, so that one stands for the other.

    Shape: a JSON object with `kept` and `other`, `because` and `name` if wanted.
    """
    by = require("write")
    given = _texts("kept", "other", optional=("because", "name"))
    name, because = given.get("name", by), given.get("because", "")
    return _kept(kg().merge(given["kept"], given["other"], name, because=because, by=by))


@blueprint.delete("/identities")
def part() -> Response:
    """Take back that two are one: a JSON object with `kept` and `other`, and `name` if wanted."""
    by = require("write")
    given = _texts("kept", "other", optional=("name",))
    made = kg().part(given["kept"], given["other"], given.get("name", by), by=by)
    return _kept(made, 200)


def _texts(*needed: str, optional: tuple[str, ...] = ()) -> dict[str, str]:
    """The fields of the JSON object that was sent.

    Raises: BadInput if it is none, or lacks one.
    """
    given = request.get_json(silent=True)
    if not isinstance(given, dict) or not {*needed} <= given.keys():
        fields = ", ".join(f'"{each}": "..."' for each in needed)
        raise BadInput(f"Send a JSON object, {{{fields}}}, with Content-Type application/json.")
    return {key: str(given[key]) for key in (*needed, *optional) if key in given}


def _kept(made: Judgement, status: int = 201) -> Response:
    body = json.dumps(asdict(made), ensure_ascii=False, indent=2) + "\n"
    response = Response(body, status, content_type="application/json")
    if status == 201:
        response.headers["Location"] = made.iri
    return response
