"""What pages show beyond Jupyter Book: figure data, glued alt text, MathML, page metadata."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import yaml
from docutils import nodes
from latex2mathml.converter import convert as latex_to_mathml
from myst_nb.ext.glue.crossref import read_glue_cache
from pybtex.style.formatting.unsrt import Style as UnsrtStyle
from pybtex.style.template import field, sentence
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.math import get_node_equation_number

import execution
from model_economics import datasets

LOGGER = logging.getLogger(__name__)
GLUED = re.compile(r"\{glue:text\}`([^`]+)`")


class ReportStyle(UnsrtStyle):
    """Bibliography sorted by author, with titles as their authors wrote them."""

    default_sorting_style = "author_year_title"

    def format_title(self, _entry, which_field, as_sentence=True):
        title = field(which_field)
        return sentence[title] if as_sentence else title


class Versions(SphinxDirective):
    """Table of the versions that built this page: Python and each direct dependency."""

    def run(self):
        wanted = Path(self.env.srcdir, "requirements.in").read_text(encoding="utf-8")
        self.env.note_dependency("requirements.txt")
        rows = [f"| Python | {sys.version_info.major}.{sys.version_info.minor} | |"]
        for line in wanted.splitlines():
            found = re.match(r"([\w-]+)[^#]*#\s*(.+)", line)
            if found:
                rows.append(f"| {found[1]} | {version(found[1])} | {found[2]} |")
        head = ["| package | version | used for |", "| :-- | :-- | :-- |"]
        return self.parse_text_to_nodes("\n".join(head + rows))


class Citation(SphinxDirective):
    """How to cite the report, from CITATION.cff, as a sentence and as BibTeX."""

    def run(self):
        cff = yaml.safe_load(Path(self.env.srcdir, "CITATION.cff").read_text(encoding="utf-8"))
        self.env.note_dependency("CITATION.cff")
        author, title = cff["authors"][0]["name"], cff["title"]
        address = cff.get("repository-code") or cff.get("url")
        fields = {
            "author": f"{{{author}}}",
            "title": title,
            "year": str(cff["date-released"].year),
            "version": cff["version"],
            **({"url": address} if address else {}),
        }
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        text = (
            f"{author} ({fields['year']}). *{title}* (version {cff['version']})."
            f"{' ' + address if address else ''}\n\n"
            f"```bibtex\n@misc{{bigorsmall{fields['year']},\n{lines}\n}}\n```"
        )
        return self.parse_text_to_nodes(text)


class BorrowedFigure(nodes.General, nodes.Element):
    """Place of a figure that is shown on another page as well."""


class ReportFigure(SphinxDirective):
    """Show a chapter's figure here too: ``{report-figure} notebooks/NN_name fig-name``."""

    required_arguments = 2

    def run(self):
        document, name = self.arguments
        self.env.note_dependency(f"{document}.ipynb")
        node = BorrowedFigure(document=document, name=name)
        self.set_source_info(node)
        return [node]


class Borrow(SphinxPostTransform):
    """Put a copy of the chapter's figure, with its number, in place of BorrowedFigure."""

    default_priority = 1

    def run(self):
        for node in list(self.document.findall(BorrowedFigure)):
            document, name = node["document"], node["name"]
            pages = self.env.get_doctree(document) if document in self.env.found_docs else None
            found = [f for f in pages.findall(nodes.figure) if name in f["names"]] if pages else []
            if not found:
                LOGGER.warning("no figure %r in %r", name, document, location=node)
                node.parent.remove(node)
                continue
            figure = found[0].deepcopy()
            numbers = self.env.toc_fignumbers[document]["figure"][found[0]["ids"][0]]
            figure["ids"], figure["names"] = [f"borrowed-{name}"], []
            caption = next(figure.findall(nodes.caption))
            label = f"Fig. {'.'.join(map(str, numbers))} "
            caption.insert(0, nodes.inline(label, label, classes=["caption-number"]))
            resolve_alt(self.env, figure, document)
            node.replace_self(figure)


class FigureData(SphinxTransform):
    """Offer the data of each figure as a CSV file under its caption."""

    default_priority = 400

    def apply(self):
        document = self.env.docname
        if not document.startswith("notebooks/"):
            return
        notebook = execution.executed(self.env, self.env.doc2path(document))
        tables = _figure_tables(notebook) if notebook else {}
        folder = Path(self.env.mystnb_config.output_folder)
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
        resolve_alt(self.env, self.document, self.env.docname)


def resolve_alt(env, tree, document):
    """Fill the glued values of ``document`` into the alt texts of all images in ``tree``."""
    values = read_glue_cache(env.mystnb_config.output_folder, document)
    for image in tree.findall(nodes.image):
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
    number = ""
    if node.get("number"):
        number = f'<span class="eqno">({get_node_equation_number(self, node)})</span>'
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
