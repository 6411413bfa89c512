"""The settings that a server takes anew while it runs."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from graph.errors import GraphError
from graph.settings import Settings
from graph.web import logs
from graph.web.limits import Quotas
from graph.web.state import State

_QUOTAS = (
    "queries_per_minute",
    "checks_per_minute",
    "writes_per_minute",
    "wrong_tokens_per_minute",
)
RELOADABLE = frozenset(
    {
        *_QUOTAS,
        *("access_log", "log_format", "log_queries", "slow_query_s"),
        *("metrics_public", "min_disk_bytes", "public", "read_only"),
        *("service_endpoints", "service_max_bytes", "service_timeout_s"),
    }
)
"""The settings that need no restart; those that processes or files depend on do."""


def reload(app: Flask) -> None:
    """Take over what has changed in the settings file, and say what did.

    Requests under way end as they began. A file that cannot be read changes nothing.
    """
    state: State = app.extensions["ascribe"]
    old = state.kg.settings
    try:
        read = Settings.from_environment()
    except GraphError as fault:
        app.logger.error("The settings stay as they are: %s", fault)
        return
    new = replace(old, **{name: getattr(read, name) for name in RELOADABLE})
    changed = sorted(name for name in RELOADABLE if getattr(new, name) != getattr(old, name))
    state.kg.settings = new
    if not {*_QUOTAS}.isdisjoint(changed):
        app.extensions["ascribe"] = replace(state, quotas=Quotas(new))
    logs.set_up(app.logger, new)
    app.logger.warning("Settings read again. Changed: %s.", ", ".join(changed) or "nothing")
