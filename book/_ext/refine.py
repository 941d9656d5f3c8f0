"""Make the written site light and accessible.

The theme sends every reader 1.5 MB of icon script and the rules of all its components. Here
each page gets one style sheet with the rules that some page can use, one script, lazy images
of known size, and names for what screen readers would find nameless.
"""

import json
import re
import shutil
from pathlib import Path

import tinycss2
from bs4 import BeautifulSoup

# Scripts of components this book does not use, and those only the search page needs.
UNUSED_SCRIPTS = re.compile(r"thebe|togglebutton|fontawesome|design-tabs")
SEARCH_SCRIPTS = re.compile(r"searchtools|language_data|searchindex")
UNUSED_INLINE = re.compile(r"thebe|toggle.?button|DOCUMENTATION_OPTIONS\.", re.I)
# Classes that scripts add, so that no page shows them before it runs.
SCRIPTED = {
    "active", "collapse", "collapsing", "collapsed", "copybtn", "success", "fade", "show",
    "dropdown-menu", "highlighted", "scrolled", "search", "search-summary", "tooltip",
    "tooltip-arrow", "tooltip-inner", "bs-tooltip-auto", "bs-tooltip-bottom", "o-tooltip--left",
    "kind-title", "kind-text", "kind-object", "kind-index", "context", "hide-search-matches-link",
    "searchbox", "sidebar-hidden", "pst-sidebar-hidden", "hide-on-wide", "disabled",
}  # fmt: skip
# What the bundle replaces, and files of the theme that no page loads.
DROPPED = (
    "_static/**/*.map", "_static/**/*.LICENSE.txt", "_static/scripts", "_static/styles",
    "_static/vendor", "_static/webfonts", "_static/locales", "_static/*.css",
    "_static/sphinx-thebe*", "_static/togglebutton.js", "_static/design-tabs.js",
    "_static/*macros.html", "_static/*.png", "_static/__*__*", "_static/*-solid.svg",
    "_static/clipboard.min.js", "_static/copybutton*.js", "_static/copy-button.svg",
    "_static/doctools.js", "_static/sphinx_highlight.js", "_static/documentation_options.js",
    "objects.inv",
)  # fmt: skip


def finish(app, exception):
    """Bundle styles and scripts, rewrite the pages, and drop files that no page uses."""
    if exception is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    forget_removed(out, app.env)
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in sorted(out.rglob("*.html"))
        if "_static" not in path.relative_to(out).parts
    }
    fresh = {
        path: BeautifulSoup(text, "html.parser")
        for path, text in texts.items()
        if "_static/pygments.css" in text  # as Sphinx wrote it, not yet rewritten
    }
    if fresh:
        page_path, page = next(iter(fresh.items()))
        write_styles(out, page_path, page, texts.values())
        write_scripts(out, page_path, page)
    for path, page in fresh.items():
        refine(path, page, "../" * (len(path.relative_to(out).parts) - 1))
        path.write_text(str(page), encoding="utf-8")
    tidy_search_index(out / "searchindex.js")
    shown = {name for _, name in app.env.images.values()}
    for text in texts.values():  # logos of launch buttons
        shown.update(re.findall(r"_static/images/([\w.-]+)", text))
    drop(out, shown)


def forget_removed(out, env):
    """Delete what earlier builds wrote for pages and downloads that are no longer there."""
    kept = {f"{page}.html" for page in env.found_docs | {"index", "genindex", "search"}}
    kept |= {f"_downloads/{name}" for _, name in env.dlfiles.values()}
    sources = {f"_sources/{page}" for page in env.found_docs}
    for path in [p for p in out.rglob("*") if p.is_file()]:
        name = path.relative_to(out).as_posix()
        ours = path.suffix == ".html" or name.startswith(("_downloads/", "_sources/"))
        source = name.startswith("_sources/") and name.rsplit(".", 1)[0] in sources
        if ours and not source and name not in kept and not name.startswith("_static/"):
            path.unlink()
    for folder in sorted((p for p in out.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def tidy_search_index(path):
    """Forget words that no page has any more, so that the site does not depend on past builds."""
    if path.exists():
        text = path.read_text(encoding="utf-8")
        start, end = text.index("(") + 1, text.rindex(")")
        index = json.loads(text[start:end])
        for part in ("terms", "titleterms"):
            index[part] = {word: pages for word, pages in index[part].items() if pages != []}
        tidy = json.dumps(index, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        path.write_text(text[:start] + tidy + text[end:], encoding="utf-8")


def refine(path, page, up):
    """Rewrite one page; ``up`` is the relative way to the site's root."""
    for sheet in page.select("link[rel=stylesheet], link[rel=preload]"):
        sheet.decompose()
    for script in page.select("script"):
        source = script.get("src", "")
        if SEARCH_SCRIPTS.search(source) and path.name == "search.html":
            script["defer"] = ""
        elif source or script.get("type") or UNUSED_INLINE.search(script.text):
            script.decompose()
    # Before all other scripts of the page: the search page's build on it.
    script = page.new_tag("script", attrs={"src": f"{up}_static/book.js", "defer": ""})
    sheet = page.new_tag("link", attrs={"rel": "stylesheet", "href": f"{up}_static/book.css"})
    page.head.title.insert_after(sheet, script)
    for image in page.select("article img"):
        image["loading"] = "lazy"
        size = svg_size(path.parent / image["src"])
        if size:
            image["width"], image["height"] = size
    name_controls(page)


def name_controls(page):
    """Give assistive technology the names and regions that the theme leaves out."""
    for summary in page.select("nav summary"):
        summary["aria-label"] = "Pages of this section"
    for control in page.select("button.search-button-field, details.hide > summary"):
        for attribute in ("aria-label", "title", "data-bs-toggle"):  # their text is their name
            del control[attribute]
    for button in page.select("button[title]:not([aria-label])"):
        button["aria-label"] = button["title"]
    for item in page.select(".citation-list, .citation"):
        del item["role"]  # the theme's roles are deprecated and do not fit each other
    sidebar = page.select_one("#pst-primary-sidebar")
    if sidebar:
        sidebar["role"], sidebar["aria-label"] = "navigation", "Book"
    for box in page.select("article .pst-scrollable-table-container, article pre"):
        box["tabindex"] = "0"


def svg_size(path):
    """Width and height in CSS pixels of an SVG that was drawn in points, or None."""
    if path.suffix != ".svg" or not path.exists():
        return None
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', path.read_text(encoding="utf-8")[:1000])
    return tuple(str(round(float(points) * 96 / 72)) for points in box.groups()) if box else None


def write_scripts(out, page_path, page):
    """Bundle the theme's scripts, in the order in which the page loads them."""
    parts = []
    for script in page.select("script[src]"):
        source = script["src"]
        if not UNUSED_SCRIPTS.search(source) and not SEARCH_SCRIPTS.search(source):
            text = linked(page_path, source).read_text(encoding="utf-8")
            parts.append(re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE))
    (out / "_static" / "book.js").write_text(";\n".join(parts), encoding="utf-8")


def write_styles(out, page_path, page, texts):
    """Bundle the style sheets, keeping the rules whose classes and ids some page has."""
    used = set(SCRIPTED)
    for text in texts:
        for names in re.findall(r'\b(?:class|id)="([^"]*)"', text):
            used.update(names.split())
    rules = []
    for sheet in page.select("link[rel=stylesheet]"):
        path = linked(page_path, sheet["href"])
        if path.name == "theme.css":  # it imports basic.css, which the theme builds on
            path = out / "_static" / "basic.css"
        rules += kept(path.read_text(encoding="utf-8"), used)
    (out / "_static" / "book.css").write_text("".join(rules), encoding="utf-8")


def kept(text, used):
    """Rules of a style sheet that can apply where only ``used`` classes and ids occur."""
    sheet = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    return [css for css in (rule(node, used) for node in sheet) if css]


def rule(node, used):
    """One rule as text, reduced to selectors that can match, or an empty string."""
    if node.type == "qualified-rule":
        selectors = tinycss2.serialize(node.prelude).split(",")
        if "(" not in tinycss2.serialize(node.prelude):
            selectors = [s for s in selectors if possible(s, used)]
        elif not possible(re.sub(r"\([^()]*\)", "", tinycss2.serialize(node.prelude)), used):
            selectors = []
        body = tinycss2.serialize(node.content).strip()
        return f"{','.join(selectors).strip()}{{{body}}}\n" if selectors and body else ""
    if node.type != "at-rule" or node.lower_at_keyword in ("font-face", "import", "charset"):
        return ""
    prelude = tinycss2.serialize(node.prelude).strip()
    if node.lower_at_keyword in ("media", "supports") and node.content:
        inner = "".join(kept(tinycss2.serialize(node.content), used))
        return f"@{node.lower_at_keyword} {prelude}{{{inner}}}\n" if inner else ""
    return node.serialize() + "\n"


def possible(selector, used):
    """Whether all classes and ids that a selector names occur."""
    return all(
        name.replace("\\", "") in used for name in re.findall(r"[.#]((?:[\w-]|\\.)+)", selector)
    )


def linked(page_path, address):
    """File that a page's relative address points to."""
    return (page_path.parent / address.split("?")[0]).resolve()


def drop(out, images):
    """Delete what no page of the finished site uses."""
    for pattern in DROPPED:
        for path in sorted(out.glob(pattern)):
            if path.name not in ("book.css", "book.js"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in [*(out / "_images").glob("*"), *(out / "_static/images").glob("*")]:
        if path.name not in images:
            path.unlink()
