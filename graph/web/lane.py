"""A short way for look-ups: past Flask, whose dispatch takes many times as long as they do.

What goes this way is a GET of `/sparql` with a harmless query and nothing else that
would have to be weighed. Its headers are those that the application gave to such a
request before, so that there is one place where they are made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from werkzeug.http import generate_etag

from graph.asking.harmless import is_harmless
from graph.asking.question import FORMATS
from graph.errors import GraphError
from graph.web.encodings import LEAST_BYTES
from graph.web.limits import quota_headers
from graph.web.observing import record_in
from graph.web.state import State, network

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_WEIGHED = (
    *("HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"),
    *("HTTP_CONTENT_ENCODING", "CONTENT_TYPE", "CONTENT_LENGTH"),
)
_DECIDING = ("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ORIGIN", "SERVER_PROTOCOL")
_OWN = frozenset(
    {"content-length", "ascribe-revision", "date", "etag", "ratelimit", "ratelimit-policy"}
)
_MOST_WAYS = 500

Headers = list[tuple[str, str]]


class Lane:
    """An application with a short way past it for look-ups."""

    def __init__(self, application: WSGIApplication, state: Callable[[], State]) -> None:
        self._application = application
        self._state = state
        self._ways: dict[tuple[str, ...], tuple[str, Headers]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        state = self._state()
        query = _query_of(environ)
        if not (query and state.kg.settings.public and is_harmless(query)):
            return self._application(environ, start_response)
        deciding = tuple(environ.get(name, "") for name in _DECIDING)
        way = self._ways.get(deciding)
        if way is None:
            return self._application(environ, self._noting(deciding, start_response))
        return self._looked_up(query, way, state, environ, start_response) or self._application(
            environ, start_response
        )

    def _noting(self, deciding: tuple[str, ...], start_response: StartResponse) -> StartResponse:
        """Note the headers of an answer for those that are asked for in the same way."""

        def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            names = {name.lower(): value for name, value in headers}
            media_type = names.get("content-type", "").partition(";")[0]
            if status[:3] == "200" and media_type in FORMATS and "content-encoding" not in names:
                kept = [(name, value) for name, value in headers if name.lower() not in _OWN]
                if len(self._ways) >= _MOST_WAYS:
                    self._ways.clear()
                self._ways[deciding] = (media_type, kept)
            return start_response(status, headers, exc_info)

        return start

    def _looked_up(
        self,
        query: str,
        way: tuple[str, Headers],
        state: State,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> list[bytes] | None:
        """The answer; None where the application has to have a say after all."""
        media_type, headers = way
        try:
            told = state.asker.look_up(query, media_type)
        except GraphError:
            return None
        body = told.whole if told else None
        if not told or body is None:
            return None
        if len(body) >= LEAST_BYTES and environ.get("HTTP_ACCEPT_ENCODING"):
            return None
        taken = state.quotas.take("queries", network(environ.get("REMOTE_ADDR", "")))
        if taken is not None and not taken[0]:
            return None
        seen = record_in(environ)
        seen.route, seen.query = "/sparql", query
        start_response(
            "200 OK",
            [
                *headers,
                ("Content-Length", str(len(body))),
                ("Ascribe-Revision", str(told.revision)),
                ("ETag", f'"{generate_etag(body)}"'),
                *(quota_headers("queries", taken[1]).items() if taken else ()),
            ],
        )
        return [body]


def _query_of(environ: WSGIEnvironment) -> str | None:
    """The query of a request that has nothing else to it."""
    asked: str = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] != "GET" or environ.get("PATH_INFO") != "/sparql":
        return None
    if not asked.startswith("query=") or "&" in asked or len(asked) > 4_000:
        return None
    if any(environ.get(name) for name in _WEIGHED):
        return None
    try:
        return unquote_plus(asked[6:], errors="strict")
    except UnicodeDecodeError:
        return None
