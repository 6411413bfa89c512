"""What every route needs: the knowledge graph, and what the client is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, current_app, g, request

from graph.asking.look_up import Sorting
from graph.asking.past import PastAsker
from graph.asking.updater import Updater
from graph.errors import Forbidden
from graph.kg import KnowledgeGraph
from graph.tokens import Token, TokenBook, check_name
from graph.web.limits import Act, Quotas, TooMany
from graph.web.metrics import Metrics
from graph.web.observing import record

_ROADS = {
    **dict.fromkeys(("bundles.add", "bundles.replace", "bundles.retract"), "bundles"),
    **dict.fromkeys(
        ("updates.replace", "updates.merge", "updates.patch", "updates.drop"), "graph-store"
    ),
    "updates.update": "update",
}


@dataclass(frozen=True, slots=True)
class State:
    """One application's graph, tokens, limits and counts, and who answers queries."""

    kg: KnowledgeGraph
    tokens: TokenBook | None
    quotas: Quotas
    metrics: Metrics
    asker: Sorting
    past: PastAsker
    updater: Updater


def kg() -> KnowledgeGraph:
    """The knowledge graph of the application that handles this request."""
    return _state().kg


def reading() -> KnowledgeGraph:
    """The knowledge graph that this request reads: as it was at `?asOf=`, or as it is now.

    Raises: BadInput for no time; NotFound for one to come.
    """
    if (revision := asked_revision()) is None:
        return kg()
    if "past" not in g:
        g.past = kg().as_of(revision)
        g.revision = revision
    past: KnowledgeGraph = g.past
    return past


def asked_revision() -> int | None:
    """The past revision that `asOf` of this request means; None for the present one.

    Raises: as `reading`.
    """
    when = request.values.get("asOf")
    if when is None:
        return None
    revision = kg().revision_at(when)
    return revision if revision < kg().revision() else None


def let_go(_: object = None) -> None:
    """Close what a request has read of the past."""
    if past := g.pop("past", None):
        past.close()


def updater() -> Updater:
    """Whoever works out Updates in this application."""
    return _state().updater


def past_asker() -> PastAsker:
    """Whoever answers queries about past revisions in this application."""
    return _state().past


def metrics() -> Metrics:
    """What the application that handles this request counts."""
    return _state().metrics


def wrote(outcomes: Iterable[str]) -> None:
    """Count what became of what this request sent to be stored, if it did."""
    road = _ROADS.get(request.endpoint or "")
    if road:
        _state().metrics.wrote(road, outcomes)


def state_of(app: Flask) -> State:
    """What an application has; another once its settings are read again."""
    state: State = app.extensions["ascribe"]
    return state


def metrics_of(app: Flask) -> Metrics:
    """What an application counts."""
    return state_of(app).metrics


def kg_of(app: Flask) -> KnowledgeGraph:
    """The knowledge graph of an application."""
    return state_of(app).kg


def asker() -> Sorting:
    """Whoever answers queries in this application."""
    return _state().asker


class Unauthorized(Forbidden):
    """No token, or one that is not known."""


def require(scope: str) -> str:
    """Who writes: the name of the request's token, if it has the scope.

    Shape: with `?by=NAME` and the scope `admin`, that name, then the token's.
    Raises: Unauthorized without a known token; Forbidden for another scope or
        a server that takes no writes; TooMany.
    """
    state = _state()
    if state.kg.settings.read_only:
        raise Forbidden("This server is read-only: it was started to refuse every write.")
    if state.tokens is None or not state.tokens.tokens():
        raise Forbidden(
            "This server is read-only. To allow writes, make a token with "
            "`ascribe token create DIR --scope write`."
        )
    token = holder(scope, "Writes need a token")
    count("writes", token.name)
    by = request.args.get("by")
    if by is None:
        return token.name
    check_name(by)
    return f"{by} via {holder('admin', 'To write for another').name}"


def holder(scope: str, purpose: str) -> Token:
    """The request's token, which has the scope.

    Raises: Unauthorized, saying the purpose, without a known token; Forbidden
        for another scope; TooMany.
    """
    token = caller()
    if token is None:
        raise Unauthorized(f"{purpose}: send `Authorization: Bearer TOKEN`.")
    if not token.allows(scope):
        raise Forbidden(
            f"The token {token.name!r} has the scope {token.scope}, and this needs {scope}."
        )
    return token


def caller() -> Token | None:
    """The token that the request carries, or None if it carries none.

    Raises: Unauthorized for one that is not known; TooMany of those.
    """
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        return None
    book = _state().tokens
    token = book.find(authorization.token) if book else None
    if token is None:
        count("wrong_tokens", address())
        raise Unauthorized("That token is not known here. Make one with `ascribe token create`.")
    record().token = token.name
    return token


def count(act: Act, client: str) -> None:
    """Count an act of a client; what is left goes into the answer's headers.

    Raises: TooMany.
    """
    taken = _state().quotas.take(act, client)
    if taken is not None:
        allowed, left = taken
        g.quota = (act, left)
        if not allowed:
            raise TooMany(act, left)


def address() -> str:
    """Where the request comes from.

    Shape: an IPv4 address; of IPv6 the /64, which one household or firm holds.
    """
    return network(request.remote_addr or "")


@lru_cache(maxsize=1_000)
def network(text: str) -> str:
    """An address as clients are counted by it; see `address`."""
    try:
        found = ip_address(text)
    except ValueError:
        return text
    return str(ip_network((found, 64), strict=False) if isinstance(found, IPv6Address) else found)


def _state() -> State:
    return state_of(current_app)
