"""The pages in a real browser: light and dark, wide and narrow."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.serving import make_server

from graph.kg import KnowledgeGraph
from graph.queries import named_query
from graph.web import create_web

pytestmark = pytest.mark.extras

CHROMIUM = shutil.which("chromium")
PAGES = {
    "home": "SELECT ?s { ?s a asc:Nothing }",
    "direct quotation": "SELECT ?s { ?s a asc:DirectQuotation ; asc:quoteMarks ?marks }",
    "block quotation": (
        "SELECT ?s { ?s a asc:BlockQuotation FILTER NOT EXISTS { ?s asc:partOf ?whole } }"
    ),
    "belief": "SELECT ?s { ?s a asc:ReportedBelief }",
    "source": "SELECT ?s { ?s a asc:DocumentVersion }",
    "document": "SELECT ?s { ?s a asc:Document }",
    "agent": "SELECT ?s { ?s a asc:NewsOrganization }",
    "event": "SELECT ?s { ?x asc:event ?s }",
    "proposition": "SELECT ?s { ?s a asc:CausalProposition }",
    "terms": "/ns",
    "class": "/ns/Statement",
    "property": "/ns/speaker",
    "ask": "ASK",
    "answer": "ANSWER",
    "assessment": "SELECT ?s { ?s a asc:RelationAssessment }",
}
VIEWS = [(1200, "light"), (1200, "dark"), (375, "light"), (375, "dark")]


@pytest.fixture(scope="module")
def site(seed: KnowledgeGraph) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_web(seed), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the `browser` extra")
    if CHROMIUM is None:
        pytest.skip("needs Chromium on the PATH")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        )
        yield browser
        browser.close()


def address(kg: KnowledgeGraph, site: str, page: str) -> str:
    if PAGES[page].startswith("/"):
        return site + PAGES[page][1:]
    if page in ("ask", "answer"):
        query = {"query": named_query("conflicts").sparql} if page == "answer" else {}
        return f"{site}sparql?{urlencode(query)}"
    rows = kg.query(PAGES[page]).rows
    return site + (rows[0][0].removeprefix(kg.settings.base) if rows else "")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_a_page_is_sound(
    seed: KnowledgeGraph, site: str, browser: Any, page: str, width: int, scheme: str
) -> None:
    """No console message, no request elsewhere, no sideways scroll, no axe violation."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="`browser` extra")
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=False
    )
    tab = context.new_page()
    said: list[str] = []
    elsewhere: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on(
        "request",
        lambda request: None if request.url.startswith(site) else elsewhere.append(request.url),
    )
    response = tab.goto(address(seed, site, page))
    assert response.status == 200
    too_wide = tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert (said, elsewhere, too_wide) == ([], [], False)
    found = axe.Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_the_way_from_home_to_who_said_it_is_one_click(
    seed: KnowledgeGraph, site: str, browser: Any
) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(site)
    tab.locator("main a[href*='/statement/']").first.click()
    assert "According to whom" in tab.inner_text("main")
    context.close()
