"""The door of the server: who may come in, what is counted, what is noted down."""

from __future__ import annotations

import logging
import time
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request
from flask.logging import default_handler
from werkzeug.middleware.proxy_fix import ProxyFix

from graph.settings import Settings
from graph.tokens import redacted
from graph.web.limits import Act, quota_headers
from graph.web.slow import Receiving, checks
from graph.web.state import address, caller, count, holder, kg

_OPEN = frozenset({"dumps.health", "static"})
_COUNTED: dict[str, Act] = {
    "sparql.sparql": "queries",
    "sparql.named": "queries",
    "dumps.export": "queries",
    "dumps.dump": "queries",
    "updates.fetch": "queries",
    "bundles.validate": "checks",
}


class _Redacting(logging.Formatter):
    """Lines with the time in UTC, and without tokens."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def register(app: Flask, settings: Settings) -> None:
    """Put the door in front of every route of an application."""
    default_handler.setFormatter(_Redacting("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%SZ"))
    app.wsgi_app = Receiving(app.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops)  # type: ignore[method-assign]
    if settings.access_log:
        app.logger.setLevel(logging.INFO)
        app.before_request(_start_clock)
        app.after_request(_note_down)
    app.before_request(_admit)
    app.after_request(_tell_quota)
    app.teardown_request(_leave)


def _admit() -> None:
    """Let a request in: by its token, or as one of the few that its address may send.

    Raises: Unauthorized, Forbidden, TooMany; ServiceUnavailable.
    """
    endpoint = request.endpoint or ""
    act = _COUNTED.get(endpoint)
    scope = "check" if act == "checks" else "read"
    if endpoint in _OPEN:
        return
    if not kg().settings.public:
        holder(scope, "This server is private, so reading needs a token")
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


def _start_clock() -> None:
    g.started = time.perf_counter()


def _note_down(response: Response) -> Response:
    """Log time, method, path, status, milliseconds and the token's name."""
    current_app.logger.info(
        "%s %s %d %.1f ms %s",
        request.method,
        quote(request.path),
        response.status_code,
        (time.perf_counter() - g.started) * 1000,
        g.get("token_name", "-"),
    )
    return response
