"""Commands that serve: serve and demo."""

from __future__ import annotations

import json
import os
import signal
import socket
import tempfile
import threading
import time
from pathlib import Path

import click

from graph.errors import StoreFault
from graph.files import example_bundles
from graph.kg import KnowledgeGraph, create, open_dataset, token_book
from graph.malloc import SERVING
from graph.settings import Settings

_THREADS = 96
"""Requests at a time in one process; the store's lock allows one process. Most of them
are there to wait for a query's turn, of which 64 may."""
_CONNECTIONS = 8_192  # open at a time; silent ones soon used up the 1,024 of granian's default


@click.command()
@click.argument("folder")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--read-only", is_flag=True, help="Refuse every write.")
@click.option(
    "--no-gate",
    is_flag=True,
    help="Serve FOLDER/ungated instead, which takes any triples: for suites and experiments.",
)
def serve(folder: str, host: str, port: int, read_only: bool, no_gate: bool) -> None:
    """Serve FOLDER over HTTP, on this machine only unless --host says otherwise."""
    settings = Settings.from_environment()
    writable = bool(token_book(folder).tokens()) and not (read_only or settings.read_only)
    if read_only:
        os.environ["ASCRIBE_READ_ONLY"] = "1"
    note = "writes need a token" if writable else "read-only"
    if not settings.public:
        note = f"private, {note}"
    if no_gate:
        os.environ["ASCRIBE_GATE"] = "0"
        note += ", nothing is checked"
    _serve(
        folder,
        host,
        port,
        f"Serving {folder} ({note}) at http://{host}:{port}/",
        settings.shutdown_s,
    )


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def demo(port: int) -> None:
    """Serve a throw-away dataset: a real article's statements, and those of twenty of ours."""
    _check_free("127.0.0.1", port)
    with tempfile.TemporaryDirectory(prefix="ascribe-demo-") as parent:
        folder = Path(parent) / "data"
        base = f"http://127.0.0.1:{port}/"
        create(folder, base)
        click.echo("Checking and adding the statements of the examples ...", err=True)
        with open_dataset(folder) as kg:
            statements = sum(_add_example(kg, path) for path in example_bundles())
        _serve(
            str(folder),
            "127.0.0.1",
            port,
            f"{statements} statements are ready: open {base} (Ctrl-C ends it)",
        )


def _add_example(kg: KnowledgeGraph, path: Path) -> int:
    """Add a bundle with its text, where that is at hand; gives how many statements it has."""
    text = path.with_suffix(".txt")
    return kg.add(path, text=text.read_bytes() if text.exists() else None).statements


def _serve(folder: str, host: str, port: int, ready: str, shutdown_s: int = 30) -> None:
    import multiprocessing

    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from graph.signals import heed_signals

    _check_free(host, port)
    os.environ["ASCRIBE_DATA"] = folder
    os.environ.update(SERVING | os.environ)
    # A forked worker inherits locks that our threads and RocksDB's hold: it hung.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "server:create_worker",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=_THREADS,
        backpressure=_CONNECTIONS,
        log_level=LogLevels.error,
        respawn_failed_workers=True,  # a query can kill the engine, and so the worker
        respawn_interval=0.2,
        workers_kill_timeout=max(1, shutdown_s),
    )
    # granian's own reload starts a worker beside the old one, which holds the store.
    heed_signals(_reload)
    threading.Thread(target=_announce, args=(host, port, ready), daemon=True).start()
    server.serve()


def _reload() -> None:
    """Have the serving process read its settings again."""
    import multiprocessing

    for worker in multiprocessing.active_children():
        if worker.pid:
            os.kill(worker.pid, signal.SIGHUP)


def _announce(host: str, port: int, ready: str) -> None:
    """Print the address once the server answers."""
    import urllib.request

    address = f"http://{host}:{port}/health"
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1) as answer:
                if json.load(answer)["status"] == "ok":
                    click.echo(ready)
                    return
        except (OSError, ValueError):
            time.sleep(0.05)


def _check_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StoreFault(
                f"{host}:{port} cannot be served: {(error.strerror or '').lower()}. "
                "Choose another with --port N."
            ) from None


COMMANDS = (serve, demo)
