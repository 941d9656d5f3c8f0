"""Write one page for each table from ``data/datapackage.json`` and the table itself."""

import json
import re
from pathlib import Path

import pandas as pd
from sphinx.errors import ExtensionError

from execution import LOAD
from model_economics import datasets, figures


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
        meaning = field["description"].replace("|", r"\|").rstrip(".") + "." + _rules(field)
        cells = (f"`{field['name']}`", field["type"], field.get("unit", ""), meaning)
        lines.append("| " + " | ".join(cells) + " |")
    preview = _preview(frame, fields)
    lines += ["", "## First rows", "", "The download holds all rows and columns.", "", preview]
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
