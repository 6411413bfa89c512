"""Which methods an address takes, and what pages of other origins may do with it."""

from __future__ import annotations

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import MethodNotAllowed

_ANY = "resources.resource"  # its GET matches every path
_SENT = (
    "Accept, Accept-Datetime, Authorization, Content-Type, If-Match, If-Modified-Since, "
    "If-None-Match, If-Unmodified-Since"
)
_SEEN = (
    "Allow, Ascribe-Revision, Content-Disposition, Content-Encoding, Content-Location, ETag, "
    "Link, Location, Memento-Datetime, RateLimit, RateLimit-Policy, Retry-After, "
    "WWW-Authenticate, X-Request-Id"
)
_KEPT_S = "7200"  # the longest that Chromium keeps it


def register(app: Flask) -> None:
    """Answer OPTIONS, and let pages of any origin use what the application answers."""
    app.after_request(_open)


def methods_of(path: str) -> list[str]:
    """The methods that a path takes; a route for every path counts only where it is alone."""
    routes = current_app.url_map.bind("")
    taken = set(routes.allowed_methods(path))
    if taken - {"GET", "HEAD", "OPTIONS"} and routes.match(path, "GET")[0] == _ANY:
        taken -= {"GET", "HEAD"}
    return sorted(taken)


def wrong_method() -> MethodNotAllowed:
    """The fault of a request whose method its path does not take."""
    taken = methods_of(request.path)
    return MethodNotAllowed(taken, f"{request.path} takes {', '.join(taken)}.")


def _open(response: Response) -> Response:
    """Let any origin read: no answer depends on cookies.

    Source: Fetch Standard, section 3.3 (CORS protocol).
    """
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = _SEEN
    if request.method == "OPTIONS" and response.status_code == 200:
        taken = ", ".join(methods_of(request.path))
        headers["Allow"] = taken
        headers["Access-Control-Allow-Methods"] = taken
        headers["Access-Control-Allow-Headers"] = _SENT
        headers["Access-Control-Max-Age"] = _KEPT_S
        response.status_code = 204
        del headers["Content-Type"]
    return response
