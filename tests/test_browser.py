"""The pages in a real browser: light and dark, wide and narrow, by keyboard, without scripts.

With ASCRIBE_SCREENSHOTS=FOLDER each page is kept there as a picture in each view.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from conftest import RECORDED, ROOT, river
from werkzeug.serving import make_server

from graph.formats import TURTLE
from graph.kg import KnowledgeGraph
from graph.queries import named_query
from graph.settings import Settings
from graph.web import create_web

pytestmark = pytest.mark.extras

CHROMIUM = shutil.which("chromium")
PICTURES = os.environ.get("ASCRIBE_SCREENSHOTS", "")
PAGES = {
    "home": "/",
    "home in German": "/?lang=de",
    "direct quotation": "SELECT ?s { ?s a asc:DirectQuotation ; asc:quoteMarks ?marks }",
    "Arabic quotation": (
        "SELECT ?s { ?s a asc:DirectQuotation ; asc:source/schema:inLanguage 'ar' } ORDER BY ?s"
    ),
    "Arabic source": "SELECT ?s { ?s schema:inLanguage 'ar' }",
    "emoji source": "SELECT ?v { ?v asc:versionOf/dcterms:title ?t FILTER CONTAINS(?t, 'Sea') }",
    "source": "SELECT ?s { ?s asc:versionOf/dcterms:title ?t FILTER STRSTARTS(?t, 'US Acc') }",
    "speaker": "SELECT ?s { ?s rdfs:label 'U.S. Central Command'@en }",
    "event": "SELECT ?s { ?s a asc:Event ; rdfs:label 'the airstrike'@en }",
    "flood": "SELECT ?s { ?s a asc:Event ; rdfs:label 'the flood in Brennock'@en }",
    "proposition": "SELECT ?s { ?s a asc:CausalProposition } ORDER BY ?s",
    "assessment": "SELECT ?s { ?s a asc:RelationAssessment } ORDER BY ?s",
    "disagreements": "/disagreements",
    "about": "/about?lang=de",
    "terms": "/ns",
    "class": "/ns/Statement",
    "ask": "/sparql",
    "answer": "/sparql?" + urlencode({"query": named_query("conflicts").sparql}),
    "fault": "/sparql?" + urlencode({"query": "SELECT nothing"}),
    "service": "/update",
    "search": "/search?q=str*&kind=BlockQuotation",
    "search in vain": "/search?q=zebra",
    "check": "/check",
    "not found": "/statement/nowhere",
    "no such format": "/search?format=docx",
    "gone": "/statement/49a1245337d2/171-204-fd35b8fd",
}
STATUS = {"fault": 400, "not found": 404, "no such format": 406, "gone": 410}
VIEWS = (("light", 1200), ("light", 375), ("dark", 375), ("dark", 1200))
WHOLE = {("light", 1200), ("dark", 375)}
"""Where all of axe's rules are asked; elsewhere those on which width or colours bear."""
OF_LOOKS = [
    *("color-contrast", "link-in-text-block"),
    *("scrollable-region-focusable", "target-size"),
]
SWITCHES = ("no-sandbox", "disable-gpu", "disable-quic", "disable-background-networking")
TOLD = {"resultTypes": ["violations"]}
"""To name each element that passes took half of axe's time."""
NOTED = (
    "window.noted = []; document.addEventListener('securitypolicyviolation',"
    " event => noted.push(event.violatedDirective + ' ' + event.blockedURI))"
)


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    """What `ascribe demo` shows, the article and the twenty examples, and a source taken back."""
    with KnowledgeGraph(Settings(), clock=lambda: RECORDED) as graph:
        for path in sorted((ROOT / "examples").glob("*.trig")):
            text = path.with_suffix(".txt")
            graph.add(path, text=text.read_bytes() if text.exists() else None)
        graph.retract(graph.add(river(), form=TURTLE).bundle)
        yield graph


@pytest.fixture(scope="module")
def site(kg: KnowledgeGraph) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_web(kg), threaded=True)
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
            args=[f"--{each}" for each in SWITCHES],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe() -> Callable[[Any], Any]:
    found = pytest.importorskip("axe_playwright_python.sync_playwright", reason="`browser` extra")
    return found.Axe().run  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def tab(browser: Any) -> Iterator[Any]:
    """One tab, in which what breaks the policy is noted."""
    context = browser.new_context()
    context.add_init_script(NOTED)
    yield context.new_page()
    context.close()


def address(kg: KnowledgeGraph, site: str, page: str) -> str:
    if PAGES[page].startswith("/"):
        return site + PAGES[page][1:]
    iri = kg.query(PAGES[page]).rows[0][0]
    return site + str(iri).removeprefix(kg.settings.base)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_sound(
    kg: KnowledgeGraph, site: str, tab: Any, axe: Callable[[Any], Any], page: str
) -> None:
    """No console message, no breach of the policy, no request elsewhere, no sideways scroll,
    no axe violation."""
    said: list[str] = []
    elsewhere: list[str] = []

    def note(message: Any) -> None:
        if "Failed to load resource" not in message.text or page not in STATUS:
            said.append(message.text)

    def look(asked: Any) -> None:
        if not asked.url.startswith(site):
            elsewhere.append(asked.url)

    tab.on("console", note)
    tab.on("request", look)
    try:
        assert tab.goto(address(kg, site, page)).status == STATUS.get(page, 200)
        for scheme, width in VIEWS:
            tab.set_viewport_size({"width": width, "height": 900})
            tab.emulate_media(color_scheme=scheme)
            too_wide = tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            assert (said, elsewhere, too_wide) == ([], [], False), width
            assert not violations(axe, tab, whole=(scheme, width) in WHOLE), (scheme, width)
            if PICTURES:
                name = f"{page.replace(' ', '-')}-{width}-{scheme}.png"
                tab.screenshot(path=Path(PICTURES) / name, full_page=True)
        assert tab.evaluate("noted") == []
    finally:
        tab.remove_listener("console", note)
        tab.remove_listener("request", look)


def test_a_note_s_number_follows_words_that_run_to_the_left(
    kg: KnowledgeGraph, site: str, tab: Any
) -> None:
    tab.goto(address(kg, site, "Arabic source"))
    words, number = (
        tab.locator(f".text {each}").first.bounding_box() for each in ("mark", ".note-to")
    )
    assert number["x"] < words["x"]


def test_what_is_read_in_the_dark_prints_on_white(
    kg: KnowledgeGraph, site: str, browser: Any, axe: Callable[[Any], Any]
) -> None:
    context = browser.new_context(color_scheme="dark")
    tab = context.new_page()
    tab.goto(address(kg, site, "event"))
    tab.emulate_media(media="print")
    colours = tab.evaluate(
        "['backgroundColor', 'color'].map(each => getComputedStyle(document.documentElement)[each])"
    )
    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    touched = {"target-size"}  # on paper nothing is
    assert {each["id"] for each in violations(axe, tab, whole=True)} <= touched
    context.close()


def test_a_planted_fault_is_found_whatever_is_asked(
    browser: Any, axe: Callable[[Any], Any]
) -> None:
    """Pale words on white, and a picture of which nothing is said."""
    context = browser.new_context()
    tab = context.new_page()
    tab.set_content("<p style='color: #ccc'>pale</p><img src='data:image/gif;base64,R0lGODlhAQAB'>")
    assert {each["id"] for each in violations(axe, tab, whole=True)} >= {
        *("color-contrast", "image-alt"),
    }
    assert [each["id"] for each in violations(axe, tab, whole=False)] == ["color-contrast"]
    context.close()


def violations(axe: Callable[[Any], Any], tab: Any, *, whole: bool) -> list[Any]:
    """What axe finds wrong; the page has it already where not all is asked."""
    if whole:
        rules = {"target-size": {"enabled": True}}  # of WCAG 2.2; off by itself
        return list(axe(tab, options={"rules": rules, **TOLD}).response["violations"])
    only = {"runOnly": OF_LOOKS, **TOLD}
    return list(tab.evaluate("only => axe.run(only).then(found => found.violations)", only))


def test_the_way_from_home_to_the_source_needs_no_script_and_no_mouse(
    site: str, browser: Any
) -> None:
    """From home one step leads to who said it, according to whom, one more to the source."""
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(site)
    tab.keyboard.press("Tab")
    assert tab.locator(":focus").inner_text() == "Skip to the content"
    tab.keyboard.press("Enter")
    follow(tab, "/statement/")
    assert "According to whom" in tab.inner_text("main")
    follow(tab, "/doc/")
    assert "What it quotes and says, in order" in tab.inner_text("main")
    while not tab.locator("input[type=search]:focus").count():
        tab.keyboard.press("Tab")
    tab.keyboard.type("airstrike")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/search?q=airstrike")
    follow(tab, "/statement/")
    follow(tab, "/check")
    assert "Nothing is saved" in tab.inner_text("main")
    follow(tab, "/sparql")
    follow(tab, "/sparql?query=")
    assert tab.locator("main table").count() == 1
    context.close()


def follow(tab: Any, part: str) -> None:
    """Press Tab up to the first link to such a place, then Enter."""
    for _ in range(60):
        tab.keyboard.press("Tab")
        href = tab.locator(":focus").get_attribute("href") or ""
        if part in href:
            tab.keyboard.press("Enter")
            tab.wait_for_url(f"**{href}")
            return
    raise AssertionError(f"no link to {part} within 60 steps")


def test_keys_lead_through_a_page(kg: KnowledgeGraph, site: str, browser: Any) -> None:
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(address(kg, site, "source"))
    tab.keyboard.press("k")  # the last
    last = tab.locator(":focus").get_attribute("href")
    tab.keyboard.press("k")
    tab.keyboard.press("j")
    assert tab.locator(":focus").get_attribute("href") == last
    tab.keyboard.press("?")
    tab.wait_for_url("**/about#keys")
    tab.goto(f"{site}sparql")
    tab.keyboard.press("/")
    tab.keyboard.type("?j/")  # in a field the keys are letters
    assert tab.locator(":focus").input_value().endswith("?j/")
    context.close()


def test_the_editor_completes_a_term_and_sends_the_query(site: str, browser: Any) -> None:
    """With its styles in sheets of its own, which no policy has to allow."""
    context = browser.new_context()
    context.add_init_script(NOTED)
    tab = context.new_page()
    tab.goto(f"{site}sparql")
    tab.get_by_role("textbox", name="Query").click()
    tab.keyboard.type("SELECT ?j WHERE { ?j asc:deniesSay")
    tab.get_by_role("option", name="asc:deniesSaying").wait_for()
    tab.wait_for_timeout(100)  # it takes no key in its first moments
    tab.keyboard.press("Enter")
    tab.keyboard.type(" ?other")
    assert tab.evaluate("noted") == []
    tab.keyboard.press("Control+Enter")
    tab.wait_for_url("**query=SELECT*")
    assert tab.locator("#query").input_value() == "SELECT ?j WHERE { ?j asc:deniesSaying ?other}"
    assert tab.locator("main table").count() == 1
    context.close()


def test_a_mark_and_its_note_lead_to_each_other(
    kg: KnowledgeGraph, site: str, browser: Any
) -> None:
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(address(kg, site, "source"))
    tab.get_by_role("link", name="Note 7", exact=True).click()
    assert tab.evaluate("document.querySelector(':target').id") == "n7"
    tab.get_by_role("link", name="Quote 7", exact=True).click()
    marks = tab.locator(":target > .row .text mark")
    assert marks.count() == 1 and marks.inner_text() == "killing more than 60 people"
    context.close()


def test_a_citation_is_copied_in_one_click(kg: KnowledgeGraph, site: str, browser: Any) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    tab.goto(address(kg, site, "direct quotation"))
    tab.get_by_role("button", name="Copy").first.click()
    tab.get_by_role("button", name="Copied").wait_for()
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied == tab.locator("#plain").inner_text()
    context.close()
