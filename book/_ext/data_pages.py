"""Write one page for each table from ``data/datapackage.json`` and the table itself."""

import hashlib
import json
import re
from pathlib import Path

import pandas as pd
from sphinx.errors import ExtensionError

from execution import LOAD
from model_economics import datasets, figures


def write_data_pages(app, _config):
    """Write ``book/data/<table>.md`` for each table whose inputs changed, after checking it."""
    root = Path(app.srcdir)
    folder = root / "book" / "data"
    folder.mkdir(exist_ok=True)
    names = datasets.names(root)
    for path in folder.glob("*.md"):
        if path.stem not in names:
            path.unlink()
    shared = _digest(
        root / "data/datapackage.json",
        root / "book/references.bib",
        *sorted((root / "notebooks").glob("*.ipynb")),
        *sorted((root / "notebooks/model_economics").glob("*.py")),
        Path(__file__),
    )
    for name in names:
        path = folder / f"{name}.md"
        table = root / "data" / datasets.describe(name, root)["path"]
        mark = f"% made from {shared[:16]} {_digest(table)[:16]}"
        if table.exists() and path.exists() and mark in path.read_text(encoding="utf-8"):
            continue
        try:
            text = data_page(name, root)
        except datasets.DataError as error:
            raise ExtensionError(str(error)) from error
        path.write_text(f"{text}\n{mark}\n", encoding="utf-8")


def _digest(*paths):
    """Hash of the contents of files; of those that exist."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


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
        f":::{{table}} Columns of `{name}`.",
        "",
        "| column | type | unit | meaning |",
        "| :-- | :-- | :-- | :-- |",
    ]
    for field in fields:
        meaning = field["description"].replace("|", r"\|").rstrip(".") + "." + _rules(field)
        cells = (f"`{field['name']}`", field["type"], field.get("unit", ""), meaning)
        lines.append("| " + " | ".join(cells) + " |")
    title = f":::{{table}} First rows of `{name}`; the download holds all rows and columns."
    lines += [":::", "", "## First rows", "", title, "", _preview(frame, fields), ":::"]
    lines += ["", "## Used in", "", _users(name, root), "", "## Sources", ""]
    cited = sorted(datasets.source_keys(frame))
    lines.append(
        f"{len(cited)} sources: " + ", ".join(f"{{cite:t}}`{source}`" for source in cited) + "."
        if cited
        else "This table is described by the report itself."
    )
    return "\n".join(lines) + "\n"


def _users(name, root):
    """Links to the chapters that load the table."""
    users = []
    for path in sorted(Path(root, "notebooks").glob("*.ipynb")):
        if name in LOAD.findall(path.read_text(encoding="utf-8").replace('\\"', '"')):
            users.append(f"- [](../../notebooks/{path.name})")
    return "\n".join(users) or "No chapter loads this table directly."


def _preview(frame, fields, rows=5, columns=5):
    """The first rows of the first columns, without the long text columns."""
    skipped = re.compile(r"note|detail|other_sources|precision|^row_id$|title")
    wanted = [f["name"] for f in fields if not skipped.search(f["name"])]
    head = frame[wanted[:columns]].head(rows).copy()
    for column in head:
        if head[column].dtype.kind == "M":
            head[column] = head[column].dt.strftime("%Y-%m-%d")
        elif head[column].dtype.kind == "f":
            head[column] = head[column].map("{:.10g}".format).replace("nan", "")
    return figures.markdown(head.astype(object).map(_shown))


def _shown(value):
    text = "" if pd.isna(value) else str(value)
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
