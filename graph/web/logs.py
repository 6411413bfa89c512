"""What is written down about requests, as text or as JSON lines; never a token.

At the default level nothing says what was asked, by whom or from where: who looks
for what is a newsroom's secret.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from datetime import UTC, datetime
from urllib.parse import quote

from flask.logging import default_handler

from graph.settings import Settings
from graph.tokens import redacted
from graph.web.observing import Record


class _Text(logging.Formatter):
    """Lines with the time in UTC, and without tokens."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class _Json(logging.Formatter):
    """One JSON object a line, without tokens."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            **getattr(record, "facts", {"event": "message", "message": record.getMessage()}),
        }
        if record.exc_info:
            facts["exception"] = self.formatException(record.exc_info)
        return redacted(json.dumps(facts, ensure_ascii=False))


_FORMATS = {"text": _Text("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%SZ"), "json": _Json()}


def set_up(logger: logging.Logger, settings: Settings) -> None:
    """Have an application's log lines written in the format of the settings."""
    default_handler.setFormatter(_FORMATS[settings.log_format])
    logger.setLevel(logging.INFO if settings.access_log else logging.WARNING)


def note_request(logger: logging.Logger, seen: Record) -> None:
    """Log an answered request: time, method, path, status, milliseconds, the token's name."""
    if not logger.isEnabledFor(logging.INFO):
        return
    path, ms = quote(seen.path), seen.seconds * 1000
    facts = {
        "event": "request",
        "request_id": seen.id,
        "method": seen.method,
        "path": path,
        "route": seen.route,
        "status": seen.status,
        "ms": round(ms, 2),
        "bytes": seen.sent,
        "token": seen.token,
    }
    line = "%s %s %d %.1f ms %s %s"
    logger.info(
        *(line, seen.method, path, seen.status, ms, seen.token, seen.id), extra={"facts": facts}
    )


def note_slow_query(logger: logging.Logger, seen: Record, settings: Settings) -> None:
    """Log a query that took long: its digest, or its text where the settings say so."""
    if not seen.query or seen.seconds < settings.slow_query_s or not settings.slow_query_s:
        return
    digest = hashlib.sha256(seen.query.encode("utf-8", "replace")).hexdigest()[:16]
    facts = {
        "event": "slow query",
        "request_id": seen.id,
        "route": seen.route,
        "status": seen.status,
        "seconds": round(seen.seconds, 3),
        "bytes": seen.sent,
        "digest": digest,
        **seen.facts,
        **({"query": seen.query} if settings.log_queries else {}),
    }
    told = " ".join(f"{name}={json.dumps(each)}" for name, each in facts.items())
    logger.warning("%s", told, extra={"facts": facts})
