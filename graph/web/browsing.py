"""Pages that stand for no resource: what sources make of each other, and what this is."""

from __future__ import annotations

from collections.abc import Collection

from flask import Blueprint, Response, current_app, request

from graph.errors import BadInput
from graph.index import PEOPLE
from graph.relating.rules import kinds
from graph.vocab import ASCV
from graph.web.negotiation import HTML, negotiated
from graph.web.openapi import addresses
from graph.web.pages import about_page, disagreements_page
from graph.web.state import kg
from graph.web.views.comparing import VERDICTS

blueprint = Blueprint("browsing", __name__)


@blueprint.get("/disagreements")
def disagreements() -> Response:
    """What rules found between the statements of sources, the surest first.

    Shape: `?rule=` is the name of a rule, or `people` for what people judged; `?verdict=`
        what was made of it since.
    Raises: BadInput for another rule or verdict, listing those there are.
    """
    rules = [rule.iri.value.removeprefix(ASCV) for kind in kinds() for rule in kind.rules]
    rule, verdict = _one_of("rule", [PEOPLE, *rules]), _one_of("verdict", VERDICTS)
    number = request.args.get("page", 1, type=int)
    return negotiated(disagreements_page(kg(), rule, verdict, number), HTML)


@blueprint.get("/about")
def about() -> Response:
    """What this is, how to read its pages, and every address there is."""
    return negotiated(about_page(kg(), addresses(current_app)), HTML)


def _one_of(name: str, values: Collection[str]) -> str:
    given = request.args.get(name, "")
    if given and given not in values:
        raise BadInput(f"{name}={given} is not known. There are: {', '.join(values)}.")
    return given
