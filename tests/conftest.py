"""What several tests need: the article's statements in a graph, and its text."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from graph.formats import TURTLE
from graph.kg import KnowledgeGraph, create, open_dataset, token_book
from graph.settings import Settings

if TYPE_CHECKING:
    from test_server import Client

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "us-strike.trig"
RIVER = ROOT / "tests" / "cases" / "river.txt"
REPORT = ROOT / "tests" / "cases" / "bundle" / "valid-river-report.ttl"
DIGEST = "49a1245337d2"
BASE = "http://127.0.0.1:8000/"
JAVASCRIPT = Path(
    os.environ.get("ASCRIBE_JAVASCRIPT", Path.home() / ".cache" / "ascribe-ci" / "javascript")
)
"""Where .ci/install-extras puts what reads our JSON-LD in Node.js."""
RECORDED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

ARTICLE = Path(os.environ.get("ASCRIBE_SEED", ROOT.parent / "shared" / "seed" / "article.txt"))


@pytest.fixture(scope="session")
def article() -> bytes:
    """The bytes of the real article, which this repository does not hold."""
    if not ARTICLE.exists():
        pytest.skip(f"the article's text is not at hand ({ARTICLE}; set ASCRIBE_SEED)")
    return ARTICLE.read_bytes()


@pytest.fixture(scope="session")
def seed() -> Iterator[KnowledgeGraph]:
    """A graph in memory that holds the article's statements; read it only."""
    with KnowledgeGraph(Settings(), clock=lambda: RECORDED) as kg:
        kg.add(EXAMPLE)
        yield kg


@pytest.fixture
def kg() -> Iterator[KnowledgeGraph]:
    """An empty graph in memory."""
    with KnowledgeGraph(Settings(), clock=lambda: RECORDED) as graph:
        yield graph


def river(number: int = 0) -> bytes:
    """The river report, as if of another text for each number."""
    return REPORT.read_bytes().replace(
        DIGEST.encode(), f"{number or int(DIGEST, 16):012x}".encode()
    )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[KnowledgeGraph]:
    """A dataset on disk with two reports that name the same people."""
    with open_dataset(create(tmp_path / "desk", BASE)) as graph:
        graph.add(river(), form=TURTLE)
        graph.add(river(1), form=TURTLE)
        yield graph


@pytest.fixture(scope="session")
def ungated_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server that takes any triples, over real HTTP."""
    from test_server import Client, free_port, start, stop

    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    folder = create(tmp_path_factory.mktemp("ungated") / "desk", base)
    token = token_book(folder).create("write")
    process = start(["serve", str(folder), "--no-gate"], port)
    yield Client(base, token)
    stop(process)


@pytest.fixture
def ungated(ungated_server: Client) -> Iterator[Client]:
    """That server, with nothing in it."""
    yield ungated_server
    cleared = ungated_server(
        "update",
        data=b"CLEAR ALL",
        token=ungated_server.token,
        Content_Type="application/sparql-update",
    )
    assert cleared.status == 200, cleared.body


LONGEST = ("test_browser.py", "test_docs.py", "test_query_suite.py", "test_faults_planted.py")


class ByFile(LoadFileScheduling):
    """One process does all of a file, whose tests share what takes long to make; the documents
    share nothing, and each is done by whichever process is free."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if "/test_docs.py::" in nodeid else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """By file, unless something else is asked for."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest first, so that no process is left with it at the end."""
    items.sort(key=lambda item: ([*LONGEST, item.path.name]).index(item.path.name))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where ASCRIBE_NO_SKIP is set, a skipped test is a failed one.

    Unless the machine lets nobody mount a disk, which no script can mend.
    """
    report = yield
    could_run = "cannot be mounted" not in str(report.longrepr)
    if report.skipped and os.environ.get("ASCRIBE_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed" if could_run else report.outcome
    return report
