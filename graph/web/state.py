"""What every route needs: the knowledge graph, the tokens, the writer's rights."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request

from graph.errors import Forbidden
from graph.kg import KnowledgeGraph
from graph.tokens import TokenBook


@dataclass(frozen=True, slots=True)
class State:
    """One application's graph and tokens."""

    kg: KnowledgeGraph
    tokens: TokenBook | None


def kg() -> KnowledgeGraph:
    """The knowledge graph of the application that handles this request."""
    state: State = current_app.extensions["ascribe"]
    return state.kg


class Unauthorized(Forbidden):
    """No token, or one that is not known."""


def require(scope: str) -> str:
    """The name of the request's bearer token, if it has the scope.

    Raises: Unauthorized without a known token; Forbidden for another scope or
        a server that takes no writes.
    """
    state: State = current_app.extensions["ascribe"]
    book = state.tokens
    if book is None or state.kg.settings.read_only or not book.tokens():
        raise Forbidden(
            "This server is read-only. To allow writes, make a token with "
            "`ascribe token create DIR --scope write`."
        )
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        raise Unauthorized("Writes need a token: send `Authorization: Bearer TOKEN`.")
    token = book.find(authorization.token)
    if token is None:
        raise Unauthorized("That token is not known here. Make one with `ascribe token create`.")
    if not token.allows(scope):
        raise Forbidden(
            f"The token {token.name!r} has the scope {token.scope}, and this needs {scope}."
        )
    return token.name
