"""The judge itself: a page with every fault is found out, so that its silence elsewhere means something."""

import pytest
from playwright.sync_api import Browser, Page

from portal.conformance.seen import faults, watch

GOOD = """<!DOCTYPE html><html lang="en"><head><title>Good page – Council</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>Good page</h1>%s</main></body></html>"""
BAD = {
    "<p style='color:red'>x</p>": "inline style",
    "<h1>Again</h1>": "h1s:",
    "<p id=a>x</p><p id=a>y</p>": "id twice",
    "<div class='wide'></div><table><tr><td>" + "w" * 90 + "</td></tr></table>": "past the right edge",
    "<input>": "axe label",
    "<img src='data:image/png;base64,iVBO'>": "axe image-alt",
    "<script>console.error('a fault')</script>": "console: a fault",
    "<script>missing()</script>": "script:",
    "<label>x <input type='checkbox'></label>": "too small to touch",
    "<div class='govuk-error-summary'></div>": "does not say that something is wrong",
    "<script>fetch('http://127.0.0.1:9/').catch(() => 0)</script>": "asked another host",
    "<h2>a</h2><h4>b</h4>": "axe heading-order",
}


@pytest.fixture
def page(browser: Browser) -> Page:
    """A page of no portal."""
    context = browser.new_context(viewport={"width": 800, "height": 600})
    watch(context, "http://localhost:9")
    yield context.new_page()
    context.close()


def test_a_good_page_is_good(page: Page) -> None:
    page.set_content(GOOD % "")
    assert faults(page) == []


@pytest.mark.parametrize(("planted", "said"), BAD.items())
def test_a_planted_fault_is_found(page: Page, planted: str, said: str) -> None:
    page.set_content(GOOD % planted)
    page.wait_for_timeout(100)
    assert any(said in each for each in faults(page)), faults(page)


@pytest.mark.parametrize("said", ["lang is", "h1s: []", "axe document-title"])
def test_an_empty_page_is_found(page: Page, said: str) -> None:
    page.set_content("<p>x</p>")
    assert any(said in each for each in faults(page))


def test_a_title_that_says_something_else_is_found(page: Page) -> None:
    page.set_content((GOOD % "").replace("<title>Good", "<title>Other"))
    assert any("does not start with" in each for each in faults(page))
