"""What this book adds to Jupyter Book: fresh execution, data pages, light and offline pages."""

import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "notebooks")]

from pybtex.plugin import register_plugin  # noqa: E402

import data_pages  # noqa: E402
import execution  # noqa: E402
import pages  # noqa: E402
import refine  # noqa: E402


def looks():
    """Hash of what shapes every page: this code, templates and static files."""
    parts = ("_ext/*.py", "_templates/*", "_static/*")
    files = sorted(path for part in parts for path in HERE.parent.glob(part))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def show_buttons(_app, config):
    """Turn on the buttons that need a repository, if ``_config.yml`` gives its address."""
    options = config.html_theme_options
    known = bool(options.get("repository_url"))
    for name in ("repository", "issues", "edit_page"):
        options[f"use_{name}_button"] = known
    options["launch_buttons"] = {"binderhub_url": "https://mybinder.org"} if known else {}


def setup(app):
    """Register everything with Sphinx."""
    app.add_config_value("report_looks", looks(), "env", str)  # a change rebuilds all pages
    app.connect("config-inited", show_buttons)
    app.connect("config-inited", data_pages.write_data_pages, priority=10)
    app.connect("builder-inited", execution.execute_stale, priority=900)
    app.connect("env-get-outdated", execution.outdated)
    app.connect("html-page-context", pages.describe_page, priority=900)
    app.connect("build-finished", refine.finish, priority=1000)
    register_plugin("pybtex.style.formatting", "report", pages.ReportStyle)
    app.add_directive("report-versions", pages.Versions)
    app.add_directive("report-citation", pages.Citation)
    app.add_directive("report-figure", pages.ReportFigure)
    app.add_post_transform(pages.Borrow)
    app.add_transform(pages.FigureData)
    app.add_post_transform(pages.GluedAlt)
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(pages.visit_math, None),
        block_renderers=(pages.visit_math_block, None),
    )
    return {"parallel_read_safe": False, "parallel_write_safe": True}
