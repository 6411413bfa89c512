"""The door of the server: who may come in, what is counted, what is noted down."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from graph.errors import UnknownFormat
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.web import logs
from graph.web.lane import asked_in
from graph.web.limits import Act, quota_headers
from graph.web.negotiation import as_utf8
from graph.web.observing import Observed, Record, record
from graph.web.slow import Receiving, checks
from graph.web.state import address, caller, count, holder, kg, metrics_of

_OPEN = frozenset(
    {
        *("operations.health", "operations.ready", "operations.exposed", "static"),
        "describing.robots",
    }
)
_COUNTED: dict[str, Act] = {
    "sparql.sparql": "queries",
    "sparql.named": "queries",
    "dumps.export": "queries",
    "dumps.dump": "queries",
    "updates.described": "queries",
    "updates.fetch": "queries",
    "bundles.validate": "checks",
    "checking.checked": "checks",
}


def register(app: Flask, settings: Settings) -> None:
    """Put the door in front of every route of an application."""
    logs.set_up(app.logger, settings)
    app.wsgi_app = Receiving(app.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops)  # type: ignore[method-assign]
    app.before_request(_name_route)
    app.before_request(_admit)
    app.after_request(_tell_quota)
    app.teardown_request(_leave)


def watch(app: Flask, kg: KnowledgeGraph) -> None:
    """Count and note down every answer of an application, whatever else stands around it."""
    metrics = metrics_of(app)

    def end(seen: Record) -> None:
        metrics.end(seen)
        logs.note_request(app.logger, seen)
        logs.note_slow_query(app.logger, seen, kg.settings)

    app.wsgi_app = Observed(app.wsgi_app, metrics.begin, end)  # type: ignore[method-assign]


def _name_route() -> None:
    record().route = str(request.url_rule or "")


def _admit() -> None:
    """Let a request in: by its token, or as one of the few that its address may send.

    Raises: BadInput for an address of other characters than UTF-8's; UnknownFormat for
        a body that is packed; Unauthorized, Forbidden, TooMany; ServiceUnavailable.
    """
    as_utf8(unquote_to_bytes(request.query_string), "What stands after the ? of the address")
    coding = request.headers.get("Content-Encoding", "identity")
    if coding != "identity":
        raise UnknownFormat(f"A body with Content-Encoding {coding} is not taken: send it plain.")
    endpoint = request.endpoint or ""
    act = _COUNTED.get(endpoint)
    scope = "check" if act == "checks" else "read"
    if endpoint in _OPEN or request.method == "OPTIONS":
        return
    if not kg().settings.public:
        holder(scope, "This server is private, so reading needs a token")
    elif act and (asked := asked_in(request.environ)):
        if asked.left:
            g.quota = (act, asked.left)
    elif act:
        token = caller()
        if token is None or not token.allows(scope):
            count(act, address())
            if act == "checks":
                checks.take()
                g.checking = True


def _leave(_: BaseException | None) -> None:
    if g.pop("checking", False):
        checks.give_back()


def _tell_quota(response: Response) -> Response:
    if "quota" in g:
        response.headers.extend(quota_headers(*g.quota))
    return response
