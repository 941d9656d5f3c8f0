"""Promise: in a browser every page opens clean, offline and accessible, on a phone too."""

import functools
import http.server
import os
import shutil
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from support import PAGES as BUILT
from support import needs

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PAGES = [page for page in BUILT if page != "index.html"]  # it only leads to book/index.html


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(site):
    """Address of a server of the built site on this machine."""
    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    needs(CHROMIUM, "no Chromium found: install it or set CHROME_PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def opened(browser, url, **options):
    """A page opened with all its images, and what went wrong while it loaded."""
    page = browser.new_context(**options).new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(f"error {error}"))
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("requestfailed", lambda request: wrong.append(f"failed {request.url}"))
    page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    host = url.split("/")[2]
    page.on(
        "request",
        lambda r: None if host in r.url or r.url.startswith("data:") else wrong.append(r.url),
    )
    page.goto(url, wait_until="load")
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_function("[...document.images].every(image => image.complete)")
    return page, wrong


@pytest.mark.parametrize("page_name", PAGES)
def test_page_opens_clean_and_accessible(browser, address, page_name):
    """No error, failed or foreign request, broken image or axe violation, light and dark."""
    for scheme in ("light", "dark"):
        page, wrong = opened(browser, f"{address}/{page_name}", color_scheme=scheme)
        assert wrong == []
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        broken = "[...document.images].filter(i => i.naturalWidth === 0).map(i => i.src)"
        assert page.evaluate(broken) == []
        violations = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in violations] == []
        page.context.close()


@pytest.mark.parametrize("page_name", PAGES)
def test_page_fits_a_phone(browser, address, page_name):
    page, _ = opened(browser, f"{address}/{page_name}", viewport={"width": 360, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.context.close()


def test_mathematics_is_drawn(browser, address):
    """Some page has formulas, each is MathML with an extent, and none is left as TeX."""
    drawn = 0
    for page_name in PAGES:
        page, _ = opened(browser, f"{address}/{page_name}")
        boxes = "[...document.querySelectorAll('math')].map(m => m.getBoundingClientRect().width)"
        widths = page.evaluate(boxes)
        assert all(width > 0 for width in widths), page_name
        assert "\\frac" not in page.inner_text(
            "article" if page.query_selector("article") else "body"
        )
        drawn += len(widths)
        page.context.close()
    assert drawn > 0


def test_figures_are_not_filtered_in_dark_mode(browser, address):
    pages = [name for name in PAGES if name.startswith("notebooks/")]
    page, _ = opened(browser, f"{address}/{pages[0]}", color_scheme="dark")
    filters = "[...document.querySelectorAll('article img')].map(i => getComputedStyle(i).filter)"
    found = page.evaluate(filters)
    assert found and set(found) == {"none"}
    page.context.close()


def test_search_finds_a_term(browser, address):
    page, wrong = opened(browser, f"{address}/search.html?q=utilisation")
    page.wait_for_selector("#search-results li")
    assert page.locator("#search-results li").count() >= 1 and wrong == []
    page.context.close()


def test_search_button_opens_the_search(browser, address):
    page, _ = opened(browser, f"{address}/book/index.html", viewport={"width": 1280, "height": 900})
    page.locator("button.search-button__button:visible").first.click()
    page.locator("dialog input[type=search]").fill("throughput")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li")
    page.context.close()


def test_code_unfolds(browser, address):
    pages = [name for name in PAGES if name.startswith("notebooks/")]
    page, _ = opened(browser, f"{address}/{pages[0]}")
    fold = page.locator("details.hide").first
    fold.locator("summary").click()
    assert fold.locator("pre").first.is_visible()
    page.context.close()
