"""What counting requests costs: one count for a limit, a look-up with and without it,
and with and without the metrics and log around it.

    python benchmarks/limits.py

Prints microseconds of processor time, the best of several rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Flask
from werkzeug.test import EnvironBuilder

from graph.files import examples_dir
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.web import create_web
from graph.web.limits import Quotas
from graph.web.observing import Observed

ROUNDS, TIMES = 7, 1_000
ENOUGH = 10**9
ASK = "ASK { <http://127.0.0.1:8000/agent/cnn-f2e80d> a ?class }"


def main() -> None:
    """Measure, and print a line for each."""
    quotas = Quotas(Settings(queries_per_minute=ENOUGH))
    print(f"one count         {cost(lambda: quotas.take('queries', '192.0.2.1')):6.1f} us")
    for name, limit in (("uncounted", 0), ("counted", ENOUGH)):
        with KnowledgeGraph(Settings(queries_per_minute=limit)) as kg:
            kg.add(examples_dir() / "us-strike.trig")
            print(f"look-up {name:9} {cost(look_up(create_web(kg))):6.1f} us")
    for name, kept in (("given again", Settings().cache_bytes), ("asked anew", 0)):
        with KnowledgeGraph(Settings(queries_per_minute=0, cache_bytes=kept)) as kg:
            kg.add(examples_dir() / "us-strike.trig")
            app = create_web(kg)
            watched = cost(look_up(app))
            assert isinstance(app.wsgi_app, Observed)
            app.wsgi_app = app.wsgi_app.application  # type: ignore[method-assign]
            print(f"look-up {name}: watched {watched:.1f} us, not {cost(look_up(app)):.1f} us")


def look_up(app: Flask) -> Callable[[], object]:
    """A request that asks one thing, as a server hands it to the application."""
    builder = EnvironBuilder(
        path="/sparql",
        query_string={"query": ASK},
        headers={"Accept": "application/sparql-results+json"},
        environ_base={"REMOTE_ADDR": "192.0.2.1"},
    )
    environ = builder.get_environ()

    def ask() -> None:
        for _ in app({**environ}, lambda *_: lambda _: None):
            pass

    return ask


def cost(act: Callable[[], object]) -> float:
    """Microseconds of processor time that an act takes."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(TIMES):
            act()
        rounds.append(time.process_time() - start)
    return min(rounds) / TIMES * 1e6


if __name__ == "__main__":
    main()
