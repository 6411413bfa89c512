"""What an operator's tools ask: alive, ready, metrics."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from graph.errors import StoreFault
from graph.kg import KnowledgeGraph
from graph.web.state import holder, kg, metrics

blueprint = Blueprint("operations", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Whether the server is alive, and how far its dataset is."""
    return _told({"status": "ok", "revision": kg().writer.revision(), "base": kg().settings.base})


@blueprint.get("/ready")
def ready() -> Response:
    """Whether the server can do all that it is for; 503 with what is missing."""
    missing = list(_missing(kg()))
    status = "not ready" if missing else "ready"
    return _told({"status": status, "missing": missing}, 503 if missing else 200)


@blueprint.get("/metrics")
def exposed() -> Response:
    """What Prometheus collects."""
    if not kg().settings.metrics_public:
        holder("read", "Reading the metrics needs a token")
    response = Response(metrics().exposed(), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


def _missing(graph: KnowledgeGraph) -> Iterator[str]:
    try:
        next(graph.store.find(), None)
    except StoreFault as fault:
        yield f"The store does not answer: {fault}"
    if not graph.settings.data:
        return
    folder = Path(graph.settings.data)
    if graph.journal and not graph.settings.read_only and not graph.journal.is_writable():
        yield "The log of writes cannot be written: see the disk and the folder's owner."
    free = shutil.disk_usage(folder).free
    if free < graph.settings.min_disk_bytes:
        yield (
            f"The disk has {free:,} bytes left, less than ASCRIBE_MIN_DISK_BYTES "
            f"({graph.settings.min_disk_bytes:,}): make room."
        )


def _told(facts: dict[str, Any], status: int = 200) -> Response:
    response = Response(json.dumps(facts) + "\n", status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
