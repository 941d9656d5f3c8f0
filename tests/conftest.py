"""Fixtures of several test files."""

import pytest

from support import SITE, needs


@pytest.fixture(scope="session")
def site():
    """Folder of the built site."""
    needs((SITE / "index.html").exists(), "no built site: run `make book` first")
    return SITE
