"""A short way for queries: past Flask, whose dispatch takes longer than most of them.

What goes this way is a GET of `/sparql` with a query and nothing else that would have
to be weighed. It is answered as the application answered such a request before: with
its headers, so that there is one place where they are made. Where the short way does
not reach, the application gets what was found out, and goes on from there.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from throttled import RateLimitState
from werkzeug.http import generate_etag, http_date

from graph.asking.question import Question, Told
from graph.errors import GraphError
from graph.formats import Format
from graph.kg import KnowledgeGraph
from graph.steadiness import is_steady
from graph.web.encodings import LEAST_BYTES, packed
from graph.web.freshness import modified
from graph.web.limits import quota_headers
from graph.web.observing import record_in
from graph.web.state import State, network

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ASKED, _TAKEN = "ascribe.asked", "ascribe.taken"
_WEIGHED = (
    *("HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"),
    *("HTTP_CONTENT_ENCODING", "CONTENT_TYPE", "CONTENT_LENGTH"),
)
_DECIDING = ("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ORIGIN", "SERVER_PROTOCOL")
_OWN = frozenset(
    {
        *("content-length", "ascribe-revision", "date", "etag", "last-modified"),
        *("ratelimit", "ratelimit-policy"),
    }
)
_MOST_WAYS = 500
_LINE_END = re.compile(r"[\r\n]")

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Way:
    """How the application answers requests with the same deciding headers.

    Shape: the media types in which it wants solutions and graphs, and the headers it
        gives to a whole answer, by media type and whether that is long enough to be packed.
    """

    solutions: str | None
    graph: str | None
    headers: dict[tuple[str, bool], tuple[Headers, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found out for a request before the application got it."""

    told: Told | GraphError
    left: RateLimitState | None


class Lane:
    """An application with a short way past it for queries."""

    def __init__(self, application: WSGIApplication, state: Callable[[], State]) -> None:
        self._application = application
        self._state = state
        self._ways: dict[tuple[str, ...], _Way] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        state = self._state()
        query = _query_of(environ)
        if query is None or not _may_pass(query, state.kg):
            return self._application(environ, start_response)
        deciding = tuple([environ.get(name, "") for name in _DECIDING])
        way = self._ways.get(deciding)
        if way is None:
            return self._application(environ, self._noting(environ, deciding, start_response))
        client = network(environ.get("REMOTE_ADDR", ""))
        allowed, left = state.quotas.take("queries", client) or (True, None)
        if not allowed:
            return self._application(environ, start_response)
        asked = Asked(_told(state, query, way, client), left)
        return _short(query, way, asked, state, environ, start_response) or self._handed(
            asked, deciding, environ, start_response
        )

    def _noting(
        self, environ: WSGIEnvironment, deciding: tuple[str, ...], start_response: StartResponse
    ) -> StartResponse:
        """Note how an answer goes out, for those that are asked for in the same way."""

        def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            names = {name.lower(): value for name, value in headers}
            if status[:3] == "200" and _TAKEN in environ and "content-length" in names:
                if len(self._ways) >= _MOST_WAYS:
                    self._ways.clear()
                way = self._ways.setdefault(deciding, _Way(*environ[_TAKEN]))
                way.headers[_kind(names)] = (
                    [(name, value) for name, value in headers if name.lower() not in _OWN],
                    names.get("content-encoding", ""),
                )
            return start_response(status, headers, exc_info)

        return start

    def _handed(
        self,
        asked: Asked,
        deciding: tuple[str, ...],
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """The application's answer, from what was found out."""
        environ[_ASKED] = asked
        try:
            return self._application(environ, self._noting(environ, deciding, start_response))
        finally:
            if environ.pop(_ASKED, None) and not isinstance(asked.told, GraphError):
                asked.told.close()


def asked_in(environ: WSGIEnvironment) -> Asked | None:
    """What was found out for a request, which was counted then."""
    asked: Asked | None = environ.get(_ASKED)
    return asked


def told_in(environ: WSGIEnvironment) -> Told | None:
    """What a query came to that was asked before; whoever takes it closes it.

    Raises: what the query is refused for.
    """
    asked = asked_in(environ)
    if asked is None:
        return None
    del environ[_ASKED]
    if isinstance(asked.told, GraphError):
        raise asked.told
    return asked.told


def take_note(environ: WSGIEnvironment, solutions: Format | None, graph: Format | None) -> None:
    """Note the formats in which a request wants solutions and graphs."""
    environ[_TAKEN] = [each.media_type if each else None for each in (solutions, graph)]


def _query_of(environ: WSGIEnvironment) -> str | None:
    """The query of a request that has nothing else to it."""
    asked: str = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] != "GET" or environ.get("PATH_INFO") != "/sparql":
        return None
    if not asked.startswith("query=") or "&" in asked:
        return None
    if any(environ.get(name) for name in _WEIGHED):
        return None
    try:
        return unquoted(asked[6:])
    except UnicodeDecodeError:
        return None


def unquoted(value: str) -> str:
    """A value as it was before it was written into an address.

    What quoted-printable has after `=` stands here after `%`, and that is read in C: in a
    twentieth of the time that `urllib` takes. Each escape is two characters shorter then;
    where that does not come out, one is no escape, and `urllib` says what is meant.

    Raises: UnicodeDecodeError where it was not UTF-8.
    """
    if value.isascii() and not _LINE_END.search(value):
        escaped = value.replace("=", "=3D").replace("%", "=").replace("+", " ")
        data = a2b_qp(escaped)
        if len(data) == len(value) - 2 * value.count("%"):
            return data.decode()
    return unquote_plus(value, errors="strict")


def _may_pass(query: str, kg: KnowledgeGraph) -> bool:
    """Whether anyone may ask it, and the answer is the data's alone."""
    return bool(query) and kg.settings.public and is_steady(query)


def _told(state: State, query: str, way: _Way, client: str) -> Told | GraphError:
    try:
        return state.asker.ask(Question(query), way.solutions, way.graph, client)
    except GraphError as fault:
        return fault


def _short(
    query: str,
    way: _Way,
    asked: Asked,
    state: State,
    environ: WSGIEnvironment,
    start_response: StartResponse,
) -> list[bytes] | None:
    """The answer; None where the application has to have a say after all."""
    told = asked.told
    if isinstance(told, GraphError) or told.whole is None:
        return None
    body = told.whole
    media_type = way.graph if told.kind == "graph" else way.solutions
    noted = way.headers.get((media_type or "", len(body) >= LEAST_BYTES))
    if noted is None:
        return None
    headers, coding = noted
    tag = generate_etag(body)
    if coding:
        body, tag = packed(body, coding), f"{tag}-{coding}"
    seen = record_in(environ)
    seen.route, seen.query = "/sparql", query
    start_response(
        "200 OK",
        [
            *headers,
            ("Content-Length", str(len(body))),
            ("Ascribe-Revision", str(told.revision)),
            ("ETag", f'"{tag}"'),
            *_dated(modified(state.kg)),
            *(quota_headers("queries", asked.left).items() if asked.left else ()),
        ],
    )
    return [body]


@lru_cache(maxsize=8)
def _dated(latest: datetime | None) -> Headers:
    return [("Last-Modified", http_date(latest))] if latest else []


def _kind(headers: dict[str, str]) -> tuple[str, bool]:
    """What an answer is, by its headers; a packed one was long."""
    long = "content-encoding" in headers or int(headers["content-length"]) >= LEAST_BYTES
    return headers.get("content-type", "").partition(";")[0], long
