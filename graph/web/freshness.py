"""How fresh an answer is: the revision of the dataset that it was made from."""

from __future__ import annotations

from flask import Flask, Response, g, request

from graph.web.state import kg

_OF_THE_DATA = frozenset(
    {
        "sparql.sparql",
        "sparql.named",
        "resources.home",
        "resources.resource",
        "dumps.void",
        "dumps.export",
        "dumps.dump",
        "updates.fetch",
    }
)


def register(app: Flask) -> None:
    """Have each answer that follows from the data say of which revision it is."""
    app.before_request(_note_revision)
    app.after_request(_tell_revision)


def _note_revision() -> None:
    """Read it before the data: an answer may be newer than it says, never older."""
    if kg().settings.gate and request.endpoint in _OF_THE_DATA and request.method != "OPTIONS":
        g.revision = kg().writer.revision()


def _tell_revision(response: Response) -> Response:
    if response.status_code == 200 and "revision" in g:
        response.headers.setdefault("Ascribe-Revision", str(g.revision))
    return response
