"""Each request seen from outside: its id, its answer's status and size, how long it took.

This stands around everything else, so that an answer is counted however it came
about; what only the application knows of a request, it writes into its `Record`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from flask import request

from graph.tokens import redacted

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_KEY = "ascribe.record"
_HERE = token_hex(8)
_numbers = count()
_WELL_FORMED = re.compile(r"[\w.:@+/=-]{1,128}", re.ASCII)


@dataclass(slots=True)
class Record:
    """What there is to say about one request.

    Shape: `route` is the template of the address, empty where none fits; `query`
        what was asked in SPARQL.
    Units: `seconds` until the whole answer was handed over, `sent` bytes of its body.
    """

    id: str
    method: str
    path: str
    route: str = ""
    token: str = "-"
    query: str = ""
    status: int = 0
    received: int = 0
    sent: int = 0
    seconds: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)


def record() -> Record:
    """The record of the request that is being handled."""
    return record_in(request.environ)


def record_in(environ: WSGIEnvironment) -> Record:
    """The record of a request, also outside the application."""
    found: Record | None = environ.get(_KEY)
    if found is None:
        found = environ[_KEY] = _record_of(environ)
    return found


class Observed:
    """An application whose every answer is given an id, and told to `end` when it is through."""

    def __init__(
        self,
        application: WSGIApplication,
        begin: Callable[[Record], None],
        end: Callable[[Record], None],
    ) -> None:
        self.application = application
        self._begin = begin
        self._end = end

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen = environ[_KEY] = _record_of(environ)
        started = time.perf_counter()

        def start(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            seen.status = int(status[:3])
            return start_response(status, [*headers, ("X-Request-Id", seen.id)], exc_info)

        def end() -> None:
            seen.seconds = time.perf_counter() - started
            self._end(seen)

        self._begin(seen)
        try:
            body = self.application(environ, start)
        except BaseException:
            end()
            raise
        if isinstance(body, list):
            seen.sent = sum(map(len, body))
            end()
            return body
        return _Body(body, seen, end)


class _Body:
    """An answer's body, counted as it goes out; it ends once, also if nobody takes it all."""

    def __init__(self, parts: Iterable[bytes], seen: Record, end: Callable[[], None]) -> None:
        self._parts = parts
        self._next = iter(parts).__next__
        self._seen = seen
        self._end: Callable[[], None] | None = end

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            part = self._next()
        except StopIteration:
            self._finish()
            raise
        except BaseException as error:
            self._seen.facts["cut_off"] = type(error).__name__
            self._finish()
            raise
        self._seen.sent += len(part)
        return part

    def close(self) -> None:
        try:
            if hasattr(self._parts, "close"):
                self._parts.close()
        finally:
            self._finish()

    def _finish(self) -> None:
        end, self._end = self._end, None
        if end is not None:
            end()


def _record_of(environ: WSGIEnvironment) -> Record:
    length = environ.get("CONTENT_LENGTH") or ""
    return Record(
        _id_of(environ.get("HTTP_X_REQUEST_ID", "")),
        environ["REQUEST_METHOD"],
        environ.get("PATH_INFO", ""),
        received=int(length) if length.isdecimal() else 0,
    )


def _id_of(given: str) -> str:
    """The id that a proxy or client gave, if it reads well in a log; else a new one."""
    if given and _WELL_FORMED.fullmatch(given) and redacted(given) == given:
        return given
    return f"{_HERE}{next(_numbers):016x}"
