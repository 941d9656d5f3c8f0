"""What this book adds to Jupyter Book: fresh execution, data pages, light and offline pages.

Jupyter Book's own cache looks only at a notebook's code. Here a notebook is executed again
when its code, a table it loads, the shared library, the locked packages or Python changed,
and all stale notebooks run at once, one for each core.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from docutils import nodes
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from latex2mathml.converter import convert as latex_to_mathml
from myst_nb.ext.glue.crossref import read_glue_cache
from sphinx import addnodes
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "notebooks"))

from model_economics import datasets, figures  # noqa: E402

LOGGER = logging.getLogger(__name__)
LOAD = re.compile(r"""\bload\(\s*["'](\w+)["']""")
GLUED = re.compile(r"\{glue:text\}`([^`]+)`")
FIGURE_WORDS = re.compile(r"[{}`*$]")


# ---- data pages ------------------------------------------------------------------------


def write_data_pages(app, _config):
    """Write ``book/data/<table>.md`` for each table, after checking the table."""
    folder = Path(app.srcdir, "book", "data")
    folder.mkdir(exist_ok=True)
    pages = {}
    for name in datasets.names(app.srcdir):
        try:
            datasets.check(name, app.srcdir)
        except datasets.DataError as error:
            raise ExtensionError(str(error)) from error
        pages[folder / f"{name}.md"] = data_page(name, app.srcdir)
    for path in set(folder.glob("*.md")) - set(pages):
        path.unlink()
    for path, text in pages.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def data_page(name, root):
    """Markdown of the page that describes table ``name``."""
    resource = datasets.describe(name, root)
    frame = datasets.load(name, root)
    fields = resource["schema"]["fields"]
    key = resource["schema"].get("primaryKey", [])
    lines = [
        "---",
        f"description: {json.dumps(_short(resource['description']))}",
        "---",
        f"(data-{name.replace('_', '-')})=",
        f"# {resource['title']}",
        "",
        resource["description"],
        "",
        f"{{download}}`Download {resource['path']} <../../data/{resource['path']}>` · "
        f"{len(frame):,} rows · {len(fields)} columns · sources read up to "
        f"{resource['sourcesRead']} · {resource['licenses'][0]['name']} "
        f"({resource['licenses'][0]['title']})",
        "",
        "## Columns",
        "",
        f"The key is {_listed(key)}. An empty cell means that no source read gives the value.",
        "",
        "| column | type | unit | meaning |",
        "| :-- | :-- | :-- | :-- |",
    ]
    for field in fields:
        meaning = field["description"].replace("|", r"\|") + _rules(field)
        cells = (f"`{field['name']}`", field["type"], field.get("unit", ""), meaning)
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "## First rows", "", _preview(frame, fields), "", "## Sources", ""]
    cited = sorted(datasets.source_keys(frame))
    lines.append(
        f"{len(cited)} sources: " + ", ".join(f"{{cite:t}}`{source}`" for source in cited) + "."
        if cited
        else "This table is described by the report itself."
    )
    return "\n".join(lines) + "\n"


def _preview(frame, fields, rows=5, columns=7):
    """The first rows, without the long text columns."""
    wanted = [f["name"] for f in fields if not re.search(r"note|detail|other_sources", f["name"])]
    head = frame[wanted[:columns]].head(rows).copy()
    for column in head:
        if head[column].dtype.kind == "M":
            head[column] = head[column].dt.strftime("%Y-%m-%d")
        elif head[column].dtype.kind == "f":
            head[column] = head[column].map("{:.10g}".format).replace("nan", "")
    return figures.markdown(head.astype(object).map(_shown))


def _shown(value):
    text = "" if value is None or value != value else str(value)
    return re.sub(r"([$*_`<\[])", r"\\\1", text if len(text) <= 60 else text[:57] + "…")


def _rules(field):
    rules = field.get("constraints", {})
    if "enum" in rules:
        return " One of: " + ", ".join(f"`{value}`" for value in rules["enum"]) + "."
    return " Always filled." if rules.get("required") else ""


def _listed(key):
    return ", ".join(f"`{column}`" for column in ([key] if isinstance(key, str) else key))


def _short(text, limit=150):
    """The first sentences that fit into a search engine's description."""
    text = re.sub(r"[`*]", "", text).strip()
    return text if len(text) <= limit else text[: text.rindex(" ", 0, limit - 1)] + "…"


# ---- execution -------------------------------------------------------------------------


def fingerprint(path, root=ROOT):
    """Hash of all that the outputs of a notebook depend on."""
    notebook = nbformat.read(path, as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    digest = hashlib.sha256(f"{sys.version_info[:2]}\n{code}".encode())
    for name in sorted(set(LOAD.findall(code))):
        resource = datasets.describe(name, root)
        digest.update(json.dumps(resource, sort_keys=True).encode())
        digest.update(Path(root, "data", resource["path"]).read_bytes())
    library = Path(root, "notebooks", "model_economics")
    shared = [p for p in library.rglob("*") if p.suffix in (".py", ".mplstyle")]
    for source in sorted([*shared, Path(root, "requirements.txt")]):
        if source.exists():
            digest.update(source.read_bytes())
    return digest.hexdigest()


def execute_stale(app):
    """Execute every notebook of the book whose fingerprint changed, in parallel."""
    cache_path = app.env.mystnb_config.execution_cache_path
    store = Path(cache_path, "fingerprints.json")
    cache = get_cache(cache_path)
    known = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {}
    documents = sorted(p.stem for p in Path(app.srcdir, "notebooks").glob("*.ipynb"))
    documents = [f"notebooks/{stem}" for stem in documents]
    site_map = app.config.external_site_map
    paths = {
        d: Path(app.srcdir, f"{d}.ipynb")
        for d in documents
        if d in site_map or f"{d}.ipynb" in site_map
    }
    prints = {document: fingerprint(path, app.srcdir) for document, path in paths.items()}
    stale = [
        d for d, path in paths.items() if prints[d] != known.get(d) or not _cached(cache, path)
    ]
    app.env.stale_notebooks = stale
    if not stale:
        return
    message = f"executing {len(stale)} of {len(paths)} notebooks: {', '.join(stale)}"
    print(message, file=sys.stderr, flush=True)
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    timeout = app.config.nb_execution_timeout
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = list(pool.map(lambda d: _execute(paths[d], timeout), stale))
    for document, result in zip(stale, results, strict=True):
        if result.err is not None:
            raise ExtensionError(_failure(paths[document], result))
        record = _cached(cache, paths[document])
        if record is not None:
            cache.remove_cache(record.pk)
        seconds = {"execution_seconds": result.time}
        bundle = CacheBundleIn(result.nb, str(paths[document]), data=seconds)
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        known[document] = prints[document]
    known = {document: known[document] for document in paths if document in known}
    store.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")


def _execute(path, timeout):
    notebook = nbformat.read(path, as_version=4)
    quiet = ["--IPKernelApp.log_level=40"]  # it warns of TCP on the loopback interface
    return single_nb_execution(
        notebook, str(path.parent), timeout, allow_errors=False, extra_arguments=quiet
    )


def _cached(cache, path):
    """The cache's record of a notebook's code, or None."""
    try:
        return cache.match_cache_notebook(nbformat.read(path, as_version=4))
    except KeyError:
        return None


def _failure(path, result):
    """One message that names notebook, cell and error."""
    for number, cell in enumerate(result.nb.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return (
                    f"notebooks/{path.name}, cell {number}: {output.ename}: {output.evalue}\n"
                    f"{cell.source}"
                )
    return f"notebooks/{path.name}: {result.err}"


def outdated(app, _env, _added, _changed, _removed):
    """Pages to read again: executed notebooks, and pages that paste their numbers."""
    stale = list(app.env.stale_notebooks)
    return stale + [d for d in app.env.found_docs if d.startswith("book/") and stale]


# ---- what a page shows -----------------------------------------------------------------


class FigureData(SphinxTransform):
    """Offer the data of each figure as a CSV file under its caption."""

    default_priority = 400

    def apply(self):
        document = self.env.docname
        folder = Path(self.env.mystnb_config.output_folder)
        executed = folder / f"{document}.ipynb"
        if not document.startswith("notebooks/") or not executed.exists():
            return
        tables = _figure_tables(json.loads(executed.read_text(encoding="utf-8")))
        for figure in self.document.findall(nodes.figure):
            for name in figure.get("names", []):
                if name not in tables:
                    continue
                path = folder / "notebooks" / f"{name}.csv"
                path.write_text(tables[name], encoding="utf-8")
                target = "/" + os.path.relpath(path, self.env.srcdir).replace(os.sep, "/")
                link = addnodes.download_reference("", "", reftarget=target, refdoc=document)
                link += nodes.Text("Data of this figure (CSV)")
                figure += nodes.legend("", nodes.paragraph("", "", link))


def _figure_tables(notebook):
    """CSV text of each figure of an executed notebook, by the figure's name."""
    tables = {}
    for cell in notebook["cells"]:
        name = cell["metadata"].get("mystnb", {}).get("figure", {}).get("name")
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/csv")
            if name and text:
                tables[name] = "".join(text)
    return tables


class GluedAlt(SphinxPostTransform):
    """Replace ``{glue:text}`key``` in alt texts, as in prose."""

    default_priority = 3

    def run(self):
        values = read_glue_cache(self.env.mystnb_config.output_folder, self.env.docname)
        for image in self.document.findall(nodes.image):
            for key in GLUED.findall(image.get("alt", "")):
                if key not in values:
                    LOGGER.warning("alt text: no glued value %r", key, location=image)
            image["alt"] = GLUED.sub(lambda m: _glued(values, m[1]), image.get("alt", ""))


def _glued(values, key):
    return values[key]["data"]["text/plain"].strip("'\"") if key in values else key


def visit_math(self, node):
    """Inline mathematics as MathML, which browsers draw without a script."""
    self.body.append(latex_to_mathml(node.astext()))
    raise nodes.SkipNode


def visit_math_block(self, node):
    """Displayed mathematics as MathML, with the equation's number."""
    number = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
    anchor = f' id="{node["ids"][0]}"' if node.get("ids") else ""
    markup = latex_to_mathml(node.astext(), display="block")
    self.body.append(f'<div class="math-block" tabindex="0"{anchor}>{markup}{number}</div>')
    raise nodes.SkipNode


def describe_page(app, pagename, _template, context, _doctree):
    """Description, social metadata and date of last change for the page's head."""
    meta = app.env.metadata.get(pagename, {})
    context["page_description"] = meta.get("description", "")
    context["book_title"] = app.config.html_title
    context["last_updated"] = changed_on(app.srcdir, pagename)


def changed_on(root, pagename):
    """Date of the last commit to a page's source, or to the table it describes."""
    if pagename.startswith("book/data/"):
        name = pagename.removeprefix("book/data/")
        paths = [f"data/{name}.csv"] if name in datasets.names(root) else []
    else:
        paths = [f"{pagename}{suffix}" for suffix in (".md", ".ipynb")]
    git = shutil.which("git")
    if not paths or git is None:
        return None
    command = [git, "-C", str(root), "log", "-1", "--format=%cs", "--", *paths]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() or None


# ---- after the pages are written -------------------------------------------------------


def finish(app, exception):
    """Make written pages light and accessible, and drop files no page uses."""
    if exception is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for path in sorted(out.rglob("*.html")):
        if "_static" not in path.relative_to(out).parts:
            refine(path)
    wanted = {name for _, name in app.env.images.values()}
    for image in (out / "_images").glob("*") if (out / "_images").exists() else ():
        if image.name not in wanted:
            image.unlink()
    for pattern in UNUSED:
        for path in out.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


# Files of the theme that no page of this book loads.
UNUSED = (
    "_static/**/*.map",
    "_static/scripts/fontawesome*",
    "_static/vendor",
    "_static/webfonts",
    "_static/locales",
    "_static/images",
    "_static/sphinx-thebe*",
    "_static/togglebutton*",
    "_static/sbt-webpack-macros.html",
    "_static/webpack-macros.html",
    "_static/__init__.py",
    "_static/__pycache__",
    ".buildinfo",
    "objects.inv",
)


def refine(path):
    """Rewrite one page of HTML in place; doing it twice changes nothing."""
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for script in page.select("script[src]"):
        if re.search(r"thebe|togglebutton|fontawesome", script["src"]):
            script.decompose()
        else:
            script["defer"] = ""
    for script in page.select("script:not([src])"):
        if re.search(r"thebe|toggle.?button|DOCUMENTATION_OPT", script.text, re.IGNORECASE):
            script.decompose()
    for sheet in page.select("link[rel=stylesheet]"):
        if re.search(r"thebe|togglebutton", sheet["href"]):
            sheet.decompose()
    for image in page.select("article img"):
        image["loading"] = "lazy"
    path.write_text(str(page), encoding="utf-8")


def setup(app):
    """Register everything with Sphinx."""
    app.connect("config-inited", write_data_pages, priority=10)
    app.connect("builder-inited", execute_stale, priority=900)
    app.connect("env-get-outdated", outdated)
    app.connect("html-page-context", describe_page, priority=900)
    app.connect("build-finished", finish)
    app.add_transform(FigureData)
    app.add_post_transform(GluedAlt)
    app.add_html_math_renderer(
        "mathml", inline_renderers=(visit_math, None), block_renderers=(visit_math_block, None)
    )
    return {"parallel_read_safe": False, "parallel_write_safe": True}
