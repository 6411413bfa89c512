"""The roof: settings in, a Flask application out.

    granian --interface wsgi --factory server:create_app

serves the dataset folder that ASCRIBE_DATA names; `ascribe serve DIR` does so
with sensible defaults.
"""

import os
from multiprocessing.util import Finalize
from pathlib import Path

from flask import Flask

from graph.kg import open_dataset, token_book
from graph.processors import stay_together
from graph.settings import Settings
from graph.signals import end_with_parent, heed_signals
from graph.web import create_web
from graph.web.reloading import reload
from graph.web.state import kg_of


def create_app(settings: Settings | None = None) -> Flask:
    """The application over the dataset of the settings, or an empty one in memory."""
    settings = settings or Settings.from_environment()
    tokens = token_book(Path(settings.data)) if settings.data else None
    return create_web(open_dataset(settings.data, settings=settings), tokens)


def create_worker() -> Flask:
    """The application in a worker of `ascribe serve`, which the one that started it ends.

    The terminal's Ctrl-C would reach the worker too, and two signals at once left
    it waiting for ever, 3 times in 8; in a process group of its own it gets one.
    At SIGHUP it reads its settings again, at its end it closes the dataset. It does not
    outlive the one that started it, even where that was killed.
    """
    os.setpgid(0, 0)
    apps: list[Flask] = []
    heed_signals(lambda: [reload(app) for app in apps])
    app = create_app()
    apps.append(app)
    end_with_parent(kg_of(app).settings.shutdown_s)
    Finalize(None, kg_of(app).close, exitpriority=1)
    stay_together()
    return app
