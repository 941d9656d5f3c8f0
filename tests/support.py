"""Where things are, and what to do when a promise cannot be tested here."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if "_static" not in path.parts
)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def needs(condition, reason):
    """Skip on a laptop, fail in continuous integration, where nothing may be left out."""
    if not condition:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
