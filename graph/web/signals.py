"""The signals that a server heeds, and the settings that it takes anew at one of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
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


def heed_signals(reload: Callable[[], object]) -> None:
    """Have a thread take SIGHUP, SIGINT and SIGTERM, in this process from now on.

    Python runs a handler once its main thread wakes up, and granian's sleeps until
    then: a SIGTERM that interrupted another thread was lost, once in 6 stops of a
    busy server. So the signals are blocked in all threads, also in those that start
    later and in child processes, and the handler runs in the thread that waits.
    """
    heeded = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, heeded)

    def wait() -> None:
        while (number := signal.sigwait(heeded)) == signal.SIGHUP:
            reload()
        handler = signal.getsignal(number)
        if callable(handler) and handler is not signal.default_int_handler:
            handler(number, None)
        else:  # granian has yet to start
            signal.pthread_sigmask(signal.SIG_UNBLOCK, heeded)
            os.kill(os.getpid(), number)

    threading.Thread(target=wait, name="signals", daemon=True).start()


def end_with_parent(patience_s: float) -> None:
    """Have this process stop once the one that started it has ended, in whatever way.

    Shape: as if told by SIGTERM; what is not through after `patience_s` is broken off.
        Else it would hold port and dataset, and no new server could start.
    """
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(patience_s)
            os._exit(1)

    threading.Thread(target=wait, name="parent", daemon=True).start()
