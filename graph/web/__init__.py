"""The HTTP face: routes that parse, call the core and negotiate.

`create_web(kg, tokens)` gives the Flask application; `server.py` builds its
arguments from the settings.
"""

from __future__ import annotations

from multiprocessing.util import Finalize

from flask import Flask

from graph.asking.inside import Inside
from graph.asking.look_up import Sorting
from graph.asking.past import PastAsker
from graph.asking.pool import Pool
from graph.asking.updater import Updater
from graph.kg import KnowledgeGraph
from graph.tokens import TokenBook
from graph.web import (
    browsing,
    bundles,
    changes,
    checking,
    describing,
    door,
    dumps,
    freshness,
    json_schemas,
    judgements,
    memento,
    methods,
    openapi,
    operations,
    problems,
    reconciling,
    resources,
    search,
    sparql,
    terms,
    updates,
    words,
)
from graph.web.cache import Cache
from graph.web.lane import Lane
from graph.web.limits import Quotas
from graph.web.metrics import Metrics
from graph.web.mounting import Mounted
from graph.web.state import State, let_go, state_of

_CSP = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "connect-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; style-src 'self'"
)

_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def _asker(kg: KnowledgeGraph) -> Sorting:
    """Workers for a dataset on disk; what is in memory only this process can read."""
    place = kg.place_of_copies()
    if place is None:
        return Sorting(kg, Inside(kg))
    pool = Pool(kg, kg.settings, place)
    Finalize(None, pool.close, exitpriority=2)  # before the dataset is closed
    return Sorting(kg, pool)


def create_web(kg: KnowledgeGraph, tokens: TokenBook | None = None) -> Flask:
    """The Flask application over one knowledge graph; read-only without tokens."""
    app = Flask("graph.web", static_folder="static", template_folder="templates")
    asker, past, updater = _asker(kg), PastAsker(kg), Updater(kg.settings)
    Finalize(None, past.close, exitpriority=2)
    Finalize(None, updater.close, exitpriority=2)
    app.extensions["ascribe"] = State(
        kg, tokens, Quotas(kg.settings), Metrics(kg, asker.stats), asker, past, updater
    )
    app.teardown_request(let_go)
    app.config["MAX_CONTENT_LENGTH"] = kg.settings.max_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = kg.settings.max_bytes
    app.url_map.strict_slashes = False
    for blueprint in (
        sparql.blueprint,
        updates.blueprint,
        bundles.blueprint,
        checking.blueprint,
        changes.blueprint,
        judgements.blueprint,
        dumps.blueprint,
        describing.blueprint,
        json_schemas.blueprint,
        operations.blueprint,
        openapi.blueprint,
        browsing.blueprint,
        search.blueprint,
        reconciling.blueprint,
        resources.blueprint,
        terms.blueprint,
    ):
        app.register_blueprint(blueprint)
    problems.register(app)
    app.wsgi_app = Lane(app.wsgi_app, lambda: state_of(app))  # type: ignore[method-assign]
    if kg.settings.cache_bytes:
        app.wsgi_app = Cache(  # type: ignore[method-assign]
            app.wsgi_app, kg.settings, lambda: state_of(app)
        )
    door.register(app, kg.settings)
    memento.register(app)
    freshness.register(app)
    words.register(app)
    methods.register(app)

    @app.after_request
    def secure(response):  # type: ignore[no-untyped-def]
        response.headers.setdefault("Content-Security-Policy", _CSP)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        return response

    door.watch(app, kg)
    app.wsgi_app = Mounted(app.wsgi_app, kg.settings.base)  # type: ignore[method-assign]
    return app
