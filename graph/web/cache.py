"""Answers that were given before, as bytes, ahead of the application.

An answer is kept with the revision that it was made from, and counts only while
that is the dataset's, so nothing older than the last acknowledged write is given
out. What may be kept, the application says: an answer with `Ascribe-Revision`
whose `Cache-Control` is not `no-store`. Requests with a token go past.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache
from werkzeug.exceptions import HTTPException
from werkzeug.http import is_resource_modified, remove_entity_headers

from graph.settings import Settings
from graph.web.limits import Quotas, quota_headers
from graph.web.observing import record_in
from graph.web.state import State, network
from graph.web.words import liked

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]
Key = tuple[Any, ...]

_PAST = frozenset({"HTTP_ACCEPT_DATETIME", "HTTP_AUTHORIZATION", "HTTP_IF_MATCH"})
_QUERIES = ("application/x-www-form-urlencoded", "application/sparql-query")
_LONGEST_QUERY_BYTES = 16_384
_OWN = frozenset({"date", "ratelimit", "ratelimit-policy"})
_OVERHEAD_BYTES = 1_000
_PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer as it was given; `known` are its headers for who has it already.

    Shape: `counted` says whether it counted against `quotas`, while these held.
    """

    revision: int
    quotas: Quotas
    status: str
    headers: Headers
    known: Headers
    body: bytes
    tag: str | None
    date: str | None
    route: str
    counted: bool
    size: int


class Cache:
    """An application whose answers are kept while the data stays as it is."""

    def __init__(
        self,
        application: WSGIApplication,
        settings: Settings,
        state: Callable[[], State],
    ) -> None:
        self._application = application
        self._state = state
        self._most = settings.cache_entry_bytes
        self._asked: dict[Key, Event] = {}
        self._kept: LRUCache[Key, _Kept] = LRUCache(
            settings.cache_bytes, getsizeof=lambda kept: kept.size
        )
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        state = self._state()
        key = _key_of(environ) if state.kg.settings.public else None
        if key is None:
            return self._application(environ, start_response)
        kept = self._find(key)
        if kept is None:
            return self._ask(key, environ, start_response)
        if not _counts(kept, state):
            first, mine = self._first(key)
            if first is mine:
                return self._ask(key, environ, start_response, mine)
            first.wait(_PATIENCE_S)
            kept = self._find(key)
        if kept is not None and _counts(kept, state):
            quota = _take(kept, environ)
            if quota is not None:
                return _tell(kept, quota, environ, start_response)
        return self._ask(key, environ, start_response)

    def _find(self, key: Key) -> _Kept | None:
        with self._lock:
            found: _Kept | None = self._kept.get(key)
        return found

    def _first(self, key: Key) -> tuple[Event, Event]:
        """What whoever asks this just now will set, and what this request would.

        After a write all that was kept is asked anew, and what many ask, once.
        """
        mine = Event()
        return self._asked.setdefault(key, mine), mine

    def _ask(
        self,
        key: Key,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        awaited: Event | None = None,
    ) -> Iterable[bytes]:
        """The application's answer, kept if it may be; then those who wait for it go on."""

        def done() -> None:
            if awaited is not None and self._asked.get(key) is awaited:
                del self._asked[key]
                awaited.set()

        under_way = False
        begun: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            begun.append((status, headers))
            return start_response(status, headers, exc_info)

        try:
            body = self._application(environ, start)
            keep = self._keeper(key, environ, *begun[-1]) if begun else None
            if keep is None:
                return body
            if not any(name.lower() == "content-length" for name, _ in begun[-1][1]):
                under_way = True
                return _Copied(body, self._most, keep, done)
            try:
                data = b"".join(body)
            finally:
                if close := getattr(body, "close", None):
                    close()
            keep(data)
            return [data]  # the server passes a list on without iterating
        finally:
            if not under_way:
                done()

    def _keeper(
        self, key: Key, environ: WSGIEnvironment, status: str, headers: Headers
    ) -> Callable[[bytes], None] | None:
        """What keeps an answer that begins so; None for one that is not to be kept."""
        told = {name.lower(): value for name, value in headers}
        steady = "ascribe-revision" in told and "no-store" not in told.get("cache-control", "")
        if environ["REQUEST_METHOD"] == "HEAD" or status[:3] != "200" or not steady:
            return None
        quotas, route = self._state().quotas, record_in(environ).route
        return lambda data: self._keep(key, _kept(quotas, status, headers, told, data, route))

    def _keep(self, key: Key, kept: _Kept) -> None:
        fits = len(kept.body) <= self._most and kept.size <= self._kept.maxsize
        if fits and _counts(kept, self._state()):
            with self._lock:
                self._kept[key] = kept


class _Copied:
    """A body that is kept once it has gone out whole, unless it is too long.

    Shape: `done` is called at its end, and once more when it is closed.
    """

    def __init__(
        self,
        parts: Iterable[bytes],
        most: int,
        keep: Callable[[bytes], None],
        done: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._most = most
        self._keep = keep
        self._done = done

    def __iter__(self) -> Iterator[bytes]:
        copied: list[bytes] = []
        size = 0
        for part in self._parts:
            size += len(part)
            if size <= self._most:
                copied.append(part)
            else:
                copied.clear()
            yield part
        if size <= self._most:
            self._keep(b"".join(copied))
        self._done()

    def close(self) -> None:
        """Let go of what gives the parts."""
        try:
            if close := getattr(self._parts, "close", None):
                close()
        finally:
            self._done()


def _key_of(environ: WSGIEnvironment) -> Key | None:
    """What makes two requests the same; None for one whose answer is never kept."""
    if not _PAST.isdisjoint(environ):
        return None
    method, kind, asked = environ["REQUEST_METHOD"], "", b""
    if method == "POST":
        kind, asked = environ.get("CONTENT_TYPE", ""), _query_in(environ)
        if not asked:
            return None
    elif method not in ("GET", "HEAD") or environ.get("CONTENT_TYPE"):
        return None  # what a body adds to the address would not be in the key
    find = environ.get
    return (
        *(find("PATH_INFO"), find("QUERY_STRING"), kind, asked),
        *(find("HTTP_ACCEPT"), find("HTTP_ACCEPT_ENCODING")),
        liked(find("HTTP_ACCEPT_LANGUAGE", "")),
        *(find("HTTP_HOST"), find("wsgi.url_scheme"), find("SCRIPT_NAME")),
    )


def _query_in(environ: WSGIEnvironment) -> bytes:
    """The body of a short query, which the application will find there again."""
    kind, length = environ.get("CONTENT_TYPE", ""), environ.get("CONTENT_LENGTH") or ""
    if environ.get("PATH_INFO") != "/sparql" or not kind.startswith(_QUERIES):
        return b""
    if not length.isdecimal() or int(length) > _LONGEST_QUERY_BYTES:
        return b""
    try:
        body: bytes = environ["wsgi.input"].read(int(length))
    except HTTPException:  # as many wait for a body as may: the application says so
        return b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _kept(
    quotas: Quotas,
    status: str,
    headers: Headers,
    told: dict[str, str],
    body: bytes,
    route: str,
) -> _Kept:
    own = [(name, value) for name, value in headers if name.lower() not in _OWN]
    own.append(("Cache-Status", "ascribe; hit"))
    if "content-length" not in told:
        own.append(("Content-Length", str(len(body))))
    known = [*own]
    remove_entity_headers(known, allowed=("content-location", "etag", "allow"))
    return _Kept(
        int(told["ascribe-revision"]),
        quotas,
        status,
        own,
        known,
        body,
        told.get("etag"),
        told.get("last-modified"),
        route,
        "ratelimit" in told,
        len(body) + sum(len(name) + len(value) for name, value in own) + _OVERHEAD_BYTES,
    )


def _counts(kept: _Kept, state: State) -> bool:
    """Whether nothing was written since, and the limits are the same."""
    return kept.revision == state.kg.writer.revision() and kept.quotas is state.quotas


def _take(kept: _Kept, environ: WSGIEnvironment) -> Headers | None:
    """The headers that say what is left to the client; None if nothing is.

    Then the application is asked, which says so.
    """
    taken = None
    if kept.counted:
        taken = kept.quotas.take("queries", network(environ.get("REMOTE_ADDR") or ""))
    if taken is None:
        return []
    allowed, left = taken
    return [*quota_headers("queries", left).items()] if allowed else None


def _tell(
    kept: _Kept, quota: Headers, environ: WSGIEnvironment, start_response: StartResponse
) -> list[bytes]:
    record_in(environ).route = kept.route
    fetched = environ["REQUEST_METHOD"] != "POST"
    asks = fetched and ("HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ)
    if asks and not is_resource_modified(environ, kept.tag, last_modified=kept.date):
        start_response("304 NOT MODIFIED", [*kept.known, *quota])
        return [b""]
    start_response(kept.status, [*kept.headers, *quota])
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else kept.body]
