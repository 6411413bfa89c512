"""`/judgements`: what a person makes of an assessment, with a token."""

from __future__ import annotations

import json
from dataclasses import asdict

from flask import Blueprint, Response, request

from graph.errors import BadInput
from graph.web.state import kg, require

blueprint = Blueprint("judgements", __name__)


@blueprint.post("/judgements")
def judge() -> Response:
    """Confirm or reject an assessment, or withdraw an earlier verdict on it.

    Shape: a JSON object with `assessment` and `verdict`; `name` is whose verdict
        it is, the token's where it is left out.
    """
    by = require("write")
    given = request.get_json(silent=True)
    if not isinstance(given, dict) or not {"assessment", "verdict"} <= given.keys():
        raise BadInput(
            'Send a JSON object, such as {"assessment": "...", "verdict": "rejected"}, with '
            "Content-Type application/json."
        )
    texts = {key: str(given[key]) for key in ("assessment", "verdict", "name") if key in given}
    name = texts.get("name", by)
    made = kg().judge(texts["assessment"], texts["verdict"], name, by=by)
    body = json.dumps(asdict(made), ensure_ascii=False, indent=2) + "\n"
    return Response(body, 201, content_type="application/json", headers={"Location": made.iri})
