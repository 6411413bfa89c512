"""The check page in a real browser: a bundle is mended by keyboard alone, without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from test_browser import browser, kg, site

__all__ = ["browser", "kg", "site"]
pytestmark = pytest.mark.extras


@pytest.mark.parametrize(("width", "scheme"), [(1200, "dark"), (375, "light")])
def test_problems_are_shown_soundly(site: str, browser: Any, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="`browser` extra")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab = context.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(f"{site}check?example=bad")
    with tab.expect_navigation():
        tab.click("form.ask > button")
    too_wide = tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert (said, too_wide, tab.inner_text("#found")) == ([], False, "4 problems")
    found = axe.Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_a_bundle_is_mended_by_keyboard_alone(site: str, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{site}check?example=bad")
    tab.locator("form.ask > button").focus()
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    for _ in range(4):
        tab.locator("button[name=fix]").first.focus()
        with tab.expect_navigation():
            tab.keyboard.press("Enter")
    assert "rules passed" in tab.inner_text("#found")
    context.close()
