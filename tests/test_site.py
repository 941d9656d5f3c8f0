"""Promise: the built pages are whole, described, light, and lead nowhere that is not there."""

import functools
import gzip
import re
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from support import PAGES, ROOT

MAX_BYTES = 400_000
WORDS_LEFT_OVER = re.compile(r"\b(lorem ipsum|TODO|FIXME|TBD|XXX|coming soon|placeholder)\b", re.I)
MACHINE = re.compile(r"(?<![\w.])/(home|root|tmp|Users|work|opt|private)/\w")
CONTENT = [p for p in PAGES if p.startswith(("book/", "notebooks/"))]


@functools.cache
def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_site_has_pages(site):
    assert {"book/index.html", "book/references.html", "search.html"} <= set(PAGES)
    assert soup(site / "index.html").select_one("meta[http-equiv=Refresh]")


@pytest.mark.parametrize("page", CONTENT)
def test_page_is_described(site, page):
    html = soup(site / page)
    assert html.html["lang"] == "en"
    assert len(html.select("article h1")) == 1
    assert len(html.title.text.strip()) > 10
    text = html.select_one("meta[name=description]")["content"]
    assert 40 <= len(text) <= 170, text
    for name in ("og:title", "og:description", "og:site_name", "og:type"):
        assert html.select_one(f'meta[property="{name}"]')["content"].strip()


@pytest.mark.parametrize("page", CONTENT)
def test_page_shows_no_leftovers(site, page):
    html = soup(site / page)
    text = html.select_one("article").text
    assert not WORDS_LEFT_OVER.search(text), WORDS_LEFT_OVER.search(text)
    assert not MACHINE.search((site / page).read_text(encoding="utf-8"))
    assert not re.search(r"\{(glue|cite|numref|ref|download|term)[:}]", text), "a role is left raw"
    assert "\\frac" not in text or html.select("annotation"), "raw mathematics"


@pytest.mark.parametrize("page", PAGES)
def test_links_resolve(site, page):
    path = site / page
    for link in soup(path).select("a[href], link[href], script[src], img[src]"):
        address = urlsplit(link.get("href") or link.get("src"))
        if address.scheme or address.netloc:
            assert link.name == "a", f"{link} is loaded from another host"
            continue
        target = (path.parent / unquote(address.path)).resolve() if address.path else path
        assert target.exists(), f"{page}: {link.get('href') or link.get('src')}"
        if address.fragment and target.suffix == ".html":
            found = soup(target).find(id=unquote(address.fragment))
            assert found is not None, f"{page}: no anchor {address.fragment} in {target.name}"


@pytest.mark.parametrize("page", CONTENT)
def test_figures_and_tables_are_described(site, page):
    html = soup(site / page)
    for image in html.select("article img"):
        alt = image.get("alt", "")
        assert len(alt) >= 40 and not re.search(r"\.(svg|png)$|^_?images?/|`", alt), alt
        assert image.get("width") and image.get("height") and image.get("loading") == "lazy"
        caption = image.find_parent("figure").figcaption
        assert re.match(r"Fig\. \d", caption.text.strip()), caption
        assert caption.select("a.download[href$='.csv']"), "the figure's data is offered"
    if page.startswith("notebooks/"):
        for table in html.select("article table"):
            assert table.caption and re.match(r"Table \d", table.caption.text.strip()), page


@pytest.mark.parametrize("page", CONTENT)
def test_page_is_light(site, page):
    """Everything that page can load, compressed as a server does it."""
    html = soup(site / page)
    used = {site / page}
    for tag in html.select("link[rel=stylesheet], link[rel=icon], script[src], img[src]"):
        used.add((site / page).parent / urlsplit(tag.get("href") or tag["src"]).path)
    weights = {path.name: len(gzip.compress(path.read_bytes(), 6)) for path in used}
    assert sum(weights.values()) <= MAX_BYTES, weights


def test_tables_can_be_downloaded(site):
    from model_economics import datasets

    offered = {path.name for path in (site / "_downloads").rglob("*.csv")}
    assert {f"{name}.csv" for name in datasets.names()} <= offered
    for name in datasets.names():
        assert f"book/data/{name}.html" in PAGES


def test_equations_have_the_number_they_are_cited_by(site):
    html = soup(site / "book/methods.html")
    for link in html.select("a[href^='#equation-']"):
        block = html.find(id=link["href"][1:])
        assert block.select_one(".eqno").text == link.text


def test_readme_and_front_page_agree(site):
    """The findings of the README are the first ones of the front page, word for word."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^- (.+)$", readme.split("## Findings")[1].split("\n## ")[0], re.MULTILINE)
    items = soup(site / "book/index.html").select("article li")
    shown = [" ".join(item.text.replace("’", "'").split()) for item in items]
    assert len(told) == 3
    for finding in told:
        assert finding.replace("**", "") in shown, finding


def test_chapters_offer_their_notebook(site):
    for page in CONTENT:
        if page.startswith("notebooks/"):
            link = soup(site / page).select_one("a.btn-download-source-button")
            assert link["href"].endswith(".ipynb")
