"""The roof: settings in, a Flask application out.

    granian --interface wsgi --factory server:create_app

serves the dataset folder that ASCRIBE_DATA names; `ascribe serve DIR` does so
with sensible defaults.
"""

import os
from pathlib import Path

from flask import Flask

from graph.kg import open_dataset, token_book
from graph.settings import Settings
from graph.web import create_web


def create_app(settings: Settings | None = None) -> Flask:
    """The application over the dataset of the settings, or an empty one in memory."""
    settings = settings or Settings.from_environment()
    tokens = token_book(Path(settings.data)) if settings.data else None
    return create_web(open_dataset(settings.data, settings=settings), tokens)


def create_worker() -> Flask:
    """The application in a worker of `ascribe serve`, which the one that started it ends.

    The terminal's Ctrl-C would reach the worker too, and two signals at once left
    it waiting for ever, 3 times in 8; in a process group of its own it gets one.
    """
    os.setpgid(0, 0)
    return create_app()
