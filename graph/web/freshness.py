"""How fresh an answer is, and whether the client has it already.

An answer that follows from the data says of which revision it is; each that can
be fetched has a tag of its bytes, and the client is to ask before it uses it again.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from flask import Flask, Response, g, request
from werkzeug.http import is_resource_modified

from graph.kg import KnowledgeGraph
from graph.steadiness import is_steady
from graph.web.encodings import coding_of, pack
from graph.web.state import kg

_OF_THE_DATA = frozenset(
    {
        "sparql.sparql",
        "sparql.named",
        "browsing.disagreements",
        "bundles.fetch",
        "changes.atom",
        "changes.changes",
        "reconciling.reconcile",
        "reconciling.suggest",
        "reconciling.preview",
        "resources.home",
        "search.search",
        "search.as_json",
        "search.as_csv",
        "resources.resource",
        "describing.void",
        "describing.llms",
        "describing.sitemap",
        "describing.sitemaps",
        "dumps.export",
        "dumps.dump",
        "updates.described",
        "updates.fetch",
    }
)

FOR_EVER = "public, max-age=31536000, immutable"
"""What caches may do with what has a digest in its address."""

_STARTED = datetime.now(UTC) - timedelta(seconds=2)

_HERE = token_hex(4)
"""Sets this process's revisions apart from those of a dataset that was restored since."""


def register(app: Flask) -> None:
    """Have every answer of an application say how fresh it is."""
    app.before_request(_note_revision)
    app.after_request(_finish)


def _note_revision() -> None:
    """Read it before the data: an answer may be newer than it says, never older."""
    if kg().settings.gate and request.endpoint in _OF_THE_DATA and request.method != "OPTIONS":
        g.revision = kg().writer.revision()


def _finish(response: Response) -> Response:
    """Say how fresh an answer is, leave out what the client has, pack the rest."""
    found = response.status_code == 200
    if found and "revision" in g:
        response.headers.setdefault("Ascribe-Revision", str(g.revision))
        if latest := modified(kg()):
            response.last_modified = latest
    if request.endpoint == "static" and request.query_string:  # the digest of the file
        response.headers["Cache-Control"] = FOR_EVER
    response.headers.setdefault("Cache-Control", _keeping(response))
    if not kg().settings.public:
        response.vary.add("Authorization")
    coding = coding_of(response)
    if found and request.method in ("GET", "HEAD"):
        if "no-store" not in response.headers["Cache-Control"]:
            _tag(response, coding)
        _leave_out_what_is_known(response)
    if coding and response.status_code not in (204, 304):
        pack(response, coding)
    return response


def modified(kg: KnowledgeGraph) -> datetime | None:
    """Since when answers may have been what they are: the last write, or another program.

    Shape: None within the second of a write, in which another may come.
    Source: RFC 9110, section 8.8.2.2.
    """
    latest = max(kg.writer.latest() or _STARTED, _STARTED)
    return latest if latest.timestamp() // 1 < time.time() // 1 else None


def _tag(response: Response, coding: str) -> None:
    """Name an answer's bytes; those of a stream, weakly, by the revision they follow from."""
    if not response.is_streamed:
        response.add_etag()
    elif "revision" in g and "ETag" not in response.headers:
        response.set_etag(f"{_HERE}-{g.revision}.{response.mimetype}", weak=True)
    tag, weak = response.get_etag()
    if tag and coding:
        response.set_etag(f"{tag}-{coding}", bool(weak))


def _leave_out_what_is_known(response: Response) -> None:
    if not response.is_streamed:  # else it would be gathered to be measured
        response.make_conditional(request)
    elif not is_resource_modified(
        request.environ,
        response.headers.get("ETag"),
        last_modified=response.headers.get("Last-Modified"),
    ):
        if close := getattr(response.response, "close", None):
            close()
        response.response, response.status_code = (), 304


def _keeping(response: Response) -> str:
    """What caches may do: keep what was fetched and ask each time, or keep nothing."""
    if response.status_code not in (200, 303) or request.method not in ("GET", "HEAD", "POST"):
        return "no-store"
    if request.endpoint == "sparql.sparql" and not is_steady(asked()):
        return "no-store"
    if request.method == "POST" and "revision" not in g:
        return "no-store"
    return "no-cache" if kg().settings.public else "private, no-cache"


def asked() -> str:
    """The text of the query that the request asks, as far as it can be told."""
    if request.method == "POST":
        return request.form.get("query") or request.get_data(as_text=True)
    return request.args.get("query", "")
